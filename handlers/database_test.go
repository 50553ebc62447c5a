package handlers_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance"
	"greengate/store"
	"greengate/store/storetest"
)

// takeAway makes every statement on a table fail until the function it returns is called.
func (s *stack) takeAway(table string) (repair func()) {
	s.t.Helper()
	storetest.Exec(s.t, s.dsn, `ALTER TABLE `+table+` RENAME TO away`)
	return func() {
		s.t.Helper()
		storetest.Exec(s.t, s.dsn, `ALTER TABLE away RENAME TO `+table)
	}
}

// tablesOfADecryption are those without which a message cannot be taken.
var tablesOfADecryption = []string{
	"messages", "notifications", "whatsmeow_event_buffer", "whatsmeow_sessions", "whatsmeow_identity_keys", "whatsmeow_pre_keys",
}

// A message that arrives while the database fails stays with WhatsApp and comes once when it works again.
func TestNothingIsLostWhileTheDatabaseFails(t *testing.T) {
	for _, table := range tablesOfADecryption {
		t.Run(table, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.set("incomingWebhook")
				repair := s.takeAway(table)
				id, err := bob.SendText(s.t.Context(), s.phone.JID(), "Hello")
				s.must(err)
				pass(3 * time.Minute)
				if receipts := bob.Receipts(); len(receipts) > 1 { // the first is our phone's
					s.t.Errorf("Bob was told %+v", receipts)
				}
				repair()
				pass(time.Minute)
				s.wantOnce(id)
			})
		})
	}
}

// wantOnce expects the notification of a message, and no other.
func (s *stack) wantOnce(id string) {
	s.t.Helper()
	if n := s.next(); n == nil || n.Body.IDMessage != id {
		s.t.Errorf("%+v, want the message", n)
	}
	if n := s.next(); n != nil {
		s.t.Errorf("%+v, want nothing more", n)
	}
}

// The key with which a member writes to a group comes beside his first message, and whatsmeow does not tell when it could not be kept.
func TestGroupKeyIsNotLostWhileTheDatabaseFails(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook")
		group, err := bob.CreateGroup("Friends", ownNumber)
		s.must(err)
		pass(time.Minute)
		for s.next() != nil { // the group itself
		}
		repair := s.takeAway("whatsmeow_sender_keys")
		id, err := bob.SendText(s.t.Context(), group, "Hello")
		s.must(err)
		pass(3 * time.Minute)
		repair()
		pass(time.Minute)
		s.wantOnce(id)
	})
}

// A message is not sent without the keys of its receiver, nor given up, while they cannot be kept.
func TestSendingWaitsForTheDatabase(t *testing.T) {
	for _, table := range []string{"whatsmeow_sessions", "whatsmeow_identity_keys", "lids"} {
		t.Run(table, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				repair := s.takeAway(table)
				id := s.send("sendMessage", `{"chatId":"`+otherNumber+`@c.us","message":"Hello"}`)
				pass(time.Hour)
				if got := bob.Messages(); len(got) != 0 {
					s.t.Errorf("Bob got %+v", got)
				}
				repair()
				pass(5 * time.Minute)
				if got := bob.Messages(); len(got) != 1 || got[0].ID != id || got[0].Text != "Hello" {
					s.t.Errorf("Bob got %+v", got)
				}
			})
		})
	}
}

// setSettings writes under the instance's lock, and a receipt is taken in a transaction: they must not wait for each other.
func TestSettingsChangeWhileAReceiptArrives(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("outgoingWebhook")
		id := s.send("sendMessage", `{"chatId":"`+otherNumber+`@c.us","message":"Hello"}`)
		_, err := bob.Next(s.t.Context())
		s.must(err)
		pass(time.Minute)
		done := make(chan error, 1)
		s.must(s.store.Update(s.t.Context(), func(*store.Tx) error {
			bob.Read(id)
			synctest.Wait() // the receipt waits for its transaction
			go func() {
				done <- s.instance().SetSettings(context.Background(), instance.SettingsPatch{"outgoingWebhook": json.RawMessage(`"no"`)})
			}()
			synctest.Wait() // and the settings, with the lock, for theirs
			return nil
		}))
		s.must(<-done)
	})
}
