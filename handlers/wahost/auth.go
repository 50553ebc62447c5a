package wahost

import (
	"errors"
	"net/http"
	"strings"

	"greengate/instance"
)

// Capability is a set of what a caller may do.
type Capability uint8

// The capabilities, which do not include each other.
const (
	Read   Capability = 1 << iota // look at sessions and contacts
	Send                          // act towards contacts
	Manage                        // create, pair, start, stop and delete sessions
)

// roles are the capabilities of the roles that a JWT can name; any other role has none.
var roles = map[string]Capability{
	"owner":  Read | Send | Manage,
	"admin":  Read | Send | Manage,
	"member": Read | Send,
	"viewer": Read,
}

func (c Capability) has(wanted Capability) bool { return c&wanted == wanted }

// String is the name of a single capability.
func (c Capability) String() string {
	switch c {
	case Read:
		return "read"
	case Send:
		return "send"
	case Manage:
		return "manage"
	default:
		return "unknown"
	}
}

// parseCapabilities reads names joined by +.
func parseCapabilities(text string) (Capability, error) {
	var all Capability
	for name := range strings.SplitSeq(text, "+") {
		found := Capability(0)
		for _, c := range []Capability{Read, Send, Manage} {
			if c.String() == name {
				found = c
			}
		}
		if found == 0 {
			return 0, errors.New("capabilities must be read, send or manage, joined by +")
		}
		all |= found
	}
	return all, nil
}

// APIKey lets programs act for an organisation.
type APIKey struct {
	Organization string
	Capabilities Capability
	Key          instance.Token
}

// ParseAPIKey reads organisation/capabilities/key, such as acme/read+send/wh_5f2c. Its errors never show the key.
func ParseAPIKey(text string) (APIKey, error) {
	parts := strings.SplitN(text, "/", 3)
	if len(parts) != 3 || parts[0] == "" || parts[2] == "" {
		return APIKey{}, errors.New("must be organisation/capabilities/key")
	}
	capabilities, err := parseCapabilities(parts[1])
	return APIKey{parts[0], capabilities, instance.Token(parts[2])}, err
}

// caller is who a credential stands for.
type caller struct {
	organization string
	capabilities Capability
}

var errUnauthorized = reply{http.StatusUnauthorized, "unauthorized", "a valid bearer token is required"}

// authenticate finds out who calls: by a JWT, or else by an API key.
func (s *server) authenticate(r *http.Request) (caller, error) {
	scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	credential = strings.TrimSpace(credential)
	if !strings.EqualFold(scheme, "Bearer") || credential == "" {
		return caller{}, errUnauthorized
	}
	c, err := caller{}, error(errUnauthorized)
	if s.tokens != nil && looksLikeJWT(credential) {
		c, err = s.tokens.caller(r.Context(), credential)
	}
	if err == nil {
		return c, nil
	}
	if holder, ok := s.keyHolder(instance.Token(credential)); ok {
		return holder, nil
	}
	return caller{}, err
}

// keyHolder compares with every key, so that the time taken does not tell which one was close.
func (s *server) keyHolder(key instance.Token) (c caller, ok bool) {
	for _, known := range s.apiKeys {
		if known.Key.Equal(key) {
			c, ok = caller{known.Organization, known.Capabilities}, true
		}
	}
	return c, ok
}
