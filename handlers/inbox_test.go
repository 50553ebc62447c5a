package handlers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance"
	"greengate/sandbox"
	"greengate/store/storetest"
)

// breakTable makes every insert into a table fail, as on a full disk, until repair.
func (s *stack) breakTable(table string) {
	s.t.Helper()
	storetest.Break(s.t, s.dsn, table)
}

func (s *stack) repair() {
	s.t.Helper()
	storetest.Repair(s.t, s.dsn)
}

// toldIDs polls for all notifications and returns the ids of their messages.
func (s *stack) toldIDs() []string {
	s.t.Helper()
	list := []string{}
	for n := s.next(); n != nil; n = s.next() {
		list = append(list, n.Body.IDMessage)
	}
	return list
}

// wantToldOnce fails unless these messages are told, each once and in their order, and stand in the journal so.
func (s *stack) wantToldOnce(chat string, ids ...string) {
	s.t.Helper()
	if got := s.toldIDs(); !slices.Equal(got, ids) {
		s.t.Errorf("told %v, want %v", got, ids)
	}
	var listed []string
	for _, entry := range s.history(chat) {
		listed = append(listed, entry.IDMessage)
	}
	slices.Reverse(listed)
	if !slices.Equal(listed, ids) {
		s.t.Errorf("listed %v, want %v", listed, ids)
	}
}

// WhatsApp has not heard that a message was taken, and delivers it again.
func TestAMessageIsTakenOnceWhenItsAckIsLost(t *testing.T) {
	for name, back := range map[string]func(s *stack){
		"reconnect": func(s *stack) { s.must(s.phone.Kick(s.device(), sandbox.KickCut)) },
		"restart":   func(s *stack) { s.restart() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.set("incomingWebhook")
				id, err := bob.SendText(s.t.Context(), s.phone.JID(), "1")
				s.must(err)
				s.must(s.phone.Kick(s.device(), sandbox.KickSilence))
				synctest.Wait()
				back(s)
				second := s.says(bob, "2")
				pass(time.Minute)
				s.wantToldOnce(bobChat, id, second)
			})
		})
	}
}

// What could not be stored is not confirmed, comes again when the connection is made anew, and can be read again although its key is used.
func TestAMessageThatCannotBeStoredComesAgain(t *testing.T) {
	for _, table := range []string{"messages", "notifications"} {
		t.Run(table, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.set("incomingWebhook")
				first := s.says(bob, "1")
				s.breakTable(table)
				ids := []string{first, s.says(bob, "2"), s.says(bob, "3")}
				pass(10 * time.Minute)
				if len(s.history(bobChat)) != 1 {
					t.Error("half a message is stored")
				}
				logins := strings.Count(s.logs.String(), "Successfully authenticated")
				if logins < 10 || logins > 20 {
					t.Errorf("%d logins in ten minutes", logins)
				}
				s.wantStatus(instance.StateAuthorized, "")
				s.repair()
				pass(2 * time.Minute)
				s.wantToldOnce(bobChat, ids...)
			})
		})
	}
}

// What comes while WhatsApp is still to deliver an earlier message again waits for it.
func TestNoMessageOvertakesOneThatCouldNotBeStored(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook")
		s.breakTable("notifications")
		first := s.says(bob, "1")
		s.repair()
		second := s.says(bob, "2")
		pass(time.Minute)
		s.wantToldOnce(bobChat, first, second)
	})
}

func TestAReceiptThatCannotBeStoredComesAgain(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("outgoingWebhook")
		id := s.say(bobChat, "1")
		pass(time.Second)
		s.breakTable("notifications")
		bob.Read(id)
		pass(time.Minute)
		if m := s.message(bobChat, id); m.StatusMessage != "delivered" {
			t.Errorf("%+v", m)
		}
		s.repair()
		pass(2 * time.Minute)
		if got := s.statuses(id); !slices.Equal(got, []string{"sent", "delivered", "read"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestMessagesComeInOrderAfterAnAbsence(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook")
		s.stop()
		var ids []string
		for n := range 50 {
			id, err := bob.SendText(s.t.Context(), s.phone.JID(), fmt.Sprint(n))
			s.must(err)
			ids = append(ids, id)
		}
		s.start()
		s.await(instance.StateAuthorized)
		synctest.Wait()
		s.wantToldOnce(bobChat, ids...)
	})
}

// The first message to a group brings the sender's key beside it, which whatsmeow shows as a message of its own.
func TestAGroupMessageIsToldOnce(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		group, err := bob.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		s.set("incomingWebhook")
		var ids []string
		for _, text := range []string{"1", "2"} {
			id, err := bob.SendText(s.t.Context(), group, text)
			s.must(err)
			ids = append(ids, id)
			synctest.Wait()
		}
		s.wantToldOnce(group.String(), ids...)
	})
}

// The name of a group is asked for once; that WhatsApp does not answer holds messages up for seconds, not for good.
func TestASilentWhatsAppDoesNotHoldUpGroupMessages(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		group, err := bob.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		s.set("incomingWebhook")
		s.restart()
		s.await(instance.StateAuthorized)
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultIQDrop, Match: "w:g2 get", Count: -1}))
		start := time.Now()
		for range 5 {
			_, err := bob.SendText(s.t.Context(), group, "Hello")
			s.must(err)
		}
		for range 5 {
			if n := s.next(); n == nil || n.Body.SenderData.ChatName != "" {
				t.Errorf("%+v", n)
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("told after %v", took)
		}
		s.world.ClearFaults()
		pass(2 * time.Minute)
		_, err = bob.SendText(s.t.Context(), group, "Hello")
		s.must(err)
		if n := s.next(); n == nil || n.Body.SenderData.ChatName != "Gardeners" {
			t.Errorf("%+v", n)
		}
	})
}
