package sandbox

import (
	"testing"
	"testing/synctest"

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

func TestTextFromPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := newClient(t, w, "4915100000001"), newClient(t, w, "4915100000002")
		id := sendText(t, alice.phone, bob.phone, "hello")
		if m := receive(t, bob.phone); m.Text != "hello" || m.ID != id || m.From != alice.phone.JID() || m.FromMe {
			t.Errorf("the other phone got %+v", m)
		}
		got := await[*events.Message](bob)
		if got.Message.GetConversation() != "hello" || got.Info.ID != id || got.Info.Chat != alice.phone.LID() ||
			got.Info.SenderAlt != alice.phone.JID() || got.Info.PushName != "Phone 4915100000001" {
			t.Errorf("the other companion got %+v", got.Info)
		}
		copied := await[*events.Message](alice)
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
