package sandbox

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types/events"
)

func TestPairByCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := addPhone(t, w, "491700000001")
		c := newUnlinked(t, w)
		c.connect()
		await[*events.QR](c)
		code, err := c.PairPhone(context.Background(), p.Number(), true, whatsmeow.PairClientChrome, "Chrome (Linux)")
		if err != nil {
			t.Fatal(err)
		}
		if names := p.PendingCodes(); len(names) != 1 || names[0] != "Chrome (Linux)" {
			t.Errorf("the phone shows %q", names)
		}
		if err := p.EnterCode("1111-1111"); !errors.Is(err, errWrongCode) {
			t.Errorf("a wrong code: %v", err)
		}
		if err := p.EnterCode(code); err != nil {
			t.Fatal(err)
		}
		await[*events.PairSuccess](c)
		await[*events.Connected](c)
		if err := p.EnterCode(code); !errors.Is(err, errNoCode) {
			t.Errorf("a used code: %v", err)
		}
	})
}
