package wahost

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// clockLeeway is how far the clock of the issuer may be off.
const clockLeeway = 30 * time.Second

// algorithms are the asymmetric ones: with a symmetric one anybody who can read the key set could sign.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// JWT says which login tokens are taken: those signed by a key of the set at JWKSURL. Empty Issuer and Audience are not checked.
type JWT struct {
	JWKSURL           string
	Issuer            string
	Audience          string
	OrganizationClaim string
	RoleClaim         string
	// Transport fetches the key set; nil for one that reaches public addresses only, and this machine when JWKSURL names it.
	Transport http.RoundTripper
}

// tokens checks JWTs.
type tokens struct {
	JWT
	keys   *keySet
	parser *jwt.Parser
}

func newTokens(j JWT, log *slog.Logger) *tokens {
	options := []jwt.ParserOption{jwt.WithValidMethods(algorithms), jwt.WithLeeway(clockLeeway), jwt.WithExpirationRequired()}
	if j.Issuer != "" {
		options = append(options, jwt.WithIssuer(j.Issuer))
	}
	if j.Audience != "" {
		options = append(options, jwt.WithAudience(j.Audience))
	}
	return &tokens{JWT: j, keys: newKeySet(j, log), parser: jwt.NewParser(options...)}
}

// looksLikeJWT keeps API keys away from the parser.
func looksLikeJWT(credential string) bool { return strings.Count(credential, ".") == 2 }

// caller checks a JWT and reads who it is about. A key set that cannot be had gives errNoKeys, everything else errUnauthorized.
func (t *tokens) caller(ctx context.Context, credential string) (caller, error) {
	claims := jwt.MapClaims{}
	_, err := t.parser.ParseWithClaims(credential, claims, t.keys.keyfunc(ctx))
	if errors.Is(err, errNoKeys) {
		return caller{}, errNoKeys
	} else if err != nil {
		return caller{}, errUnauthorized
	}
	organization, _ := claims[t.OrganizationClaim].(string)
	role, _ := claims[t.RoleClaim].(string)
	if organization == "" {
		return caller{}, errUnauthorized
	}
	return caller{organization, roles[role]}, nil
}
