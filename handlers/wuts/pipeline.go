package wuts

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"greengate/handlers/document"
	"greengate/instance"
)

// route is one row of the table.
type route struct {
	document.Row
	manages bool // needs a manager or an admin
	image   bool // its body carries a picture
	older   bool // errors have neither error_code nor timestamp
	handle  func(*server, *call) (any, error)
}

// call is one authenticated request. The device is nil on routes about the tenant's devices as such.
type call struct {
	*http.Request
	*server
	user   User
	device *instance.Instance
	limit  int64 // bytes of the body
}

// named is a request that may name a device.
type named interface{ deviceID() string }

// onTenant completes a row that concerns no single device.
func onTenant[Req, Resp any](r route, row document.Row, handle func(*call, Req) (Resp, error)) route {
	return complete(r, row, func(c *call, request Req) (any, error) { return handle(c, request) }, reflect.TypeFor[Resp]())
}

// onDevice completes a row that concerns one device.
func onDevice[Req named, Resp any](r route, row document.Row, handle func(*call, Req) (Resp, error)) route {
	return complete(r, row, func(c *call, request Req) (_ any, err error) {
		if c.device, err = c.find(c.user.tenant, request.deviceID()); err != nil {
			return nil, err
		}
		return handle(c, request)
	}, reflect.TypeFor[Resp]())
}

func complete[Req any](r route, row document.Row, handle func(*call, Req) (any, error), response reflect.Type) route {
	r.Row = row
	r.Request, r.Response = reflect.TypeFor[Req](), response
	r.handle = func(s *server, c *call) (any, error) {
		var request Req
		if err := decode(c, &request); err != nil {
			return nil, err
		}
		return handle(c, request)
	}
	return r
}

const maxJSONBody = 100 << 10

// serve runs a route: token, role, input, device, call.
func (s *server) serve(row route) http.Handler {
	limit := int64(maxJSONBody)
	if row.image {
		limit += s.MaxPicture / 3 * 4
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := s.call(&row, r, limit)
		switch {
		case err == nil:
			writeJSON(w, row.Status, answer)
		case row.older:
			s.writeOlderError(w, r, err)
		default:
			s.writeError(w, r, err)
		}
	})
}

func (s *server) call(row *route, r *http.Request, limit int64) (any, error) {
	user, ok := userOf(s.Users, r.Header)
	if !ok {
		return nil, errUnauthorized
	}
	if row.manages && !user.mayManage() {
		return nil, errRole
	}
	return row.handle(s, &call{Request: r, server: s, user: user, limit: limit})
}

// find returns the tenant's device with this id, or its only one when the id is empty.
func (s *server) find(tenant, id string) (*instance.Instance, error) {
	owned := s.manager.Owned(tenant)
	if id == "" {
		if len(owned) == 1 {
			return owned[0], nil
		}
		return nil, invalid("device_id", "device_id is required", "")
	}
	for _, i := range owned {
		if strings.EqualFold(id, DeviceID(i.ID)) {
			return i, nil
		}
	}
	for _, i := range s.manager.Instances() {
		if i.DeletedAt().IsZero() && strings.EqualFold(id, DeviceID(i.ID)) {
			return nil, errForeignDevice
		}
	}
	return nil, errNoDevice
}

var deviceNamespace = uuid.MustParse("8f3a5d0e-4c8b-4e57-9f0d-6b1a2c7e9d34")

// DeviceID is the UUID by which the dialect calls an instance. It follows from the instance's id and never changes.
func DeviceID(id instance.ID) string {
	return uuid.NewSHA1(deviceNamespace, []byte(strconv.FormatInt(int64(id), 10))).String()
}
