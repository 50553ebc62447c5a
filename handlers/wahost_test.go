package handlers_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"greengate/handlers/wahost"
	"greengate/instance"
	"greengate/sandbox"
)

const wahostGolden = "wahost/testdata/golden"

// Keys of two organisations; the golden exchanges use them as they are.
var wahostKeys = []string{
	"acme/read+send+manage/wh_acme_all", "acme/read/wh_acme_read", "acme/send/wh_acme_send", "acme/manage/wh_acme_manage",
	"globex/read+send+manage/wh_globex_all",
}

var issuerKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// wahostConfig takes the keys above, and tokens signed with issuerKey, whose key set is served in memory.
func wahostConfig(t *testing.T) wahost.Config {
	t.Helper()
	config := wahost.Config{JWT: wahost.JWT{
		JWKSURL: "https://login.example.com/jwks", OrganizationClaim: "organizationId", RoleClaim: "role", Transport: keySetServer{},
	}}
	for _, text := range wahostKeys {
		key, err := wahost.ParseAPIKey(text)
		if err != nil {
			t.Fatal(err)
		}
		config.APIKeys = append(config.APIKeys, key)
	}
	return config
}

// keySetServer answers every request with the key set of issuerKey.
type keySetServer struct{}

func (keySetServer) RoundTrip(*http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	x := base64.RawURLEncoding.EncodeToString(issuerKey.Public().(ed25519.PublicKey))
	fmt.Fprintf(recorder, `{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"one","x":"%s"}]}`, x)
	return recorder.Result(), nil
}

var jwtPlaceholder = regexp.MustCompile(`\{jwt (\w+) (\w+)\}`)

// signJWTs puts login tokens in the place of {jwt organisation role}.
func signJWTs(t *testing.T, text string) string {
	t.Helper()
	return jwtPlaceholder.ReplaceAllStringFunc(text, func(found string) string {
		words := jwtPlaceholder.FindStringSubmatch(found)
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
			"organizationId": words[1], "role": words[2], "exp": time.Now().Add(time.Minute).Unix(),
		})
		token.Header["kid"] = "one"
		signed, err := token.SignedString(issuerKey)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	})
}

func TestGoldenWahost(t *testing.T) { checkAllGolden(t, wahostGolden) }

func TestEveryWahostRouteHasGoldenExchanges(t *testing.T) {
	for _, row := range wahost.Routes() {
		if _, err := os.Stat(filepath.Join(wahostGolden, row.Name)); err != nil {
			t.Errorf("%s has no golden exchange", row.Name)
		}
	}
}

func (s *stack) wahost(verb, path, credential string) answer {
	s.t.Helper()
	path = strings.NewReplacer("{session}", fmt.Sprint(s.id), "{jid}", otherNumber+"@s.whatsapp.net").Replace(path)
	header := http.Header{}
	if credential != "" {
		header.Set("Authorization", "Bearer "+signJWTs(s.t, credential))
	}
	return s.do(verb, "/wahost"+path, header, strings.NewReader(""))
}

// owned makes the instance one of acme's and links it.
func (s *stack) owned() {
	s.t.Helper()
	s.setUp([]string{"owner", "acme"})
	s.addPhone(otherNumber, "Bob")
	s.link()
}

