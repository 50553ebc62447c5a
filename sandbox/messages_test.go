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

func TestTextFromCompanion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := newClient(t, w, "4915100000001"), newClient(t, w, "4915100000002")
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
		got := await[*events.Message](bob)
		if got.Message.GetConversation() != "hello" || got.Info.Sender.User != alice.phone.LID().User ||
			got.Info.SenderAlt.User != alice.phone.JID().User || got.Info.PushName != "Phone 4915100000001" {
			t.Errorf("the other companion got %+v", got.Info)
		}
	})
}
