package sandbox

import (
	"slices"
	"testing"
	"testing/synctest"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func TestUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, err := New(Options{FewPreKeys: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Close)
		w.router.iqs[iqRoute{"bug", "get", ""}] = func(*session, *waBinary.Node) ([]waBinary.Node, error) { panic("a mistake") }
		c := newClient(t, w, alice)
		c.forget()
		send := func(n waBinary.Node) {
			t.Helper()
			if err := c.DangerousInternals().SendNode(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		for _, id := range []string{"1", "2"} {
			send(waBinary.Node{
				Tag:     "iq",
				Attrs:   waBinary.Attrs{"id": id, "xmlns": "w:weather", "type": "get", "to": types.ServerJID},
				Content: []waBinary.Node{{Tag: "place", Attrs: waBinary.Attrs{"name": "Bremen"}}},
			})
		}
		send(waBinary.Node{Tag: "smoke", Attrs: waBinary.Attrs{"to": c.phone.JID()}})
		send(waBinary.Node{Tag: "iq", Attrs: waBinary.Attrs{"id": "3", "xmlns": "bug", "type": "get"}})
		want := []string{
			"iq id=? to=@s.whatsapp.net type=get xmlns=w:weather > place name=? (2)",
			"panic at iq id=? type=get xmlns=bug: a mistake (1)",
			"smoke to=@s.whatsapp.net (1)",
		}
		if got := w.Unknown(); !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		await[*events.Disconnected](c)
		await[*events.Connected](c)
	})
}
