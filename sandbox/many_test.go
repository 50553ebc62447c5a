package sandbox

import (
	"fmt"
	"testing"

	"go.mau.fi/whatsmeow/types/events"
)

// Bubbles show little of what happens when goroutines really run at once.
func TestManyClients(t *testing.T) {
	const clients = 12
	w := newWorld(t)
	hub := addPhone(t, w, alice)
	t.Cleanup(func() {
		if got := len(hub.Messages()); got != clients {
			t.Errorf("%d of %d messages arrived", got, clients)
		}
	})
	for i := range clients {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			c := newClient(t, w, fmt.Sprintf("491720000%03d", i))
			awaitAppState(c)
			if _, err := c.SendMessage(t.Context(), hub.JID(), say("hello")); err != nil {
				t.Error(err)
			}
			if err := c.phone.Kick(1, Kick515); err != nil {
				t.Error(err)
			}
			await[*events.Connected](c)
		})
	}
}
