package sandbox

import (
	"testing"
	"testing/synctest"

	"go.mau.fi/whatsmeow/types/events"
)

func TestOfflineMessages(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c, other := newClient(t, w, alice), addPhone(t, w, bob)
		synctest.Wait()
		c.Disconnect()
		for _, text := range []string{"one", "two"} {
			sendText(t, other, c.phone, text)
		}
		c.forget()
		c.connect()
		if e := await[*events.OfflineSyncPreview](c); e.Messages != 2 || e.Total < 2 {
			t.Errorf("announced: %+v", e)
		}
		for _, want := range []string{"one", "two"} {
			if got := await[*events.Message](c).Message.GetConversation(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		await[*events.OfflineSyncCompleted](c)
		synctest.Wait()
		if left := unconfirmed(w, c); left != 0 {
			t.Errorf("%d stanzas are not confirmed", left)
		}
	})
}

// What was sent into a line that had died without anyone noticing comes again.
func TestLostMessage(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c, other := newClient(t, w, alice), addPhone(t, w, bob)
		synctest.Wait()
		c.forget()
		if err := c.phone.Kick(1, KickSilence); err != nil {
			t.Fatal(err)
		}
		sendText(t, other, c.phone, "lost")
		synctest.Wait()
		if left := unconfirmed(w, c); left != 1 {
			t.Fatalf("%d stanzas are not confirmed", left)
		}
		c.Disconnect()
		c.connect()
		if got := await[*events.Message](c).Message.GetConversation(); got != "lost" {
			t.Errorf("got %q", got)
		}
	})
}

func unconfirmed(w *World, c *client) (count int) {
	w.locked(func() { count = len(w.account(*c.Store.ID).devices[1].pending) })
	return count
}
