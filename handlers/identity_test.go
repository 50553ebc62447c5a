package handlers_test

import (
	"strings"
	"testing"
	"time"

	"greengate/instance"
)

// told polls for the next notification and fails unless it names these as chat and sender.
func (s *stack) told(chat, sender string) *notification {
	s.t.Helper()
	n := s.next()
	if n == nil || n.Body.SenderData.ChatID != chat || n.Body.SenderData.Sender != sender {
		s.t.Fatalf("told %+v, want chat %s and sender %s", n, chat, sender)
	}
	return n
}

func TestPeopleGoByTheirNumbers(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		group, err := bob.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		s.must(s.phone.SaveContact(bob.JID(), "Robert B"))
		pass(time.Second) // in which the address book is shared
		s.set("incomingWebhook", "outgoingMessageWebhook")
		_, err = bob.SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		if d := s.told(bobChat, bobChat).Body.SenderData; d.ChatName != "Robert B" || d.SenderName != "Bob" || d.SenderContactName != "Robert B" {
			t.Errorf("%+v", d)
		}
		_, err = bob.SendText(s.t.Context(), group, "Hello all")
		s.must(err)
		if d := s.told(group.String(), bobChat).Body.SenderData; d.ChatName != "Gardeners" || d.SenderName != "Bob" || d.SenderContactName != "Robert B" {
			t.Errorf("%+v", d)
		}
		_, err = s.phone.SendText(s.t.Context(), group, "Hello you")
		s.must(err)
		if d := s.told(group.String(), ownNumber+"@c.us").Body.SenderData; d.ChatName != "Gardeners" || d.SenderName != "Ann" {
			t.Errorf("%+v", d)
		}
	})
}

// Somebody who hides the number goes by the LID, and is one chat with it: answers and receipts find it.
func TestPeopleWithoutANumberGoByTheirLID(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		bob.HideNumber(true)
		lid := string(instance.ChatIDOf(bob.LID()))
		s.set("incomingWebhook", "outgoingAPIMessageWebhook", "outgoingWebhook")
		id, err := bob.SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		if d := s.told(lid, lid).Body.SenderData; d.ChatName != "Bob" || d.SenderName != "Bob" {
			t.Errorf("%+v", d)
		}
		answer := s.send("sendMessage", `{"chatId":"`+lid+`","message":"Hello yourself","quotedMessageId":"`+id+`"}`)
		s.told(lid, ownNumber+"@c.us")
		bob.Read(answer)
		if got := strings.Join(s.statuses(answer), " "); got != "sent delivered read" {
			t.Error(got)
		}
		if entries := s.history(lid); len(entries) != 2 || entries[0].StatusMessage != "read" {
			t.Errorf("%+v", entries)
		}
	})
}

func TestLIDModeNamesPeopleByTheirLIDs(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.set("enableLidMode", "incomingWebhook", "outgoingMessageWebhook", "outgoingAPIMessageWebhook")
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		lid, own := string(instance.ChatIDOf(bob.LID())), string(instance.ChatIDOf(s.phone.LID()))
		_, err := bob.SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		s.told(lid, lid)
		_, err = s.phone.SendText(s.t.Context(), bob.JID(), "Hello yourself")
		s.must(err)
		s.told(lid, own)
		s.send("sendMessage", `{"chatId":"`+bobChat+`","message":"By number"}`)
		s.told(lid, own)
		if entries := s.history(bobChat); len(entries) != 3 || entries[0].ChatID != lid {
			t.Errorf("%+v", entries)
		}
	})
}

// A message that somebody blocked writes does not arrive.
func TestBlockedPeopleAreNotHeard(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook")
		s.must(s.phone.Block(otherNumber))
		_, err := bob.SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		if n := s.next(); n != nil {
			t.Errorf("%+v", n)
		}
	})
}
