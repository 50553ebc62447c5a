package gowa

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greengate/instance"
)

// User is somebody who may call, and the tenant whose devices they see. The password is kept as a hash.
type User struct {
	Tenant string
	hash   [sha256.Size]byte // of name:password
}

// ParseUser reads a user written as tenant/user:password. Its error does not show them.
func ParseUser(text string) (User, error) {
	tenant, credentials, _ := strings.Cut(text, "/")
	name, password, _ := strings.Cut(credentials, ":")
	if tenant == "" || name == "" || password == "" {
		return User{}, errors.New("must be of the form tenant/user:password")
	}
	return User{tenant, sha256.Sum256([]byte(credentials))}, nil
}

// tenant returns whose devices the caller of a request sees; ok is false for wrong credentials and for none. Basic authentication sends
// no tenant, so a name and password that two tenants share let nobody in.
func (s *server) tenant(r *http.Request) (tenant string, ok bool) {
	name, password, _ := r.BasicAuth()
	hash := sha256.Sum256([]byte(name + ":" + password))
	matches := 0
	for _, user := range s.config.Users {
		if subtle.ConstantTimeCompare(hash[:], user.hash[:]) == 1 {
			tenant = user.Tenant
			matches++
		}
	}
	return tenant, matches == 1
}

var errDeviceRequired = reply{
	status: http.StatusBadRequest, code: "DEVICE_ID_REQUIRED",
	text: "more than one device: name it in the header X-Device-Id or the query parameter device_id",
}

// unknownDevice answers for an id that the tenant has no device of.
func unknownDevice(id string) error {
	r := replyTo(instance.KindUnknownInstance)
	r.text, r.deviceID = "no such device; list or create devices at /devices", &id
	return r
}

// device finds the device a request means: that of the path, of the header X-Device-Id, of the query, or else the tenant's only one.
func (s *server) device(r *http.Request, tenant string) (*instance.Instance, error) {
	id := r.PathValue("device_id")
	if id == "" {
		id = r.Header.Get("X-Device-Id")
		if decoded, err := url.PathUnescape(id); err == nil {
			id = decoded
		}
	}
	if id == "" {
		id = r.URL.Query().Get("device_id")
	}
	if id != "" {
		return s.owned(tenant, id)
	}
	switch all := s.manager.Owned(tenant); len(all) {
	case 0:
		return nil, unknownDevice("")
	case 1:
		return all[0], nil
	default:
		return nil, errDeviceRequired
	}
}

func (s *server) owned(tenant, id string) (*instance.Instance, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, unknownDevice(id)
	}
	i, err := s.manager.Instance(instance.ID(n))
	if err != nil || i.Owner() != tenant || !i.DeletedAt().IsZero() {
		return nil, unknownDevice(id)
	}
	return i, nil
}
