package sandbox

import (
	"testing"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

func TestMessageHashIsTheClients(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		group := groupOf(t, bob.phone, alice.phone)
		var hashes []string
		w.locked(func() {
			w.router.stanzas["message"] = func(s *session, n *waBinary.Node) error {
				devices := []types.JID{s.device.lid}
				for _, to := range child(n, "participants").GetChildren() {
					devices = append(devices, attrJID(&to, "jid"))
				}
				client, server := devicesHash(devices), w.messageHash(s.device.endpoint(), attrJID(n, "to"))
				if own := attr(n, "phash"); client != server || own != "" && own != server {
					t.Errorf("server %s, client %s, in the stanza %q", server, client, own)
				}
				hashes = append(hashes, server)
				return w.handleMessage(s, n)
			}
		})
		for _, to := range []types.JID{bob.phone.JID(), group} {
			if _, err := alice.SendMessage(t.Context(), to, say("hello")); err != nil {
				t.Fatal(err)
			}
		}
		if len(hashes) != 2 {
			t.Errorf("%d hashes were compared", len(hashes))
		}
	})
}
