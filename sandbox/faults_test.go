package sandbox

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types/events"
)

// ask sends a query that changes nothing and whose answer is empty.
func ask(c *client, timeout time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	start := time.Now()
	err := c.SetPassive(ctx, false)
	return time.Since(start), err
}

func inject(t *testing.T, w *World, f Fault) {
	t.Helper()
	if err := w.Inject(f); err != nil {
		t.Fatal(err)
	}
}

func TestIQFaults(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		check func(took time.Duration, err error) bool
	}{
		{"error", Fault{Kind: FaultIQError, Match: "passive set", Code: 429, Text: "rate-overlimit"}, func(_ time.Duration, err error) bool {
			return errors.Is(err, whatsmeow.ErrIQRateOverLimit)
		}},
		{"error after effect", Fault{Kind: FaultIQError, After: true}, func(_ time.Duration, err error) bool { return err != nil }},
		{"delay", Fault{Kind: FaultIQDelay, Delay: 7 * time.Second}, func(took time.Duration, err error) bool {
			return err == nil && took == 7*time.Second
		}},
		{"drop", Fault{Kind: FaultIQDrop, Number: alice}, func(took time.Duration, err error) bool {
			return errors.Is(err, context.DeadlineExceeded) && took == 12*time.Second
		}},
		{"another account", Fault{Kind: FaultIQDrop, Number: bob}, func(_ time.Duration, err error) bool { return err == nil }},
		{"another query", Fault{Kind: FaultIQDrop, Match: "passiv"}, func(_ time.Duration, err error) bool { return err == nil }},
		// The library sends the query again after it has reconnected.
		{"disconnect", Fault{Kind: FaultIQDisconnect, Match: "passive set active"}, func(_ time.Duration, err error) bool { return err == nil }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				c := newClient(t, w, alice)
				synctest.Wait()
				inject(t, w, test.fault)
				if took, err := ask(c, 12*time.Second); !test.check(took, err) {
					t.Errorf("after %s: %v", took, err)
				}
				w.ClearFaults()
				if _, err := ask(c, time.Second); err != nil {
					t.Errorf("after the fault: %v", err)
				}
			})
		})
	}
}

func TestMessageFaults(t *testing.T) {
	tests := []struct {
		name    string
		fault   Fault
		fails   bool
		arrives bool
	}{
		{"error", Fault{Kind: FaultMessageError, Code: 479}, true, false},
		{"error after effect", Fault{Kind: FaultMessageError, Match: "text", After: true}, true, true},
		{"delay", Fault{Kind: FaultMessageDelay, Delay: 30 * time.Second}, false, true},
		{"drop", Fault{Kind: FaultMessageDrop}, true, false},
		{"drop after effect", Fault{Kind: FaultMessageDrop, After: true}, true, true},
		{"other type", Fault{Kind: FaultMessageDrop, Match: "media"}, false, true},
		// The library sends the message again after it has reconnected.
		{"disconnect", Fault{Kind: FaultMessageCut}, false, true},
		{"disconnect after effect", Fault{Kind: FaultMessageCut, After: true}, false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				c, other := newClient(t, w, alice), addPhone(t, w, bob)
				settle()
				inject(t, w, test.fault)
				_, err := c.SendMessage(t.Context(), other.JID(), say("hello"), whatsmeow.SendRequestExtra{Timeout: time.Minute})
				if (err != nil) != test.fails {
					t.Errorf("sending: %v", err)
				}
				settle()
				want := 0
				if test.arrives {
					want = 1
				}
				if got := other.Messages(); len(got) != want {
					t.Errorf("the other phone got %d messages, want %d", len(got), want)
				}
			})
		})
	}
}

func TestMediaFault(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		upload := func(kind whatsmeow.MediaType) (whatsmeow.UploadResponse, error) {
			return c.Upload(t.Context(), []byte("the bytes of a file"), kind)
		}
		inject(t, w, Fault{Kind: FaultMediaError, Match: "upload image", Code: 507})
		if _, err := upload(whatsmeow.MediaDocument); err != nil {
			t.Errorf("a document: %v", err)
		}
		if _, err := upload(whatsmeow.MediaImage); err == nil {
			t.Error("an image was taken")
		}
		if _, err := upload(whatsmeow.MediaImage); err != nil {
			t.Errorf("after the fault: %v", err)
		}
	})
}

func TestInjectRefuses(t *testing.T) {
	w := newWorld(t)
	for _, f := range []Fault{{}, {Kind: "iq"}, {Kind: FaultIQDelay, Delay: -1}} {
		if err := w.Inject(f); err == nil {
			t.Errorf("accepted %+v", f)
		}
	}
	inject(t, w, Fault{Kind: FaultConnect, Count: 2})
	if list := w.Faults(); len(list) != 1 || list[0].Count != 2 {
		t.Errorf("faults to come: %+v", list)
	}
}

func TestHandshakeFaults(t *testing.T) {
	for _, kind := range []FaultKind{FaultHandshakeClose, FaultHandshakeGarbage} {
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				inject(t, w, Fault{Kind: kind})
				c := newUnlinked(t, w)
				if err := c.Connect(); err == nil {
					t.Fatal("the handshake succeeded")
				}
				c.connect()
				await[*events.QR](c)
			})
		})
	}
}

func TestConnectFailures(t *testing.T) {
	tests := []struct {
		code  int
		event func(c *client)
	}{
		{401, func(c *client) { await[*events.LoggedOut](c) }},
		{405, func(c *client) { await[*events.ClientOutdated](c) }},
		{409, func(c *client) { await[*events.ConnectFailure](c) }},
		{503, func(c *client) { await[*events.Disconnected](c); await[*events.Connected](c) }},
	}
	for _, test := range tests {
		bubble(t, func(t *testing.T, w *World) {
			c := newClient(t, w, alice)
			settle()
			c.Disconnect()
			inject(t, w, Fault{Kind: FaultConnect, Number: alice, Code: test.code})
			c.connect()
			test.event(c)
		})
	}
}

func TestKick(t *testing.T) {
	for _, how := range []Kick{KickCut, KickSilence, Kick503, Kick515} {
		t.Run(string(how), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				c := newClient(t, w, alice)
				settle()
				if err := c.phone.Kick(1, how); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				for time.Since(start) < 10*time.Minute {
					if _, ok := takeEvent[*events.Connected](c); ok {
						return
					}
					time.Sleep(time.Second)
				}
				t.Error("the client did not come back")
			})
		})
	}
}

func TestGarbledMessagesAreAskedForAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		inject(t, w, Fault{Kind: FaultGarble, Number: alice})
		if _, err := addPhone(t, w, bob).SendText(t.Context(), w.Phone(alice).JID(), "Hello"); err != nil {
			t.Fatal(err)
		}
		unreadable := await[*events.UndecryptableMessage](c)
		if m := await[*events.Message](c); m.Info.ID != unreadable.Info.ID || m.Message.GetConversation() != "Hello" {
			t.Errorf("%s, %q", m.Info.ID, m.Message)
		}
	})
}

func TestTheReachOutLockIsTold(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		until := time.Now().Add(time.Hour).Truncate(time.Second)
		for _, want := range []time.Time{until, {}} {
			if err := w.Phone(alice).LockReachOut(want); err != nil {
				t.Fatal(err)
			}
			if lock := await[*events.NotifyAccountReachoutTimelock](c); lock.IsActive == want.IsZero() || !lock.TimeEnforcementEnds.Equal(want) {
				t.Errorf("%+v", lock)
			}
		}
	})
}
