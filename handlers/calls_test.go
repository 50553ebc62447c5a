package handlers_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"greengate/sandbox"
	"greengate/store"
)

// callHook is what tests look at in the notification of a call.
type callHook struct {
	TypeWebhook  string
	From         string
	Status       string
	IDMessage    string
	IsVideo      bool
	Duration     int
	Participants []struct{ ID, Status string }
}

// calls takes all notifications, of calls by Bob, and shortens them to type, status and id.
func (s *stack) calls() (short []string) {
	s.t.Helper()
	for _, body := range s.bodies() {
		var hook callHook
		s.must(json.Unmarshal(body, &hook))
		if hook.From != otherNumber+"@c.us" {
			s.t.Errorf("%s", body)
		}
		short = append(short, hook.TypeWebhook+" "+hook.Status+" "+hook.IDMessage)
	}
	return short
}

// bodies takes all notifications.
func (s *stack) bodies() (list []json.RawMessage) {
	s.t.Helper()
	for {
		var n *struct {
			ReceiptID int64
			Body      json.RawMessage
		}
		s.must(json.Unmarshal([]byte(s.get(s.method("receiveNotification")).body), &n))
		if n == nil {
			return list
		}
		list = append(list, n.Body)
		s.do("DELETE", s.method("deleteNotification")+"/"+itoa(n.ReceiptID), nil, nil)
	}
}

// ring lets a phone call us.
func (s *stack) ring(from *sandbox.Phone, video bool) string {
	s.t.Helper()
	id, err := from.Call(s.phone.JID(), video)
	s.must(err)
	<-time.After(time.Second)
	return id
}

func TestIncomingCalls(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook", "incomingCallWebhook", "outgoingCallWebhook")
		answered := s.ring(bob, true)
		s.must(s.phone.Answer(answered))
		<-time.After(42 * time.Second)
		s.must(bob.HangUp(answered))
		refused := s.ring(bob, false)
		s.must(s.phone.Reject(refused))
		missed := s.ring(bob, false)
		s.must(bob.HangUp(missed))
		unheard := s.ring(bob, false)
		<-time.After(2 * time.Minute)
		s.settle()
		var want []string
		for _, end := range []string{"pickUp " + answered, "hungUp " + refused, "declined " + missed, "declined " + unheard} {
			var status, id string
			_, err := fmt.Sscan(end, &status, &id)
			s.must(err)
			want = append(want, "incomingCall offer "+id, "incomingCall "+end)
		}
		if got := s.calls(); !slices.Equal(got, want) {
			t.Errorf("notifications %q\nnot %q", got, want)
		}
		journal := s.list("lastIncomingCalls", "")
		if len(journal) != 4 || len(s.list("lastOutgoingCalls", "")) != 0 {
			t.Fatalf("journal %v", journal)
		}
		if e := journal[3]; e["idMessage"] != answered || e["status"] != "pickUp" || e["duration"] != 42.0 || e["isVideo"] != true ||
			e["chatId"] != otherNumber+"@c.us" || e["isGroup"] != false {
			t.Errorf("answered: %v", e)
		}
		if e := journal[2]; e["idMessage"] != refused || e["status"] != "hungUp" || e["isVideo"] != false {
			t.Errorf("refused: %v", e)
		}
	})
}

func TestOutgoingCalls(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		_, err := bob.SendText(s.t.Context(), s.phone.JID(), "Call me") // else only his LID is known
		s.must(err)
		s.settle()
		s.set("outgoingCallWebhook")
		call := func() string {
			id, err := s.phone.Call(bob.JID(), false)
			s.must(err)
			return id
		}
		answered := call()
		s.must(bob.Answer(answered))
		<-time.After(42 * time.Second)
		s.must(s.phone.HangUp(answered))
		refused := call()
		s.must(bob.Reject(refused))
		unanswered := call()
		s.must(s.phone.HangUp(unanswered))
		s.settle()
		want := []string{"outgoingCall pickUp " + answered, "outgoingCall hungUp " + refused, "outgoingCall hungUp " + unanswered}
		var got []string
		for _, body := range s.bodies() {
			var hook callHook
			s.must(json.Unmarshal(body, &hook))
			got = append(got, hook.TypeWebhook+" "+hook.Status+" "+hook.IDMessage)
			if hook.From != otherNumber+"@c.us" || len(hook.Participants) != 1 || hook.Participants[0].ID != hook.From ||
				(hook.Duration == 42) != (hook.Status == "pickUp") || (hook.Participants[0].Status == "declined") != (hook.IDMessage == refused) {
				t.Errorf("%s", body)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("notifications %q\nnot %q", got, want)
		}
		if journal := s.list("lastOutgoingCalls", ""); len(journal) != 3 || journal[1]["status"] != "declined" {
			t.Errorf("journal %v", journal)
		}
	})
}

func TestCallsWhileOffline(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook", "incomingCallWebhook")
		s.settle()
		s.instance().Sleep()
		<-time.After(time.Second)
		missed := s.ring(bob, false)
		s.must(bob.HangUp(missed))
		s.restart()
		s.instance().Reboot()
		s.await("authorized")
		s.settle()
		s.restart() // nothing is heard of it twice
		s.await("authorized")
		if got, want := s.calls(), []string{"incomingCall offer " + missed, "incomingCall declined " + missed}; !slices.Equal(got, want) {
			t.Errorf("notifications %q\nnot %q", got, want)
		}
	})
}

func TestCallsInGroups(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		s.link()
		s.settle()
		group, err := bob.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		s.set("incomingWebhook", "incomingCallWebhook")
		id, err := bob.CallGroup(group, true)
		s.must(err)
		<-time.After(time.Second)
		s.must(s.phone.Answer(id))
		<-time.After(10 * time.Second)
		s.must(bob.HangUp(id))
		s.settle()
		if got, want := s.calls(), []string{"incomingCall offer " + id, "incomingCall pickUp " + id}; !slices.Equal(got, want) {
			t.Errorf("notifications %q\nnot %q", got, want)
		}
		journal := s.list("lastIncomingCalls", "")
		if len(journal) != 1 || journal[0]["isGroup"] != true || journal[0]["isVideo"] != true || journal[0]["chatId"] != group.String() {
			t.Errorf("journal %v", journal)
		}
	})
}

func TestCallIsConfirmedOnceStored(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook", "incomingCallWebhook")
		s.settle()
		held, release := make(chan struct{}), make(chan struct{})
		go func() {
			_ = s.store.Update(s.t.Context(), func(*store.Tx) error { // meanwhile nothing can be stored
				close(held)
				<-release
				return nil
			})
		}()
		<-held
		id := s.ring(bob, false)
		s.must(s.phone.Kick(s.phone.Devices()[0].ID, sandbox.KickCut))
		<-time.After(time.Second)
		close(release) // the event is stored now, but could not be confirmed: it comes again
		s.settle()
		if got, want := s.calls(), []string{"incomingCall offer " + id}; !slices.Equal(got, want) {
			t.Errorf("notifications %q\nnot %q", got, want)
		}
	})
}
