package handlers_test

import (
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/instance"
	"greengate/sandbox"
)

const giveUpAfter = 10 * time.Minute

// onlyTold fails unless the next notification is a text under an id, and there is no other.
func (s *stack) onlyTold(id, text string) {
	s.t.Helper()
	n := s.next()
	if n == nil || n.Body.IDMessage != id || n.Body.MessageData.TextMessageData.TextMessage != text || n.Body.SenderData.ChatID != bobChat {
		s.t.Errorf("told %+v, want %q", n, text)
	}
	if n := s.next(); n != nil {
		s.t.Errorf("and told %+v", n)
	}
}

func TestAMessageThatComesAgainIsToldOnce(t *testing.T) {
	for name, faults := range map[string]int{"from its sender": 1, "at the third time": 2} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.set("incomingWebhook")
				s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultGarble, Number: ownNumber, Count: faults}))
				id, err := bob.SendText(s.t.Context(), s.phone.JID(), "Hello")
				s.must(err)
				s.onlyTold(id, "Hello")
				pass(2 * giveUpAfter)
				if n := s.next(); n != nil {
					t.Errorf("told again: %+v", n)
				}
			})
		})
	}
}

func TestAGroupMessageThatComesAgainIsToldOnce(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		group, err := bob.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		s.set("incomingWebhook")
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultGarble, Number: ownNumber}))
		id, err := bob.SendText(s.t.Context(), group, "Hello")
		s.must(err)
		if n := s.next(); n == nil || n.Body.IDMessage != id || n.Body.MessageData.TextMessageData.TextMessage != "Hello" {
			t.Errorf("%+v", n)
		}
		if n := s.next(); n != nil {
			t.Errorf("told again: %+v", n)
		}
	})
}

// What can be viewed once never comes to linked devices.
func TestAMarkerStandsForWhatNeverComes(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook")
		id, err := bob.Send(s.t.Context(), s.phone.JID(), &waE2E.Message{ViewOnceMessageV2: &waE2E.FutureProofMessage{
			Message: &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Mimetype: proto.String("image/jpeg")}},
		}})
		s.must(err)
		pass(giveUpAfter / 2)
		s.restart()
		s.await(instance.StateAuthorized)
		if n := s.next(); n != nil {
			t.Errorf("told too early: %+v", n)
		}
		pass(giveUpAfter / 2)
		s.onlyTold(id, "{{SWE001}}")
		if m := s.message(bobChat, id); m.TextMessage != "{{SWE001}}" || m.SenderID != bobChat {
			t.Errorf("%+v", m)
		}
	})
}

func TestAnotherMarkerStandsForWhatComesAndCannotBeRead(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook")
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultGarble, Number: ownNumber, Count: -1}))
		id, err := bob.SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		pass(giveUpAfter + time.Second)
		s.onlyTold(id, "{{SWE003}}")
	})
}

// The line goes silent when the message has come, and is back only when it was given up.
func TestWhatComesLaterThanItsMarkerIsNotToldAgain(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook")
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultGarble, Number: ownNumber}))
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultConnect, Code: 503, Count: -1}))
		id, err := bob.SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		s.must(s.phone.Kick(s.device(), sandbox.KickSilence))
		pass(giveUpAfter + time.Minute)
		s.onlyTold(id, "{{SWE001}}")
		s.world.ClearFaults()
		s.await(instance.StateAuthorized)
		pass(2 * giveUpAfter)
		if m := s.message(bobChat, id); m.TextMessage != "Hello" {
			t.Errorf("%+v", m)
		}
		if n := s.next(); n != nil {
			t.Errorf("told again: %+v", n)
		}
	})
}
