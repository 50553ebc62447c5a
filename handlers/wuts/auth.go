package wuts

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// role is what a user may do within the tenant.
type role string

const (
	roleUser    role = "user"
	roleManager role = "manager"
	roleAdmin   role = "admin"
)

// User is one holder of a token. The token itself is not kept.
type User struct {
	tenant string
	role   role
	hash   [sha256.Size]byte
}

// ParseUser reads tenant/role/token: a role of admin, manager or user, and a UUID v4. Its errors do not repeat the text.
func ParseUser(text string) (User, error) {
	tenant, rest, _ := strings.Cut(text, "/")
	name, token, complete := strings.Cut(rest, "/")
	if !complete || tenant == "" {
		return User{}, errors.New("not of the form tenant/role/token")
	}
	if !slices.Contains([]role{roleUser, roleManager, roleAdmin}, role(name)) {
		return User{}, errors.New("the role is not one of admin, manager, user")
	}
	if id, err := uuid.Parse(token); err != nil || id.Version() != 4 || id.String() != token {
		return User{}, errors.New("the token is not a UUID v4 in lower case")
	}
	return User{tenant, role(name), sha256.Sum256([]byte(token))}, nil
}

// mayManage tells whether the user creates and deletes devices.
func (u User) mayManage() bool { return u.role == roleAdmin || u.role == roleManager }

// userOf finds the user of a request by its Authorization header alone: a bearer token, or the token by itself.
func userOf(users []User, header http.Header) (User, bool) {
	token := strings.TrimSpace(header.Get("Authorization"))
	if scheme, rest, two := strings.Cut(token, " "); two && strings.EqualFold(scheme, "bearer") {
		token = strings.TrimSpace(rest)
	}
	hash := sha256.Sum256([]byte(token))
	found := -1
	for n, user := range users { // all of them, so that the time tells nothing
		if subtle.ConstantTimeCompare(user.hash[:], hash[:]) == 1 {
			found = n
		}
	}
	if found < 0 {
		return User{}, false
	}
	return users[found], true
}
