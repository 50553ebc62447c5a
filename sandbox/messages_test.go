package sandbox

import (
	"testing"
	"testing/synctest"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

// receive waits for the next message of a phone.
func receive(t *testing.T, p *Phone) Message {
	t.Helper()
	m, err := p.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func say(text string) *waE2E.Message { return &waE2E.Message{Conversation: proto.String(text)} }

func sendText(t *testing.T, from, to *Phone, text string) string {
	t.Helper()
	id, err := from.SendText(t.Context(), to.JID(), text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// awaitMessage waits for a client's next message that people see: not one between devices, nor the key that comes with group messages.
func awaitMessage(c *client) *events.Message {
	c.t.Helper()
	for {
		e := await[*events.Message](c)
		onlyKey := e.Message.GetSenderKeyDistributionMessage() != nil && wordsOf(e.Message) == ""
		if e.Info.Category != "peer" && !onlyKey {
			return e
		}
	}
}

func TestTextFromPhone(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		id := sendText(t, alice.phone, bob.phone, "hello")
		if m := receive(t, bob.phone); m.Text != "hello" || m.ID != id || m.From != alice.phone.JID() || m.FromMe {
			t.Errorf("the other phone got %+v", m)
		}
		got := awaitMessage(bob)
		if got.Message.GetConversation() != "hello" || got.Info.ID != id || got.Info.Chat != alice.phone.LID() ||
			got.Info.SenderAlt != alice.phone.JID() || got.Info.PushName != "Phone "+alice.phone.Number() {
			t.Errorf("the other companion got %+v", got.Info)
		}
		copied := awaitMessage(alice)
		if copied.Message.GetConversation() != "hello" || !copied.Info.IsFromMe || copied.Info.Chat != bob.phone.LID() ||
			copied.Info.RecipientAlt != bob.phone.JID() {
			t.Errorf("the own companion got %+v", copied.Info)
		}
		pn, err := bob.Store.LIDs.GetPNForLID(t.Context(), alice.phone.LID())
		if err != nil || pn != alice.phone.JID() {
			t.Errorf("the receiver knows the sender's number as %v, %v", pn, err)
		}
	})
}

func TestTextFromCompanion(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		second := linkClient(t, w, alice.phone)
		sent, err := alice.SendMessage(t.Context(), bob.phone.JID(), say("hello"))
		if err != nil {
			t.Fatal(err)
		}
		if m := receive(t, bob.phone); m.Text != "hello" || m.ID != sent.ID || m.From != alice.phone.JID() || m.FromMe {
			t.Errorf("the other phone got %+v", m)
		}
		if m := receive(t, alice.phone); m.Text != "hello" || m.Chat != bob.phone.JID() || !m.FromMe {
			t.Errorf("the own phone got %+v", m)
		}
		if got := awaitMessage(bob); got.Message.GetConversation() != "hello" || got.Info.Chat != alice.phone.LID() {
			t.Errorf("the other companion got %+v", got.Info)
		}
		if got := awaitMessage(second); !got.Info.IsFromMe || got.Info.Chat != bob.phone.LID() {
			t.Errorf("the own second companion got %+v", got.Info)
		}
	})
}

func TestOfflineCompanionGetsMessagesLater(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
		synctest.Wait()
		await[*events.OfflineSyncCompleted](bob)
		bob.Disconnect()
		first, second := sendText(t, alice, bob.phone, "one"), sendText(t, alice, bob.phone, "two")
		bob.connect()
		for _, id := range []string{first, second} {
			if got := awaitMessage(bob); got.Info.ID != id {
				t.Errorf("got message %s instead of %s", got.Info.ID, id)
			}
		}
		await[*events.OfflineSyncCompleted](bob)
		synctest.Wait()
		bob.Disconnect()
		bob.connect()
		if again := await[*events.OfflineSyncCompleted](bob); again.Count != 0 {
			t.Errorf("%d stanzas were delivered again", again.Count)
		}
	})
}

func TestRepeatedMessageIsDeliveredOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		for range 2 {
			if _, err := alice.SendMessage(t.Context(), bob.JID(), say("once"), whatsmeow.SendRequestExtra{ID: "SAME"}); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(bob.Messages()); n != 1 || w.Repeats() != 1 {
			t.Errorf("%d messages arrived, %d were counted as repeats", n, w.Repeats())
		}
		if _, err := alice.SendMessage(t.Context(), bob.JID(), say("next")); err != nil {
			t.Fatal(err)
		}
		receive(t, bob)
		if m := receive(t, bob); m.Text != "next" {
			t.Errorf("after the repeat the phone got %+v", m)
		}
	})
}

func TestBlockedSenderIsNotDelivered(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		w.locked(func() { bob.phone.account.blocked[alice.phone.LID()] = true })
		if _, err := alice.SendMessage(t.Context(), bob.phone.JID(), say("psst")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, ok := takeEvent[*events.Message](bob); ok || len(bob.phone.Messages()) != 0 {
			t.Error("a blocked sender came through")
		}
		if n := len(alice.phone.Receipts()); n != 0 {
			t.Errorf("the blocked sender has got %d receipts", n)
		}
	})
}

func TestNoteToSelf(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		second := linkClient(t, w, c.phone)
		if _, err := c.SendMessage(t.Context(), c.phone.JID(), say("milk")); err != nil {
			t.Fatal(err)
		}
		if m := receive(t, c.phone); m.Text != "milk" || m.Chat != c.phone.JID() || !m.FromMe {
			t.Errorf("the phone got %+v", m)
		}
		if e := awaitMessage(second); e.Info.Chat != c.phone.LID() || !e.Info.IsFromMe {
			t.Errorf("the second companion got %+v", e.Info)
		}
	})
}
