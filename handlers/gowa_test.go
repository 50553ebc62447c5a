package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skip2/go-qrcode"

	"greengate/handlers/gowa"
	"greengate/instance"
	"greengate/sandbox"
)

const (
	gowaDir      = "gowa/testdata/golden"
	gowaPassword = "open-sesame"
)

// gowa is the dialect with a user ann of the tenant acme and a user bob of the tenant other, both with gowaPassword.
func (s *stack) gowa(log *slog.Logger, rightCodes bool) http.Handler {
	s.t.Helper()
	ann, err := gowa.ParseUser("acme/ann:" + gowaPassword)
	s.must(err)
	bob, err := gowa.ParseUser("other/bob:" + gowaPassword)
	s.must(err)
	return gowa.New(gowa.Config{Users: []gowa.User{ann, bob}, Prefix: "/gowa", MaxUpload: 1 << 20, RightCodes: rightCodes}, s.manager, log)
}

// basic is the header that authenticates a user, with further pairs of name and value.
func basic(user, password string, more ...string) http.Header {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	for n := 0; n < len(more); n += 2 {
		r.Header.Set(more[n], more[n+1])
	}
	return r.Header
}

func TestGOWAGolden(t *testing.T) {
	checkAllGolden(t, gowaDir)
}

func TestEveryGOWARouteHasGoldenExchanges(t *testing.T) {
	for _, route := range gowa.Document("/", "").Rows {
		if _, err := os.Stat(filepath.Join(gowaDir, route.Name)); err != nil {
			t.Errorf("%s has no golden exchange", route.Name)
		}
	}
}

// Every route is called on a linked device of acme by somebody who has no business there. Nothing may come of it.
func TestGOWATenantsAreApart(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		s.link()
		id := fmt.Sprint(s.id)
		for _, route := range gowa.Document("/", "").Rows {
			path := "/gowa" + strings.ReplaceAll(route.Path, "{device_id}", id) + "?phone=" + ownNumber
			for name, header := range map[string]http.Header{
				"nobody": {"X-Device-Id": {id}}, "ann": basic("ann", "wrong", "X-Device-Id", id), "acme": basic("acme/ann", gowaPassword),
			} {
				a := s.do(route.Verb, path, header, nil)
				if a.status != 401 || a.header.Get("WWW-Authenticate") == "" || strings.Contains(a.body, "results") {
					t.Errorf("%s by %s: %d %s", route.Name, name, a.status, a.body)
				}
			}
			a := s.do(route.Verb, path, basic("bob", gowaPassword, "X-Device-Id", id), nil)
			switch route.Name {
			case "listDevices", "addDevice":
				if a.status != 200 || strings.Contains(a.body, id) || strings.Contains(a.body, ownNumber) {
					t.Errorf("%s: %d %s", route.Name, a.status, a.body)
				}
			default:
				if a.status != 404 || !strings.Contains(a.body, `"DEVICE_NOT_FOUND"`) {
					t.Errorf("%s: %d %s", route.Name, a.status, a.body)
				}
			}
		}
		if s.wantStatus(instance.StateAuthorized, ""); len(s.manager.Owned("acme")) != 1 || len(s.phone.Devices()) != 1 {
			t.Error("the device is gone")
		}
	})
}

func TestGOWALoginByItsImage(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		var login struct{ Results gowa.Login }
		s.must(json.Unmarshal([]byte(s.do("GET", "/gowa/app/login", basic("ann", gowaPassword), nil).body), &login))
		path := strings.TrimPrefix(login.Results.QRLink, "http://greengate")
		code, err := s.instance().QR(s.t.Context())
		s.must(err)
		want, err := qrcode.Encode(code.Text, qrcode.Medium, 512)
		s.must(err)
		if a := s.get(path); a.status != 200 || a.header.Get("Content-Type") != "image/png" || a.body != string(want) {
			t.Errorf("%d %s: not the present code", a.status, a.header.Get("Content-Type"))
		}
		for _, forged := range []string{
			strings.Replace(path, fmt.Sprint(s.id), fmt.Sprint(s.id-1), 1),
			strings.Replace(path, "until=9", "until=99", 1),
			strings.Replace(path, "proof=", "proof=0", 1),
		} {
			if a := s.get(forged); a.status != 404 {
				t.Errorf("%s: %d", forged, a.status)
			}
		}
		pass(time.Duration(login.Results.QRDuration) * time.Second)
		if a := s.get(path); a.status != 404 {
			t.Errorf("after its end: %d", a.status)
		}
		s.link()
	})
}

