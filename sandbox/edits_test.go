package sandbox

import (
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

func TestPhoneChangesItsMessages(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
		id := sendText(t, alice, bob.phone, "first")
		awaitMessage(bob)
		if _, err := alice.Edit(t.Context(), bob.phone.JID(), id, "better"); err != nil {
			t.Fatal(err)
		}
		edit := awaitMessage(bob)
		if p := edit.Message.GetProtocolMessage(); !edit.IsEdit || p.GetKey().GetID() != id || p.GetEditedMessage().GetConversation() != "better" || edit.Info.Edit != "1" {
			t.Errorf("edit: %+v", edit)
		}
		if _, err := alice.Delete(t.Context(), bob.phone.JID(), id); err != nil {
			t.Fatal(err)
		}
		revoke := awaitMessage(bob)
		if p := revoke.Message.GetProtocolMessage(); p.GetType() != waE2E.ProtocolMessage_REVOKE || p.GetKey().GetID() != id || revoke.Info.Edit != "7" {
			t.Errorf("deletion: %+v", revoke)
		}
	})
}

func TestReaction(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		group := groupOf(t, bob, alice.phone)
		for _, to := range []types.JID{bob.JID(), group} {
			sent, err := alice.SendMessage(t.Context(), to, say("hello"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := bob.React(t.Context(), receive(t, bob), "👍"); err != nil {
				t.Fatal(err)
			}
			reaction := awaitMessage(alice)
			if r := reaction.Message.GetReactionMessage(); r.GetText() != "👍" || r.GetKey().GetID() != sent.ID || reaction.Info.Type != "reaction" {
				t.Errorf("reaction in %s: %+v", to.Server, reaction)
			}
		}
	})
}

func TestCompanionChangesItsMessages(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		sent, err := alice.SendMessage(t.Context(), bob.JID(), say("first"))
		if err != nil {
			t.Fatal(err)
		}
		receive(t, bob)
		if _, err := alice.SendMessage(t.Context(), bob.JID(), alice.BuildEdit(bob.JID(), sent.ID, say("better"))); err != nil {
			t.Fatal(err)
		}
		if m := receive(t, bob); m.Text != "better" || m.Proto.GetProtocolMessage().GetKey().GetID() != sent.ID {
			t.Errorf("edit: %+v", m)
		}
		if _, err := alice.SendMessage(t.Context(), bob.JID(), alice.BuildRevoke(bob.JID(), *alice.Store.ID, sent.ID)); err != nil {
			t.Fatal(err)
		}
		if m := receive(t, bob); m.Proto.GetProtocolMessage().GetType() != waE2E.ProtocolMessage_REVOKE {
			t.Errorf("deletion: %+v", m)
		}
	})
}
