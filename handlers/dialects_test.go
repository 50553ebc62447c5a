package handlers_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// One account is reached in all four dialects at once, and a change of its picture through any of them closes the window in all.
func TestOneAccountAndOneLimitInAllDialects(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.setUp([]string{"owner", "acme"})
		s.link()
		wuts := func() answer {
			body := `{"image_base64":"` + base64.StdEncoding.EncodeToString(smallPhoto(t)) + `"}`
			header := http.Header{"Authorization": {"Bearer " + wutsTokens()["{user}"]}, "Content-Type": {"application/json"}}
			return s.do("POST", "/wuts/profile/picture", header, strings.NewReader(body))
		}
		gowa := func() answer {
			body, contentType := multipartFile(t, "avatar", "a.jpg", smallPhoto(t))
			return s.do("POST", "/gowa-right/user/avatar", basic("ann", gowaPassword, "Content-Type", contentType), body)
		}
		green := func() answer { return s.upload("setProfilePicture", smallPhoto(t)) }
		for name, set := range map[string]func() answer{"wuts": wuts, "gowa": gowa, "green": green} {
			if a := set(); a.status != 200 || strings.Contains(a.body, "rate-overlimit") {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
			if a := wuts(); a.status != 429 {
				t.Errorf("wuts after %s: %d %s", name, a.status, a.body)
			}
			if a := gowa(); a.status != 429 {
				t.Errorf("gowa after %s: %d %s", name, a.status, a.body)
			}
			if a := green(); !strings.Contains(a.body, "rate-overlimit") {
				t.Errorf("green after %s: %d %s", name, a.status, a.body)
			}
			pass(10 * time.Second)
		}
		session := s.wahost("GET", "/api/v1/sessions/"+fmt.Sprint(s.id), "wh_acme_all")
		if session.status != 200 || !strings.Contains(session.body, ownNumber) {
			t.Errorf("wahost: %d %s", session.status, session.body)
		}
	})
}
