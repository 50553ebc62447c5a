package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

func TestMessageHashIsTheClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := newClient(t, w, "4915100000001"), newClient(t, w, "4915100000002")
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

func TestMessageFaults(t *testing.T) {
	for _, tc := range []struct {
		fault   Fault
		failure string // "": none
		takes   time.Duration
		arrives int
	}{
		{Fault{Kind: FaultMessageError, Code: 463}, "server returned error 463", 0, 0},
		{Fault{Kind: FaultMessageError, Match: "media"}, "", 0, 1},
		{Fault{Kind: FaultMessageDrop}, "timed out", 5 * time.Second, 0},
		{Fault{Kind: FaultMessageDrop, After: true}, "timed out", 5 * time.Second, 1},
		{Fault{Kind: FaultMessageDelay, Delay: 2 * time.Second}, "", 2 * time.Second, 1},
	} {
		t.Run(string(tc.fault.Kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := newClient(t, w, "4915100000001"), addPhone(t, w, "4915100000002")
				if err := w.Inject(tc.fault); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				_, err := alice.SendMessage(t.Context(), bob.JID(), say("hello"), whatsmeow.SendRequestExtra{Timeout: 5 * time.Second})
				if (err != nil) != (tc.failure != "") || err != nil && !strings.Contains(err.Error(), tc.failure) {
					t.Errorf("SendMessage: %v", err)
				}
				if took := time.Since(began); took != tc.takes {
					t.Errorf("SendMessage took %v", took)
				}
				if n := len(bob.Messages()); n != tc.arrives {
					t.Errorf("%d messages arrived", n)
				}
			})
		})
	}
}