// TestWahostKeepsTenantsApart calls every route of a session with credentials of another organisation, with wrong ones and none.
func TestWahostKeepsTenantsApart(t *testing.T) {
	const notFound = `{"error":{"code":"not_found","message":"no such session","details":{}}}`
	inBubble(t, func(s *stack) {
		s.owned()
		for _, row := range wahost.Routes() {
			if strings.Contains(row.Path, "{session}") {
				for _, foreign := range []string{"wh_globex_all", "{jwt globex owner}"} {
					if a := s.wahost(row.Verb, row.Path, foreign); a.status != 404 || a.body != notFound {
						t.Errorf("%s %s with %s: %d %s", row.Verb, row.Path, foreign, a.status, a.body)
					}
				}
			}
			for _, wrong := range []string{"", "wh_acme_al", "WH_ACME_ALL", s.token, partner, "a.b.c", "{jwt acme owner}x"} {
				if a := s.wahost(row.Verb, row.Path, wrong); a.status != 401 || !strings.Contains(a.body, `"code":"unauthorized"`) {
					t.Errorf("%s %s with %q: %d %s", row.Verb, row.Path, wrong, a.status, a.body)
				}
			}
		}
		if a := s.wahost("GET", "/api/v1/sessions", "wh_globex_all"); a.body != "[]" {
			t.Errorf("globex sees %s", a.body)
		}
		synctest.Wait()
		if state := s.instance().Status().State; state != instance.StateAuthorized || len(s.phone.Blocked()) != 0 {
			t.Errorf("a refused call had an effect: %s, blocked %v", state, s.phone.Blocked())
		}
	})
}

// TestWahostKeepsContactsApart: the LIDs that one organisation has met must tell another nothing.
func TestWahostKeepsContactsApart(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		met := "/api/v1/sessions/{session}/contacts/" + bob.LID().String()
		s.setUp([]string{"owner", "globex"})
		s.link()
		s.setUp([]string{"writes", otherNumber})
		if a := s.wahost("GET", met, "wh_globex_all"); a.status != 200 || !strings.Contains(a.body, otherNumber) {
			t.Fatalf("%d %s", a.status, a.body)
		}
		s.setUp([]string{"owner", "acme"})
		s.link()
		if a := s.wahost("GET", met, "wh_acme_all"); a.status != 404 {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

// TestWahostAsksForTheCapability calls every route with keys that have every capability but the needed one.
func TestWahostAsksForTheCapability(t *testing.T) {
	keys := map[wahost.Capability]string{wahost.Read: "wh_acme_read", wahost.Send: "wh_acme_send", wahost.Manage: "wh_acme_manage"}
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		for _, row := range wahost.Routes() {
			for capability, key := range keys {
				if a := s.wahost(row.Verb, row.Path, key); (a.status == 403) != (capability != row.Capability) {
					t.Errorf("%s %s with %s: %d %s", row.Verb, row.Path, key, a.status, a.body)
				}
			}
			if a := s.wahost(row.Verb, row.Path, "{jwt acme guest}"); a.status != 403 {
				t.Errorf("%s %s with an unknown role: %d", row.Verb, row.Path, a.status)
			}
			s.setUp([]string{"owner", "acme"}) // the former may be deleted by now
		}
	})
}

func TestWahostBlocksAtTheOtherEnd(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.owned()
		for range 2 {
			a := s.wahost("POST", "/api/v1/sessions/{session}/contacts/{jid}/block", "{jwt acme member}")
			if a.status != 204 || a.body != "" {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if blocked := s.phone.Blocked(); len(blocked) != 1 || blocked[0] != otherNumber {
				t.Errorf("blocked: %v", blocked)
			}
		}
		for range 2 {
			if a := s.wahost("POST", "/api/v1/sessions/{session}/contacts/{jid}/unblock", "wh_acme_send"); a.status != 204 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if blocked := s.phone.Blocked(); len(blocked) != 0 {
				t.Errorf("blocked: %v", blocked)
			}
		}
	})
}

func TestWahostStopsStartsAndLogsOut(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.owned()
		act := func(name, status string, times int) {
			t.Helper()
			for range times {
				a := s.wahost("POST", "/api/v1/sessions/{session}:"+name, "wh_acme_manage")
				if a.status != 200 || !strings.Contains(a.body, `"status":"`+status+`"`) {
					t.Errorf("%s: %d %s", name, a.status, a.body)
				}
			}
		}
		act("stop", "stopped", 2)
		synctest.Wait()
		if s.instance().Online() || len(s.phone.Devices()) != 1 {
			t.Error("stopping must end the connection and keep the device")
		}
		act("start", "connecting", 1)
		s.await(instance.StateAuthorized)
		act("start", "connected", 2)
		synctest.Wait()
		act("logout", "logged_out", 2)
		if len(s.phone.Devices()) != 0 {
			t.Error("logging out must unlink the device")
		}
		act("stop", "logged_out", 1)
		if a := s.wahost("GET", "/api/v1/sessions/{session}", "wh_acme_read"); a.status != 200 {
			t.Errorf("logging out must keep the session: %d", a.status)
		}
	})
}

