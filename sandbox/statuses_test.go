package sandbox

import (
	"slices"
	"testing"
	"testing/synctest"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// friends saves the others in the first one's address book.
func friends(t *testing.T, p *Phone, others ...*Phone) {
	t.Helper()
	for _, other := range others {
		ok(t, p.SaveContact(other.JID(), "Friend "+other.Number()))
	}
}

func TestCompanionPostsStatus(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol := newClient(t, w, alice), newClient(t, w, bob), addPhone(t, w, carol)
		second := linkClient(t, w, alice.phone)
		awaitAppState(alice)
		friends(t, alice.phone, bob.phone, carol)
		await[*events.Contact](alice)
		await[*events.Contact](alice)
		sent, err := alice.SendMessage(t.Context(), types.StatusBroadcastJID, say("news"))
		ok(t, err)
		for _, p := range []*Phone{bob.phone, carol, alice.phone} {
			m := receive(t, p)
			if m.ID != sent.ID || m.Text != "news" || m.Chat != types.StatusBroadcastJID || m.From != alice.phone.JID() || m.FromMe != (p == alice.phone) {
				t.Errorf("%s got %+v", p.Number(), m)
			}
		}
		if e := awaitMessage(bob); e.Info.ID != sent.ID || e.Info.Chat != types.StatusBroadcastJID || e.Info.Sender.User != alice.phone.LID().User {
			t.Errorf("the contact's companion got %+v", e.Info)
		}
		if e := awaitMessage(second); !e.Info.IsFromMe || len(e.Info.BroadcastRecipients) != 2 {
			t.Errorf("the author's second companion got %+v", e.Info)
		}
		carol.Read(sent.ID)
		for _, c := range []*client{alice, second} {
			view := await[*events.Receipt](c)
			for view.Type != types.ReceiptTypeRead {
				view = await[*events.Receipt](c)
			}
			if view.Chat != types.StatusBroadcastJID || view.Sender != carol.LID() || !slices.Equal(view.MessageIDs, []string{sent.ID}) {
				t.Errorf("view %+v", view)
			}
		}
		_, err = alice.SendMessage(t.Context(), types.StatusBroadcastJID, alice.BuildRevoke(types.StatusBroadcastJID, types.EmptyJID, sent.ID))
		ok(t, err)
		if p := receive(t, carol).Proto.GetProtocolMessage(); p.GetType() != waE2E.ProtocolMessage_REVOKE || p.GetKey().GetID() != sent.ID {
			t.Errorf("deletion %+v", p)
		}
	})
}

func TestPhonePostsStatus(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol := newClient(t, w, alice), newClient(t, w, bob), addPhone(t, w, carol)
		id, err := alice.phone.PostStatus(t.Context(), say("only for Bob"), bob.phone.Number())
		ok(t, err)
		e := awaitMessage(bob)
		if e.Info.ID != id || e.Info.Chat != types.StatusBroadcastJID || e.Info.SenderAlt.User != alice.phone.JID().User {
			t.Errorf("the companion got %+v", e.Info)
		}
		if e := awaitMessage(alice); !e.Info.IsFromMe || e.Info.ID != id || len(e.Info.BroadcastRecipients) != 1 {
			t.Errorf("the own companion got %+v", e.Info)
		}
		ok(t, bob.MarkRead(t.Context(), []string{id}, e.Info.Timestamp, e.Info.Chat, e.Info.Sender))
		view := nextReceipt(t, alice.phone)
		for view.Type != string(types.ReceiptTypeRead) {
			view = nextReceipt(t, alice.phone)
		}
		if view.Chat != types.StatusBroadcastJID || view.From != bob.phone.JID() || !slices.Equal(view.IDs, []string{id}) {
			t.Errorf("view %+v", view)
		}
		_, err = bob.phone.React(t.Context(), receive(t, bob.phone), "🔥")
		ok(t, err)
		if r := awaitMessage(alice).Message.GetReactionMessage(); r.GetText() != "🔥" || r.GetKey().GetID() != id {
			t.Errorf("reaction %+v", r)
		}
		awaitMessage(bob) // its copy of the reaction
		_, err = alice.phone.Delete(t.Context(), types.StatusBroadcastJID, id)
		ok(t, err)
		if e := awaitMessage(bob); e.Info.Edit != types.EditAttributeSenderRevoke || e.Message.GetProtocolMessage().GetKey().GetID() != id {
			t.Errorf("deletion %+v", e)
		}
		if n := len(carol.Messages()); n != 0 {
			t.Errorf("somebody else got %d messages", n)
		}
	})
}

func TestStatusPrivacy(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol := newClient(t, w, alice), addPhone(t, w, bob), addPhone(t, w, carol)
		awaitAppState(alice)
		friends(t, alice.phone, bob, carol)
		await[*events.Contact](alice)
		await[*events.Contact](alice)
		for _, test := range []struct {
			mode       types.StatusPrivacyType
			list       []string
			bob, carol bool
		}{
			{types.StatusPrivacyTypeContacts, nil, true, true},
			{types.StatusPrivacyTypeBlacklist, []string{bob.Number()}, false, true},
			{types.StatusPrivacyTypeWhitelist, []string{bob.Number()}, true, false},
		} {
			ok(t, alice.phone.SetStatusPrivacy(test.mode, test.list...))
			before := [2]int{len(bob.Messages()), len(carol.Messages())}
			_, err := alice.SendMessage(t.Context(), types.StatusBroadcastJID, say("from the companion"))
			ok(t, err)
			_, err = alice.phone.PostStatus(t.Context(), say("from the phone"))
			ok(t, err)
			synctest.Wait()
			got := [2]int{len(bob.Messages()) - before[0], len(carol.Messages()) - before[1]}
			want := [2]int{}
			for i, sees := range []bool{test.bob, test.carol} {
				if sees {
					want[i] = 2
				}
			}
			if got != want {
				t.Errorf("%s %v: statuses seen %v, want %v", test.mode, test.list, got, want)
			}
		}
		ok(t, carol.Block(alice.phone.Number()))
		before := len(carol.Messages())
		_, err := alice.phone.PostStatus(t.Context(), say("psst"), carol.Number())
		ok(t, err)
		if len(carol.Messages()) != before {
			t.Error("a blocked author's status came through")
		}
	})
}
