package handlers_test

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"greengate/handlers/wuts"
	"greengate/instance"
	"greengate/sandbox"
)

const wutsDir = "wuts/testdata/golden"

// wutsTokens are the tokens of the users of acme, by role, and of other's admin, as golden exchanges name them.
func wutsTokens() map[string]string {
	return map[string]string{
		"{admin}":       "6f0c1f4e-3a52-4a7e-9d0c-2b7f5e1c9a11",
		"{manager}":     "0d9a4b1c-7c1e-4f0a-8b39-5f6e7d8c9b22",
		"{user}":        "b3f5d2a7-61c4-4d1b-a7e8-1c2d3e4f5a33",
		"{other-admin}": "e8a7c6b5-9d0f-4c3e-b2a1-0f1e2d3c4b44",
	}
}

// wuts is the dialect with those users.
func (s *stack) wuts(log *slog.Logger) http.Handler {
	s.t.Helper()
	tokens := wutsTokens()
	var users []wuts.User
	for _, text := range []string{
		"acme/admin/" + tokens["{admin}"], "acme/manager/" + tokens["{manager}"], "acme/user/" + tokens["{user}"],
		"other/admin/" + tokens["{other-admin}"],
	} {
		user, err := wuts.ParseUser(text)
		s.must(err)
		users = append(users, user)
	}
	return wuts.Document("/wuts", "").Serve(wuts.New(wuts.Config{Users: users, MaxPicture: 1 << 20}, s.manager, log))
}

func TestWUTSGolden(t *testing.T) {
	checkAllGolden(t, wutsDir)
}

func TestEveryWUTSRouteHasGoldenExchanges(t *testing.T) {
	for _, row := range wuts.Document("", "").Rows {
		if _, err := os.Stat(filepath.Join(wutsDir, row.Name)); err != nil {
			t.Errorf("%s has no golden exchange", row.Name)
		}
	}
}

// wutsBodies are bodies that each route takes. Where none is given an empty object does.
var wutsBodies = map[string]string{
	"createDevice": `"name":"Mine"`, "pairCode": `"phone":"15550001111"`, "setProfilePicture": `"image_base64":"/9j/"`,
	"editLabel": `"name":"Mine","color":1`, "labelChat": `"number":"15550002222"`, "block": `"number":"15550002222"`,
	"unblock": `"number":"15550002222"`,
}

// callWUTS calls a route about a device of acme.
func (s *stack) callWUTS(row, verb, path, authorization string) answer {
	s.t.Helper()
	device := s.names["{device:acme}"]
	path = "/wuts" + strings.NewReplacer("{deviceID}", device, "{labelId}", "7").Replace(path)
	body := `{"device_id":"` + device + `"`
	if verb == http.MethodGet {
		path += "?number=15550002222&device_id=" + device
	} else if more := wutsBodies[row]; more != "" {
		body += "," + more
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if authorization != "" {
		header.Set("Authorization", authorization)
	}
	return s.do(verb, path, header, strings.NewReader(body+"}"))
}

// Every route is called on a linked device of acme by somebody who has no business there. Nothing may come of it.
func TestWUTSTenantsAreApart(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		s.link()
		device := s.names["{device:acme}"]
		for _, row := range wuts.Document("", "").Rows {
			for name, authorization := range map[string]string{
				"nobody": "", "empty": "Bearer ", "another scheme": "Basic " + s.names["{admin}"],
				"wrong": "Bearer 11111111-1111-4111-8111-111111111111", "instance token": "Bearer " + s.token,
			} {
				if a := s.callWUTS(row.Name, row.Verb, row.Path, authorization); a.status != 401 || strings.Contains(a.body, device) {
					t.Errorf("%s by %s: %d %s", row.Name, name, a.status, a.body)
				}
			}
			a := s.callWUTS(row.Name, row.Verb, row.Path, "Bearer "+s.names["{other-admin}"])
			switch row.Name {
			case "createDevice", "listDevices":
				if a.status/100 != 2 || strings.Contains(a.body, device) {
					t.Errorf("%s by another tenant: %d %s", row.Name, a.status, a.body)
				}
			default:
				if a.status != 403 || strings.Contains(a.body, device) || strings.Contains(a.body, ownNumber) {
					t.Errorf("%s by another tenant: %d %s", row.Name, a.status, a.body)
				}
			}
		}
		if s.instance().Status().State != instance.StateAuthorized || len(s.manager.Owned("acme")) != 1 || len(s.phone.Devices()) != 1 {
			t.Error("the device is not what it was")
		}
	})
}

