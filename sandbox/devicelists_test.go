package sandbox

import (
	"testing"

	"go.mau.fi/whatsmeow/types"
)

func TestClientsHearOfNewCompanions(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		send := func() {
			if _, err := alice.SendMessage(t.Context(), bob.JID(), say("hello")); err != nil {
				t.Fatal(err)
			}
		}
		send()
		settle()
		own, other := linkClient(t, w, alice.phone), linkClient(t, w, bob)
		settle()
		send()
		awaitMessage(own)
		awaitMessage(other)
	})
}

func TestClientsHearOfRemovedCompanions(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		if _, err := alice.SendMessage(t.Context(), bob.phone.JID(), say("hello")); err != nil {
			t.Fatal(err)
		}
		settle()
		if err := bob.phone.Unlink(bob.Store.ID.Device); err != nil {
			t.Fatal(err)
		}
		settle()
		devices, err := alice.GetUserDevices(t.Context(), []types.JID{bob.phone.JID(), bob.phone.LID()})
		if err != nil || len(devices) != 2 {
			t.Errorf("the client still knows %v, %v", devices, err)
		}
	})
}
