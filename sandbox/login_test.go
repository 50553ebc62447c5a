package sandbox

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

const (
	alice = "491700000001"
	bob   = "491700000002"
	carol = "491700000003"
	dave  = "491700000004"
)

// bubble runs a test with a network inside virtual time.
func bubble(t *testing.T, test func(t *testing.T, w *World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) })
}

func TestStaysConnected(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		time.Sleep(24 * time.Hour)
		if _, ok := takeEvent[*events.KeepAliveTimeout](c); ok || !c.IsLoggedIn() {
			t.Error("the client lost its connection within a day")
		}
	})
}

func TestUnlink(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		if err := c.phone.Unlink(2); err == nil {
			t.Error("a device that does not exist was unlinked")
		}
		if err := c.phone.Unlink(1); err != nil {
			t.Fatal(err)
		}
		if e := await[*events.LoggedOut](c); e.OnConnect {
			t.Error("logged out at login, not while connected")
		}
		if devices := c.phone.Devices(); len(devices) != 0 {
			t.Errorf("devices left: %+v", devices)
		}
	})
}

// What a removed device still says before it has read that it was removed does not count.
func TestRemovedDeviceIsNotHeard(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c, other := newClient(t, w, alice), addPhone(t, w, bob)
		settle()
		w.locked(func() { w.forget(c.phone.account.devices[1]) })
		if _, err := c.SendMessage(t.Context(), other.JID(), say("hello"), whatsmeow.SendRequestExtra{Timeout: time.Second}); err == nil {
			t.Error("its message was accepted")
		}
		if got := other.Messages(); len(got) != 0 {
			t.Errorf("its message arrived: %+v", got)
		}
	})
}

func TestUnlinkWhileOffline(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		settle()
		c.Disconnect()
		c.phone.UnlinkAll()
		c.connect()
		if e := await[*events.LoggedOut](c); !e.OnConnect || e.Reason != events.ConnectFailureLoggedOut {
			t.Errorf("logged out with %+v", e)
		}
	})
}

func TestLogout(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		settle()
		if err := c.Logout(context.Background()); err != nil {
			t.Fatal(err)
		}
		if devices := c.phone.Devices(); len(devices) != 0 {
			t.Errorf("devices left: %+v", devices)
		}
	})
}

func TestTooManyDevices(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		p := addPhone(t, w, alice)
		for range maxCompanions {
			linkClient(t, w, p)
		}
		c := newUnlinked(t, w)
		c.connect()
		if err := p.ScanQR(await[*events.QR](c).Codes[0]); !errors.Is(err, errTooMany) {
			t.Errorf("one device too many: %v", err)
		}
	})
}

func TestReplaced(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		old := newClient(t, w, alice)
		settle()
		same := whatsmeow.NewClient(old.Store, nil)
		c := &client{Client: same, t: t, wake: make(chan struct{}, 1)}
		transport := c.use(w.Network())
		c.AddEventHandler(c.collect)
		c.connect()
		await[*events.StreamReplaced](old)
		await[*events.Connected](c)
		time.Sleep(time.Minute)
		if !c.IsLoggedIn() || old.IsConnected() {
			t.Errorf("new client logged in: %t, old one connected: %t", c.IsLoggedIn(), old.IsConnected())
		}
		c.Disconnect()
		transport.CloseIdleConnections()
	})
}

func TestBan(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		settle()
		if err := w.Ban(bob); err == nil {
			t.Error("a number without a phone was banned")
		}
		if err := w.Ban(alice); err != nil {
			t.Fatal(err)
		}
		await[*events.Disconnected](c)
		if e := await[*events.LoggedOut](c); e.Reason != events.ConnectFailureMainDeviceGone {
			t.Errorf("banned with %+v", e)
		}
	})
}

func TestTemporaryBan(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		settle()
		if err := w.BanFor(alice, time.Hour, int(events.TempBanBlockedByUsers)); err != nil {
			t.Fatal(err)
		}
		ban := await[*events.TemporaryBan](c)
		if ban.Code != events.TempBanBlockedByUsers || ban.Expire < 59*time.Minute || ban.Expire > time.Hour {
			t.Errorf("banned: %s", ban)
		}
		time.Sleep(time.Hour)
		c.connect()
		await[*events.Connected](c)
	})
}

func TestOutdated(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		w.Outdate(true)
		c := newUnlinked(t, w)
		c.connect()
		await[*events.ClientOutdated](c)
	})
}

func TestPresence(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		ctx := context.Background()
		c := newClient(t, w, alice)
		other := addPhone(t, w, bob)
		c.Store.PushName = "Alice"
		if err := c.SendPresence(ctx, types.PresenceAvailable); err != nil {
			t.Fatal(err)
		}
		if err := c.SubscribePresence(ctx, other.JID()); err != nil {
			t.Fatal(err)
		}
		if e := await[*events.Presence](c); !e.Unavailable || e.From != other.JID() {
			t.Errorf("at first: %+v", e)
		}
		other.SetOnline(true)
		if e := await[*events.Presence](c); e.Unavailable {
			t.Errorf("when online: %+v", e)
		}
		time.Sleep(time.Minute)
		other.SetOnline(false)
		if e := await[*events.Presence](c); !e.Unavailable || !e.LastSeen.Equal(time.Now()) {
			t.Errorf("when offline again: %+v", e)
		}
	})
}
