package sandbox

import (
	"testing"
	"testing/synctest"

	waBinary "go.mau.fi/whatsmeow/binary"
)

func TestPreKeysRunLow(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		synctest.Wait()
		left := func() (count int) {
			w.locked(func() { count = len(w.account(*c.Store.ID).devices[1].keys.oneTime) })
			return count
		}
		first := left()
		if first < 50 {
			t.Fatalf("the client has uploaded %d keys", first)
		}
		given := map[string]bool{}
		for range first - fewPreKeys + 1 {
			w.locked(func() {
				user := w.preKeysOf(*c.Store.ID)
				given[string(childBytes(&user, "key", "id"))] = true
			})
		}
		if len(given) != first-fewPreKeys+1 {
			t.Errorf("%d different keys were given out", len(given))
		}
		synctest.Wait()
		if now := left(); now < first {
			t.Errorf("%d keys are left after the client was asked for more", now)
		}
	})
}

func TestPreKeysOfNobody(t *testing.T) {
	w := newWorld(t)
	p := addPhone(t, w, alice)
	jid := p.JID()
	jid.Device = 7
	var user waBinary.Node
	w.locked(func() { user = w.preKeysOf(jid) })
	if attrJID(&user, "jid") != jid || child(&user, "error") == nil {
		t.Errorf("keys of a device that does not exist: %s", describe(&user))
	}
}
