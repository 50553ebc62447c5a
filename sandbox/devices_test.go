package sandbox

import (
	"testing"
	"testing/synctest"
)

// Clients keep lists of devices; one that is linked or unlinked later must not be forgotten or written to.
func TestDeviceListsFollow(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		a, b := newClient(t, w, alice), newClient(t, w, bob)
		send := func(from, to *client, text string) {
			t.Helper()
			if _, err := from.SendMessage(t.Context(), to.phone.JID(), say(text)); err != nil {
				t.Fatal(err)
			}
		}
		send(a, b, "before")
		send(b, a, "before")
		late := linkClient(t, w, a.phone)
		synctest.Wait()
		send(b, a, "to all")
		if got := awaitText(late); got.Message.GetConversation() != "to all" || got.Info.IsFromMe {
			t.Errorf("from another account the new device got %+v", got.Info)
		}
		send(a, b, "copy")
		if got := awaitText(late); got.Message.GetConversation() != "copy" || !got.Info.IsFromMe {
			t.Errorf("from the own account the new device got %+v", got.Info)
		}
	})
}
