package wahost

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// issuer signs tokens and serves the set of its public keys.
type issuer struct {
	t       *testing.T
	public  []jwkset.JWKMarshal
	broken  bool
	fetches int
}

func (i *issuer) RoundTrip(*http.Request) (*http.Response, error) {
	i.fetches++
	if i.broken {
		return nil, io.ErrUnexpectedEOF
	}
	body, err := json.Marshal(jwkset.JWKSMarshal{Keys: i.public})
	if err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	_, _ = recorder.Write(body)
	return recorder.Result(), nil
}

// publish adds the public half of a new key to the set and returns what signs with it.
func (i *issuer) publish(kid string) ed25519.PrivateKey {
	i.t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	i.add(kid, private.Public())
	return private
}

func (i *issuer) add(kid string, public any) {
	i.t.Helper()
	key, err := jwkset.NewJWKFromKey(public, jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: kid}})
	if err != nil {
		i.t.Fatal(err)
	}
	i.public = append(i.public, key.Marshal())
}

func (i *issuer) tokens() *tokens {
	return newTokens(JWT{
		JWKSURL: "https://login.example.com/jwks", Issuer: "login", Audience: "gateway",
		OrganizationClaim: "org", RoleClaim: "role", Transport: i,
	}, slog.New(slog.DiscardHandler))
}

