package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestBrowsersOfOtherOriginsMayCall(t *testing.T) {
	inBubble(t, func(s *stack) {
		preflight := s.do("OPTIONS", "//waInstance1/sendMessage/x", http.Header{}, nil)
		if preflight.status != http.StatusOK || !strings.Contains(preflight.header.Get("Access-Control-Allow-Methods"), "DELETE") ||
			!strings.Contains(preflight.header.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%d %v", preflight.status, preflight.header)
		}
		for _, path := range []string{s.method("getStateInstance"), "/waInstance1/getStateInstance/x", "/nowhere"} {
			if got := s.get(path).header.Get("Access-Control-Allow-Origin"); got != "*" {
				t.Errorf("%s: %q", path, got)
			}
		}
	})
}

func TestCallsBeyondTheRateAnswer429(t *testing.T) {
	inBubble(t, func(s *stack) {
		path := s.method("getStateInstance")
		if a := s.get(path); a.status != 200 || a.header.Get("X-RateLimit-Replenish-Rate") != "1" {
			t.Fatalf("%d %v", a.status, a.header)
		}
		if a := s.get(path); a.status != 429 || a.header.Get("Retry-After") != "1" {
			t.Errorf("%d, Retry-After %q", a.status, a.header.Get("Retry-After"))
		}
		if a := s.get(s.method("getSettings")); a.status != 200 {
			t.Errorf("another method is limited with it: %d", a.status)
		}
	})
}

func TestJSONBodiesAreBounded(t *testing.T) {
	inBubble(t, func(s *stack) {
		a := s.post(s.method("setSettings"), `{"webhookUrlToken":"`+strings.Repeat("x", 200<<10)+`"}`)
		if a.status != 500 || !strings.Contains(a.body, "request entity too large") {
			t.Errorf("%d %.200s", a.status, a.body)
		}
	})
}

func TestATokenOpensOnlyItsOwnInstance(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.post("/partner/createInstance/"+partner, `{"name":"Other"}`)
		path := strings.Replace(s.method("getStateInstance"), "1101000001", "1101000002", 1)
		if a := s.get(path); a.status != 401 || a.body != "" || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%d %q %v", a.status, a.body, a.header)
		}
	})
}

func TestANewTokenEndsTheOldOne(t *testing.T) {
	inBubble(t, func(s *stack) {
		old := s.method("getStatusInstance")
		_, rest, _ := strings.Cut(s.get(s.method("updateApiToken")).body, `":"`)
		s.token = strings.TrimSuffix(rest, `"}`)
		if a := s.get(old); a.status != 401 {
			t.Errorf("the old token gives %d", a.status)
		}
		if a := s.get(s.method("getStatusInstance")); a.status != 200 {
			t.Errorf("the new token gives %d", a.status)
		}
		if a := s.get("/partner/getInstances/" + partner); !strings.Contains(a.body, s.token) {
			t.Error("the partner is not shown the new token")
		}
		s.restart()
		if a := s.get(s.method("getStatusInstance")); a.status != 200 {
			t.Errorf("after a restart the new token gives %d", a.status)
		}
	})
}
