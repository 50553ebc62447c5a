package sandbox

import (
	"errors"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// groupOf makes a group of phones, the first of which creates it.
func groupOf(t *testing.T, creator *Phone, others ...*Phone) types.JID {
	t.Helper()
	var numbers []string
	for _, p := range others {
		numbers = append(numbers, p.Number())
	}
	jid, err := creator.CreateGroup("Friends", numbers...)
	if err != nil {
		t.Fatal(err)
	}
	return jid
}

func TestGroupText(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol := newClient(t, w, alice), newClient(t, w, bob), addPhone(t, w, "4915100000003")
		group := groupOf(t, carol, alice.phone, bob.phone)
		for range 2 {
			sent, err := alice.SendMessage(t.Context(), group, say("from a companion"))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []*Phone{alice.phone, bob.phone, carol} {
				if m := receive(t, p); m.ID != sent.ID || m.Text != "from a companion" || m.Chat != group || m.From != alice.phone.JID() {
					t.Errorf("%s got %+v", p.Number(), m)
				}
			}
			if e := awaitMessage(bob); e.Info.ID != sent.ID || e.Info.Chat != group || e.Info.SenderAlt.User != alice.phone.JID().User {
				t.Errorf("the other companion got %+v", e.Info)
			}
			if _, err = carol.SendText(t.Context(), group, "from a phone"); err != nil {
				t.Fatal(err)
			}
			for _, c := range []*client{alice, bob} {
				if e := awaitMessage(c); e.Message.GetConversation() != "from a phone" || e.Info.Sender != carol.LID() {
					t.Errorf("a companion got %+v", e.Info)
				}
				receive(t, c.phone)
			}
		}
	})
}

func TestGroupReceipts(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		group := groupOf(t, bob, alice.phone)
		sent, err := alice.SendMessage(t.Context(), group, say("hello"))
		if err != nil {
			t.Fatal(err)
		}
		receive(t, bob)
		bob.Read(sent.ID)
		for _, want := range []types.ReceiptType{types.ReceiptTypeDelivered, types.ReceiptTypeRead} {
			if r := await[*events.Receipt](alice); r.Type != want || r.Chat != group || r.Sender != bob.LID() || r.MessageIDs[0] != sent.ID {
				t.Errorf("receipt %+v instead of %q", r, want)
			}
		}
	})
}

func TestGroupRetries(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		group := groupOf(t, bob, alice.phone)
		bob.FailNextDecrypt()
		if _, err := alice.SendMessage(t.Context(), group, say("hello")); err != nil {
			t.Fatal(err)
		}
		if m := receive(t, bob); m.Text != "hello" {
			t.Errorf("the phone got %+v", m)
		}
		sendText(t, bob, alice.phone, "first")
		awaitMessage(alice)
		if err := alice.Store.Sessions.PutSession(t.Context(), bob.LID().SignalAddress().String(), []byte{}); err != nil {
			t.Fatal(err)
		}
		if _, err := bob.SendText(t.Context(), group, "second"); err != nil {
			t.Fatal(err)
		}
		for e := awaitMessage(alice); e.RetryCount != 1; e = awaitMessage(alice) {
			if e.UnavailableRequestID == "" { // the copy of the own phone may come first
				t.Errorf("the companion got %+v", e.Info)
			}
		}
	})
}

func TestGroupRefusesMessages(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol := newClient(t, w, alice), addPhone(t, w, bob), addPhone(t, w, "4915100000003")
		group := groupOf(t, bob, alice.phone)
		if err := bob.SetGroupAnnounce(group, true); err != nil {
			t.Fatal(err)
		}
		if _, err := alice.SendMessage(t.Context(), group, say("hello")); err == nil || err.Error() != whatsmeow.ErrServerReturnedError.Error()+" 405" {
			t.Errorf("a member wrote to an announcement group: %v", err)
		}
		if _, err := carol.SendText(t.Context(), group, "hello"); !errors.Is(err, errForbidden) {
			t.Errorf("an outsider wrote to a group: %v", err)
		}
	})
}
