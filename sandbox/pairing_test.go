package sandbox

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/types/events"
)

func TestPairByQR(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		devices := c.phone.Devices()
		if len(devices) != 1 || devices[0].JID != *c.Store.ID || !devices[0].Online {
			t.Errorf("devices of the phone: %+v, the client is %s", devices, c.Store.ID)
		}
		if c.Store.LID.User != c.phone.LID().User {
			t.Errorf("the client's LID is %s, the phone's %s", c.Store.LID, c.phone.LID())
		}
	})
}

func TestQRCodesExpire(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		p, c := addPhone(t, w, alice), newUnlinked(t, w)
		c.connect()
		codes := await[*events.QR](c).Codes
		if len(codes) != refCount {
			t.Fatalf("%d codes", len(codes))
		}
		time.Sleep(firstRef)
		if err := p.ScanQR(codes[0]); !errors.Is(err, errQRExpired) {
			t.Errorf("the first code after its time: %v", err)
		}
		time.Sleep(4*nextRef + nextRef/2)
		if err := p.ScanQR(codes[4]); !errors.Is(err, errQRExpired) {
			t.Errorf("the fifth code after its time: %v", err)
		}
		await[*events.Disconnected](c)
		synctest.Wait()
		if err := p.ScanQR(codes[5]); !errors.Is(err, errQRUnknown) {
			t.Errorf("a code of a client that was sent away: %v", err)
		}
	})
}

func TestLaterQRCode(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		p, c := addPhone(t, w, alice), newUnlinked(t, w)
		c.connect()
		codes := await[*events.QR](c).Codes
		time.Sleep(firstRef + nextRef/2)
		if err := p.ScanQR(codes[1]); err != nil {
			t.Fatal(err)
		}
		if err := p.ScanQR(codes[1]); !errors.Is(err, errAlreadyLinked) {
			t.Errorf("scanned again: %v", err)
		}
		await[*events.Connected](c)
	})
}

// The secret of the code never reaches the network; a phone that has another one cannot link the client.
func TestForeignQRCode(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		p, c := addPhone(t, w, alice), newUnlinked(t, w)
		c.connect()
		fields := strings.Split(await[*events.QR](c).Codes[0], ",")
		other := base64.StdEncoding.EncodeToString(make([]byte, 32))
		with := func(field int) string {
			changed := append([]string{}, fields...)
			changed[field] = other
			return strings.Join(changed, ",")
		}
		for field := 1; field <= 2; field++ {
			if err := p.ScanQR(with(field)); !errors.Is(err, errQRKeys) {
				t.Errorf("field %d changed: %v", field, err)
			}
		}
		if err := p.ScanQR(with(3)); err != nil {
			t.Fatal(err)
		}
		await[*events.PairError](c)
		if devices := p.Devices(); len(devices) != 0 {
			t.Errorf("linked: %+v", devices)
		}
	})
}

func TestPasskeyRequired(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		p, c := addPhone(t, w, alice), newUnlinked(t, w)
		p.RequirePasskey(true)
		c.connect()
		if err := p.ScanQR(await[*events.QR](c).Codes[0]); err != nil {
			t.Fatal(err)
		}
		if request := await[*events.PairPasskeyRequest](c); request.PublicKey.RelyingPartID != "whatsapp.com" {
			t.Errorf("asked for a passkey: %+v", request.PublicKey)
		}
	})
}

func TestParseQR(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	fields := "2@ref," + key + "," + key + "," + key
	for _, text := range []string{fields, fields + ",1", "https://wa.me/settings/linked_devices#" + fields + ",1", " " + fields + "\n"} {
		if code, err := parseQR(text); err != nil || code.ref != "2@ref" {
			t.Errorf("%q: %+v, %v", text, code, err)
		}
	}
	for _, text := range []string{"", "hello", "2@ref,a,b,c", "," + key + "," + key + "," + key, fields + ",1,2", "2@ref," + key + "," + key + ",AAAA"} {
		if _, err := parseQR(text); !errors.Is(err, errQRFormat) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