// A token elsewhere than in its header is none.
func TestWUTSReadsTheHeaderAlone(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		token := s.names["{admin}"]
		for _, query := range []string{"token", "access_token", "authorization", "Authorization"} {
			header := http.Header{"Cookie": {"token=" + token + "; Authorization=" + token}, "X-Api-Key": {token}}
			if a := s.do("GET", "/wuts/devices?"+query+"="+token, header, nil); a.status != 401 {
				t.Errorf("%s: %d", query, a.status)
			}
		}
		form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		if a := s.do("POST", "/wuts/connect", form, strings.NewReader("token="+token+"&access_token="+token)); a.status != 401 {
			t.Errorf("form: %d", a.status)
		}
	})
}

// ask calls a route as acme's admin and returns the data of the answer, or the answer itself where it has none.
func (s *stack) ask(verb, path, body string) map[string]any {
	s.t.Helper()
	a := s.do(verb, "/wuts"+path, http.Header{"Authorization": {"Bearer " + s.names["{admin}"]}}, strings.NewReader(body))
	var got map[string]any
	s.must(json.Unmarshal([]byte(a.body), &got))
	if got["success"] != true {
		s.t.Fatalf("%s %s: %d %s", verb, path, a.status, a.body)
	}
	if data, ok := got["data"].(map[string]any); ok {
		return data
	}
	return got
}

// One device from its creation to its end, looked at from the phone.
func TestWUTSOneDevice(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		connected := func(want bool) {
			t.Helper()
			synctest.Wait()
			if got := s.ask("GET", "/status", ""); got["connected"] != want {
				t.Errorf("status: %v", got)
			}
		}
		s.ask("POST", "/devices", `{"name":"Shop"}`)
		s.id = s.manager.Owned("acme")[0].ID
		first := s.ask("GET", "/qr", "")["qr_code"]
		if again := s.ask("GET", "/qr", "")["qr_code"]; again != first {
			t.Error("another code without need")
		}
		fresh := s.ask("GET", "/qr?refresh=1", "")["qr_code"].(string)
		if fresh == first {
			t.Error("the same code")
		}
		s.must(s.phone.ScanQR(fresh))
		s.await(instance.StateAuthorized)
		connected(true)

		id := s.ask("POST", "/profile/picture", `{"image_base64":"`+base64.StdEncoding.EncodeToString(smallPhoto(t))+`"}`)["picture_id"]
		if got := s.ask("GET", "/contacts/profile-picture?preview=false&number="+ownNumber, "")["id"]; got != id || len(s.phone.Picture()) == 0 {
			t.Errorf("picture %v, set %v", got, id)
		}
		s.setUp([]string{"wait", "10s"}) // the phone shares the keys of its labels
		s.ask("PUT", "/labels/7", `{"name":"New","color":3}`)
		s.ask("POST", "/labels/7/chats", `{"number":"`+otherNumber+`"}`)
		labels, chat := s.phone.Labels(), s.phone.ChatLabels(bob.JID())
		if len(labels) != 1 || labels[0] != (sandbox.Label{ID: "7", Name: "New", Color: 3}) || !slices.Equal(chat, []string{"7"}) {
			t.Errorf("labels %v, on the chat %v", labels, chat)
		}
		s.ask("PUT", "/labels/7", `{"deleted":true}`)
		s.ask("POST", "/contacts/block", `{"number":"`+otherNumber+`"}`)
		if len(s.phone.Labels()) != 0 || len(s.phone.Blocked()) != 1 {
			t.Errorf("labels %v, blocked %v", s.phone.Labels(), s.phone.Blocked())
		}

		s.ask("POST", "/disconnect", "")
		connected(false)
		s.ask("POST", "/connect", "")
		s.await(instance.StateAuthorized)
		connected(true)
		s.ask("POST", "/logout", "")
		connected(false)
		if len(s.phone.Devices()) != 0 {
			t.Error("still linked after the logout")
		}

		code := s.ask("POST", "/paircode", `{"phone":"`+ownNumber+`"}`)["code"]
		if again := s.ask("POST", "/paircode", `{"phone":"`+ownNumber+`","reuse_cache":true}`)["code"]; again != code {
			t.Error("another code without need")
		}
		s.must(s.phone.EnterCode(code.(string)))
		s.await(instance.StateAuthorized)
		s.ask("DELETE", "/devices/"+wuts.DeviceID(s.id), "")
		if got := s.ask("GET", "/devices", "")["devices"].([]any); len(got) != 0 || len(s.phone.Devices()) != 0 {
			t.Errorf("after the end: %v, %v", got, s.phone.Devices())
		}
	})
}

// A body beyond the limit is refused before it is taken in.
func TestWUTSBoundsBodies(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		header := http.Header{"Authorization": {s.names["{user}"]}}
		for path, size := range map[string]int{"/profile/picture": 3 << 19, "/contacts/block": 101 << 10} {
			body := strings.NewReader(`{"jid":"` + strings.Repeat("A", size) + `"}`)
			if a := s.do("POST", "/wuts"+path, header, body); a.status != 400 || !strings.Contains(a.body, "larger than") {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
	})
}