func TestWahostStopsAttempts(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		stop := func(status string) {
			t.Helper()
			a := s.wahost("POST", "/api/v1/sessions/{session}:stop", "wh_acme_manage")
			if !strings.Contains(a.body, `"status":"`+status+`"`) {
				t.Errorf("%d %s", a.status, a.body)
			}
			synctest.Wait()
		}
		_, err := s.instance().QR(s.t.Context())
		s.must(err)
		stop("logged_out")
		if a := s.wahost("GET", "/api/v1/sessions/{session}/qr", "wh_acme_manage"); a.status != 404 {
			t.Errorf("stopping left a code: %s", a.body)
		}
		s.link()
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultConnect, Code: 503, Count: -1}))
		s.instance().Reboot()
		pass(time.Minute)
		stop("stopped")
		before := strings.Count(s.logs.String(), "Got 503")
		pass(time.Hour)
		if tries := strings.Count(s.logs.String(), "Got 503") - before; before == 0 || tries != 0 {
			t.Errorf("%d attempts before the stop, %d after it", before, tries)
		}
	})
}

func TestWahostPairsByQR(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		path := "/api/v1/sessions/{session}/qr"
		if a := s.wahost("GET", path, "wh_acme_manage"); a.status != 404 || !strings.Contains(a.body, `"code":"not_found"`) {
			t.Fatalf("before there is a code: %d %s", a.status, a.body)
		}
		synctest.Wait()
		a := s.wahost("GET", path, "wh_acme_manage")
		_, rest, _ := strings.Cut(a.body, `"code":"`)
		code, _, _ := strings.Cut(rest, `"`)
		s.must(s.phone.ScanQR(code))
		s.await(instance.StateAuthorized)
		if a := s.wahost("GET", path, "wh_acme_manage"); a.status != 409 {
			t.Errorf("linked: %d %s", a.status, a.body)
		}
		synctest.Wait()
	})
}

func TestWahostPairsByCode(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		a := s.do("POST", fmt.Sprintf("/wahost/api/v1/sessions/%d/pairing-code", s.id),
			http.Header{"Authorization": {"Bearer wh_acme_all"}}, strings.NewReader(`{"phoneNumber":"+1 (555) 000-1111"}`))
		_, rest, _ := strings.Cut(a.body, `"code":"`)
		s.must(s.phone.EnterCode(strings.TrimSuffix(rest, `"}`)))
		s.await(instance.StateAuthorized)
		synctest.Wait()
	})
}

func TestWahostDeletesSessions(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.owned()
		if a := s.wahost("DELETE", "/api/v1/sessions/{session}", "wh_acme_manage"); a.status != 204 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if a := s.wahost("DELETE", "/api/v1/sessions/{session}", "wh_acme_manage"); a.status != 404 {
			t.Errorf("again: %d %s", a.status, a.body)
		}
		if a := s.wahost("GET", "/api/v1/sessions", "wh_acme_read"); a.body != "[]" || len(s.phone.Devices()) != 0 {
			t.Errorf("left: %s, devices %v", a.body, s.phone.Devices())
		}
	})
}

func TestWahostBodiesAreBounded(t *testing.T) {
	inBubble(t, func(s *stack) {
		a := s.do("POST", "/wahost/api/v1/sessions", http.Header{"Authorization": {"Bearer wh_acme_all"}},
			strings.NewReader(`{"label":"`+strings.Repeat("x", 100<<10)+`"}`))
		if a.status != 400 || !strings.Contains(a.body, `"code":"validation_error"`) {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}