// claims are good ones, with changes; a nil value takes a claim out.
func claims(changes jwt.MapClaims) jwt.MapClaims {
	all := jwt.MapClaims{"iss": "login", "aud": "gateway", "org": "acme", "role": "member", "exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range changes {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all
}

func sign(t *testing.T, method jwt.SigningMethod, key any, kid string, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	if kid != "" {
		token.Header["kid"] = kid
	}
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestTokens(t *testing.T) {
	i := &issuer{t: t}
	key := i.publish("one")
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.add("two", elliptical.Public())
	i.public = append(i.public, jwkset.JWKMarshal{KTY: "EC", CRV: "unheard-of", KID: "three", X: "AA", Y: "AA"})
	good := func(changes jwt.MapClaims) string {
		return sign(t, jwt.SigningMethodEdDSA, key, "one", claims(changes))
	}
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	_, foreign, _ := ed25519.GenerateKey(rand.Reader)
	swapped := strings.Split(good(nil), ".")
	swapped[1] = base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"login","aud":"gateway","org":"globex","role":"owner","exp":9999999999}`))
	tokens := i.tokens()
	for name, tt := range map[string]struct {
		token string
		want  caller
	}{
		"good":                  {good(nil), caller{"acme", Read | Send}},
		"admin":                 {good(jwt.MapClaims{"role": "admin"}), caller{"acme", Read | Send | Manage}},
		"viewer":                {good(jwt.MapClaims{"role": "viewer"}), caller{"acme", Read}},
		"unknown role":          {good(jwt.MapClaims{"role": "root"}), caller{"acme", 0}},
		"no role":               {good(jwt.MapClaims{"role": nil}), caller{"acme", 0}},
		"ES256":                 {sign(t, jwt.SigningMethodES256, elliptical, "two", claims(nil)), caller{"acme", Read | Send}},
		"no key id":             {sign(t, jwt.SigningMethodEdDSA, key, "", claims(nil)), caller{"acme", Read | Send}},
		"just expired":          {good(jwt.MapClaims{"exp": at(-20 * time.Second)}), caller{"acme", Read | Send}},
		"expired":               {good(jwt.MapClaims{"exp": at(-time.Minute)}), caller{}},
		"never expires":         {good(jwt.MapClaims{"exp": nil}), caller{}},
		"not yet":               {good(jwt.MapClaims{"nbf": at(time.Minute)}), caller{}},
		"no organisation":       {good(jwt.MapClaims{"org": nil}), caller{}},
		"empty organisation":    {good(jwt.MapClaims{"org": ""}), caller{}},
		"list of them":          {good(jwt.MapClaims{"org": []string{"acme"}}), caller{}},
		"other issuer":          {good(jwt.MapClaims{"iss": "other"}), caller{}},
		"no issuer":             {good(jwt.MapClaims{"iss": nil}), caller{}},
		"other audience":        {good(jwt.MapClaims{"aud": "other"}), caller{}},
		"no audience":           {good(jwt.MapClaims{"aud": nil}), caller{}},
		"unsigned":              {sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "one", claims(nil)), caller{}},
		"symmetric":             {sign(t, jwt.SigningMethodHS256, []byte(key.Public().(ed25519.PublicKey)), "one", claims(nil)), caller{}},
		"foreign key":           {sign(t, jwt.SigningMethodEdDSA, foreign, "one", claims(nil)), caller{}},
		"foreign key, no id":    {sign(t, jwt.SigningMethodEdDSA, foreign, "", claims(nil)), caller{}},
		"unknown key":           {sign(t, jwt.SigningMethodEdDSA, foreign, "four", claims(nil)), caller{}},
		"key of another kind":   {sign(t, jwt.SigningMethodEdDSA, key, "two", claims(nil)), caller{}},
		"other claims pasted":   {strings.Join(swapped, "."), caller{}},
		"nothing":               {"..", caller{}},
		"signature cut off":     {good(nil)[:100], caller{}},
		"no JSON in the middle": {"e30.bm90aGluZw.AAAA", caller{}},
	} {
		got, err := tokens.caller(t.Context(), tt.token)
		if got != tt.want || (err == nil) != (tt.want.organization != "") || err != nil && !errors.Is(err, errUnauthorized) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestKeySetIsRefreshed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{t: t}
		old := i.publish("one")
		tokens := i.tokens()
		check := func(key ed25519.PrivateKey, kid string, taken bool, fetches int) {
			t.Helper()
			_, err := tokens.caller(t.Context(), sign(t, jwt.SigningMethodEdDSA, key, kid, claims(nil)))
			if (err == nil) != taken || i.fetches != fetches {
				t.Errorf("%v after %d fetches, want taken %t after %d", err, i.fetches, taken, fetches)
			}
		}
		check(old, "one", true, 1)
		check(old, "one", true, 1)
		i.public = nil
		fresh := i.publish("two")
		check(fresh, "two", false, 1) // no second fetch so soon
		time.Sleep(unknownKeyEvery)
		check(old, "one", true, 1)
		check(fresh, "two", true, 2)
		check(old, "one", false, 2)
		i.broken = true
		time.Sleep(refreshEvery)
		check(fresh, "two", true, 3) // the keys at hand stay in use
	})
}

func TestKeySetThatCannotBeHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{t: t, broken: true}
		key := i.publish("one")
		tokens := i.tokens()
		token := sign(t, jwt.SigningMethodEdDSA, key, "one", claims(nil))
		for range 3 {
			if _, err := tokens.caller(t.Context(), token); !errors.Is(err, errNoKeys) || i.fetches != 1 {
				t.Errorf("%v after %d fetches", err, i.fetches)
			}
		}
		i.broken = false
		time.Sleep(unknownKeyEvery)
		if _, err := tokens.caller(t.Context(), token); err != nil {
			t.Error(err)
		}
	})
}

// TestKeySetsComeFromWhereTheyMay fetches over real loopback sockets.
func TestKeySetsComeFromWhereTheyMay(t *testing.T) {
	redirects := httptest.NewServer(http.RedirectHandler("https://login.example.com/jwks", http.StatusFound))
	defer redirects.Close()
	huge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"keys":[`+strings.Repeat(" ", maxKeySet)+`]}`)
	}))
	defer huge.Close()
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"keys":[]}`) }))
	defer empty.Close()
	for _, tt := range []struct{ name, url, want string }{
		{"loopback that is named", empty.URL, ""},
		{"redirect", redirects.URL, "not redirected"},
		{"too large", huge.URL, "EOF"},
		{"private address", "https://10.1.2.3/jwks", "public addresses only"},
		{"link-local address", "https://169.254.169.254/jwks", "public addresses only"},
	} {
		_, err := newKeySet(JWT{JWKSURL: tt.url}, slog.New(slog.DiscardHandler)).fetch(context.Background())
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34:443": true, "[2606:4700::1111]:443": true,
		"127.0.0.1:443": false, "[::1]:443": false, "[::ffff:127.0.0.1]:443": false,
		"10.0.0.1:443": false, "172.16.0.1:443": false, "192.168.1.1:443": false, "[::ffff:10.0.0.1]:443": false, "[fd00::1]:443": false,
		"169.254.169.254:80": false, "[fe80::1]:443": false, "0.0.0.0:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false,
		"nowhere": false,
	} {
		if err := checkAddress(address, false); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	if checkAddress("[::1]:80", true) != nil || checkAddress("10.0.0.1:80", true) == nil {
		t.Error("permission for loopback is not permission for private networks, and the reverse")
	}
}

func TestCheckJWKSURL(t *testing.T) {
	for text, want := range map[string]bool{
		"https://login.example.com/jwks": true, "https://localhost/jwks": true,
		"http://localhost:9000/jwks": true, "http://127.0.0.1:9000/": true, "http://[::1]:9000/": true,
		"http://login.example.com/jwks": false, "http://10.0.0.1/": false, "http://127.0.0.1.example.com/": false,
		"ftp://localhost/": false, "https://": false, "login.example.com": false, "://": false, "": false,
	} {
		if err := CheckJWKSURL(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
