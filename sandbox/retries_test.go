package sandbox

import (
	"testing"

	"go.mau.fi/whatsmeow/types/events"
)

func TestPhoneAsksCompanionAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		for fails := range 3 {
			for range fails {
				bob.FailNextDecrypt()
			}
			if _, err := alice.SendMessage(t.Context(), bob.JID(), say("hello")); err != nil {
				t.Fatal(err)
			}
			if m := receive(t, bob); m.Text != "hello" {
				t.Errorf("after %d failures the phone got %+v", fails, m)
			}
		}
	})
}

func TestCompanionAsksPhoneAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
		awaitAppState(bob) // only then has the companion a session with its own phone
		sendText(t, alice, bob.phone, "first")
		awaitMessage(bob)
		address := alice.LID().SignalAddress().String()
		if err := bob.Store.Sessions.PutSession(t.Context(), address, []byte{}); err != nil {
			t.Fatal(err)
		}
		id := sendText(t, alice, bob.phone, "second")
		if e := await[*events.UndecryptableMessage](bob); e.Info.ID != id {
			t.Errorf("undecryptable is %+v", e.Info)
		}
		bySender, byOwnPhone := false, false
		for range 2 {
			e := awaitMessage(bob)
			if e.Info.ID != id || e.Message.GetConversation() != "second" {
				t.Errorf("got %+v", e.Info)
			}
			bySender, byOwnPhone = bySender || e.RetryCount == 1, byOwnPhone || e.UnavailableRequestID != ""
		}
		if !bySender || !byOwnPhone {
			t.Errorf("sent again by the sender: %v, by the own phone: %v", bySender, byOwnPhone)
		}
	})
}
