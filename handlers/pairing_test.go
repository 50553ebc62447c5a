package handlers_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"greengate/instance"
)

type frame struct {
	Type, Message, Wid, PushName string
}

// scan opens the scanqrcode socket.
func (s *stack) scan() func() (frame, error) {
	s.t.Helper()
	socket, _, err := websocket.Dial(s.t.Context(), fmt.Sprintf("ws://greengate/waInstance%d/scanqrcode/%s", s.id, s.token),
		&websocket.DialOptions{HTTPClient: s.client})
	s.must(err)
	s.t.Cleanup(func() { _ = socket.CloseNow() })
	return func() (f frame, err error) {
		_, data, err := socket.Read(s.t.Context())
		if err == nil {
			err = json.Unmarshal(data, &f)
		}
		return f, err
	}
}

func TestScanQRCodeShowsRenewsAndEnds(t *testing.T) {
	inBubble(t, func(s *stack) {
		next := s.scan()
		first, err := next()
		s.must(err)
		data, err := base64.StdEncoding.DecodeString(first.Message)
		s.must(err)
		if _, err := png.Decode(bytes.NewReader(data)); err != nil || first.Type != "qrCode" {
			t.Fatalf("%.80s: %v", first.Type, err)
		}
		second, err := next()
		s.must(err)
		if second.Type != "qrCode" || second.Message == first.Message {
			t.Error("the code was not renewed")
		}
		code, err := s.instance().QR(s.t.Context())
		s.must(err)
		s.must(s.phone.ScanQR(code.Text))
		last, err := next()
		s.must(err)
		if last.Type != "accountData" || last.Wid != ownNumber+"@c.us" {
			t.Errorf("%+v", last)
		}
		if _, err := next(); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("not closed: %v", err)
		}
		s.await(instance.StateAuthorized)
		synctest.Wait()
	})
}

func TestScanQRCodeRunsOut(t *testing.T) {
	inBubble(t, func(s *stack) {
		start, next := time.Now(), s.scan()
		var last frame
		for {
			f, err := next()
			if err != nil {
				break
			}
			last = f
		}
		if last.Type != "timeout" || time.Since(start) != 100*time.Second {
			t.Errorf("%s after %v", last.Type, time.Since(start))
		}
	})
}

func TestScanQRCodeOfALinkedInstance(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		f, err := s.scan()()
		s.must(err)
		if f.Type != "alreadyLogged" {
			t.Errorf("%+v", f)
		}
	})
}

func TestPairingByPhoneCode(t *testing.T) {
	inBubble(t, func(s *stack) {
		var got struct {
			Status bool
			Code   string
		}
		a := s.post(s.method("getAuthorizationCode"), `{"phoneNumber":`+ownNumber+`}`)
		s.must(json.Unmarshal([]byte(a.body), &got))
		if !got.Status || len(strings.ReplaceAll(got.Code, "-", "")) != 8 {
			t.Fatalf("%+v", got)
		}
		s.must(s.phone.EnterCode(got.Code))
		s.await(instance.StateAuthorized)
		synctest.Wait()
	})
}

func TestQRPage(t *testing.T) {
	inBubble(t, func(s *stack) {
		page := s.get(fmt.Sprintf("/waInstance%d/%s", s.id, s.token))
		if page.status != 200 || !strings.Contains(page.body, "Link an account") || !strings.Contains(page.body, "Shop") {
			t.Errorf("%d %.300s", page.status, page.body)
		}
		if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("policy %q", policy)
		}
		if wrong := s.get(fmt.Sprintf("/waInstance%d/%s", s.id, "0000")); wrong.status != 401 {
			t.Errorf("a wrong token gives %d", wrong.status)
		}
	})
}