func TestGOWALoginByCode(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		var login struct{ Results gowa.LoginCode }
		a := s.do("GET", "/gowa/app/login-with-code?phone=%2B"+ownNumber, basic("ann", gowaPassword), nil)
		s.must(json.Unmarshal([]byte(a.body), &login))
		s.must(s.phone.EnterCode(login.Results.PairCode))
		s.await(instance.StateAuthorized)
		synctest.Wait()
	})
}

func TestGOWALogoutKeepsTheDevice(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		s.link()
		device := fmt.Sprintf("/gowa/devices/%d", s.id)
		s.do("POST", device+"/logout", basic("ann", gowaPassword), nil)
		if a := s.do("GET", device, basic("ann", gowaPassword), nil); a.status != 200 || len(s.phone.Devices()) != 0 {
			t.Errorf("%d %s, linked: %v", a.status, a.body, s.phone.Devices())
		}
		s.link()
		s.do("DELETE", device, basic("ann", gowaPassword), nil)
		if a := s.do("GET", device, basic("ann", gowaPassword), nil); a.status != 404 || len(s.phone.Devices()) != 0 {
			t.Errorf("%d %s, linked: %v", a.status, a.body, s.phone.Devices())
		}
	})
}

func TestGOWABudgetsOfTime(t *testing.T) {
	for _, test := range []struct {
		name, verb, path, fault string
		status                  int
		bodyAfter, took         time.Duration
	}{
		{"looking up", "GET", "/gowa/user/avatar?phone=" + otherNumber, "w:profile:picture get", 408, 0, 5 * time.Second},
		{"silence", "POST", "/gowa/user/avatar", "w:profile:picture set", 504, 0, 12 * time.Second},
		{"the whole", "POST", "/gowa/user/avatar", "w:profile:picture set", 504, 40 * time.Second, 45 * time.Second},
		{"a body that does not come", "POST", "/gowa/user/avatar", "none", 504, time.Minute, 46 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.setUp([]string{"owner", "acme"})
				s.link()
				s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultIQDrop, Match: test.fault}))
				body, contentType := multipartFile(t, "avatar", "a.jpg", samplePhoto(t))
				start := time.Now()
				a := s.do(test.verb, test.path, basic("ann", gowaPassword, "Content-Type", contentType), &lateReader{body, test.bodyAfter})
				if took := time.Since(start); a.status != test.status || took != test.took {
					t.Errorf("%d %s after %v", a.status, a.body, took)
				}
				pass(test.bodyAfter) // its reader is not left behind
			})
		})
	}
}

// lateReader waits before its first byte.
type lateReader struct {
	io.Reader
	wait time.Duration
}

func (r *lateReader) Read(p []byte) (int, error) {
	pass(r.wait)
	r.wait = 0
	return r.Reader.Read(p)
}

func TestGOWAGroupPhoto(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		s.link()
		group, err := s.phone.CreateGroup("Gardeners")
		s.must(err)
		send := func(photo []byte) answer {
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			file, err := form.CreateFormFile("photo", "a.jpg")
			s.must(err)
			_, err = file.Write(photo)
			s.must(err)
			s.must(form.WriteField("group_id", group.String()))
			s.must(form.Close())
			return s.do("POST", "/gowa/group/photo", basic("ann", gowaPassword, "Content-Type", form.FormDataContentType()), &body)
		}
		if a := send(samplePhoto(t)); a.status != 200 || len(s.phone.Groups()[0].Picture) == 0 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := send(nil); a.status != 200 || len(s.phone.Groups()[0].Picture) != 0 {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

func TestGOWARefusesATooLargePicture(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		s.link()
		body, contentType := multipartFile(t, "avatar", "a.jpg", append(samplePhoto(t), make([]byte, 2<<20)...))
		a := s.do("POST", "/gowa/user/avatar", basic("ann", gowaPassword, "Content-Type", contentType), body)
		if a.status != 400 || a.body != `{"code":"VALIDATION_ERROR","message":"the picture is too large"}` {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}
