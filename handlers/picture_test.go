package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance"
	"greengate/sandbox"
)

// setAnswer is setProfilePicture's body.
type setAnswer struct {
	Reason            *string
	URLAvatar         *string
	SetProfilePicture bool
}

func (a answer) set(t *testing.T) setAnswer {
	t.Helper()
	var s setAnswer
	if err := json.Unmarshal([]byte(a.body), &s); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return s
}

func TestPictureReachesThePhone(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		if got := s.upload("setProfilePicture", samplePhoto(t)).set(t); !got.SetProfilePicture || got.Reason != nil || got.URLAvatar == nil {
			t.Fatalf("%+v", got)
		}
		config, err := jpeg.DecodeConfig(bytes.NewReader(s.phone.Picture()))
		s.must(err)
		if config.Width != 640 || config.Height != 640 {
			t.Errorf("the phone shows %d x %d", config.Width, config.Height)
		}
		if size := len(s.phone.Picture()); size > 100<<10 {
			t.Errorf("%d bytes, over 100 KB", size)
		}
	})
}

func TestOfManyConcurrentChangesOnePasses(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		const calls = 12
		answers := make([]answer, calls)
		var all sync.WaitGroup
		for n := range calls {
			all.Go(func() { answers[n] = s.upload("setProfilePicture", smallPhoto(t)) })
		}
		all.Wait()
		passed := 0
		for _, a := range answers {
			switch got := a.set(t); {
			case got.SetProfilePicture:
				passed++
			case got.Reason == nil || *got.Reason != "rate-overlimit" || a.header.Get("Retry-After") != "10":
				t.Errorf("%d %s, Retry-After %q", a.status, a.body, a.header.Get("Retry-After"))
			}
		}
		if passed != 1 {
			t.Errorf("%d of %d calls passed", passed, calls)
		}
	})
}

func TestRefusedInputSpendsNothing(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		for _, bad := range [][]byte{nil, []byte("text"), smallPhoto(t)[:3000]} {
			if a := s.upload("setProfilePicture", bad); a.status != 400 {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultIQError, Match: "w:profile:picture set", Code: 406}))
		if got := s.upload("setProfilePicture", smallPhoto(t)).set(t); got.Reason == nil || *got.Reason != "not-acceptable" {
			t.Errorf("%+v", got)
		}
		if got := s.upload("setProfilePicture", smallPhoto(t)).set(t); !got.SetProfilePicture {
			t.Errorf("a refused call has spent the window: %+v", got)
		}
	})
}

// A query that is in flight when the line drops is sent again by whatsmeow. WhatsApp may have taken the first one, and then refuses
// the second as too early: the caller must be told of the success, and the picture must have been set once.
func TestDroppedQueryIsSentAgainAndSetOnce(t *testing.T) {
	for _, taken := range []bool{true, false} {
		t.Run(fmt.Sprint(taken), func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultIQDisconnect, Match: "w:profile:picture set", After: taken}))
				got := s.upload("setProfilePicture", smallPhoto(t)).set(t)
				if !got.SetProfilePicture || got.URLAvatar == nil {
					t.Errorf("taken %v: %+v", taken, got)
				}
				if len(s.phone.Picture()) == 0 {
					t.Errorf("taken %v: the phone shows no picture", taken)
				}
				if again := s.upload("setProfilePicture", smallPhoto(t)).set(t); again.SetProfilePicture {
					t.Errorf("taken %v: the window did not open", taken)
				}
			})
		})
	}
}

func TestSilentWhatsAppIsGivenUpAfterTwelveSeconds(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultIQDrop, Match: "w:profile:picture set"}))
		start := time.Now()
		got := s.upload("setProfilePicture", smallPhoto(t)).set(t)
		if took := time.Since(start); took != 12*time.Second {
			t.Errorf("gave up after %v", took)
		}
		if got.Reason == nil || *got.Reason != "Timed Out" {
			t.Errorf("%+v", got)
		}
	})
}

func TestPictureChangeKeepsTheConnection(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.upload("setProfilePicture", smallPhoto(t))
		synctest.Wait()
		if got := s.instance().Status(); got.State != instance.StateAuthorized {
			t.Errorf("%+v", got)
		}
		if connects := strings.Count(s.logs.String(), "Successfully authenticated"); connects != 1 {
			t.Errorf("%d logins", connects)
		}
	})
}

func TestAPictureTooLargeIsRefusedBeforeItIsRead(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		huge := append(smallPhoto(t), make([]byte, 21<<20)...)
		if a := s.upload("setProfilePicture", huge); a.status != 400 || a.body != "File is too large" {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

func TestPictureIsTakenAway(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.upload("setProfilePicture", smallPhoto(t))
		<-time.After(10 * time.Second)
		s.ok("deleteProfilePicture", "")
		if s.phone.Picture() != nil {
			t.Error("the phone still has the picture")
		}
		if answer := s.upload("setProfilePicture", smallPhoto(t)); !strings.Contains(answer.body, "rate-overlimit") {
			t.Errorf("the deletion did not count as a change: %s", answer.body)
		}
	})
}
