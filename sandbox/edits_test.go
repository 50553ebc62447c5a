package sandbox

import (
	"errors"
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
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

func TestPhoneEditsCaption(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
		for _, kind := range []MediaKind{MediaImage, MediaVideo, MediaDocument} {
			id, err := alice.SendMedia(t.Context(), bob.phone.JID(), Media{Kind: kind, Data: []byte("file"), Caption: "first"})
			ok(t, err)
			awaitMessage(bob)
			_, err = alice.Edit(t.Context(), bob.phone.JID(), id, "better")
			ok(t, err)
			edit := awaitMessage(bob)
			edited := edit.Message.GetProtocolMessage().GetEditedMessage()
			if !edit.IsEdit || wordsOf(edited) != "better" || edit.Message.GetProtocolMessage().GetKey().GetID() != id {
				t.Errorf("edit of a caption: %+v", edit.Message)
			}
			if data, err := bob.Download(t.Context(), fileOf(edited)); err != nil || string(data) != "file" {
				t.Errorf("the file under the new caption: %q, %v", data, err)
			}
		}
		sent, err := bob.SendMessage(t.Context(), alice.JID(), &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: proto.String("first")}})
		ok(t, err)
		receive(t, alice)
		_, err = bob.SendMessage(t.Context(), alice.JID(), bob.BuildEdit(alice.JID(), sent.ID, &waE2E.Message{
			ImageMessage: &waE2E.ImageMessage{Caption: proto.String("better")},
		}))
		ok(t, err)
		if m := receive(t, alice); m.Text != "better" || m.Proto.GetProtocolMessage().GetKey().GetID() != sent.ID {
			t.Errorf("the phone got %+v", m)
		}
	})
}

func TestAdminDeletes(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		sent, err := c.member.SendMessage(t.Context(), c.group, say("rude"))
		ok(t, err)
		m := receive(t, c.admin.phone)
		awaitMessage(c.admin)
		if _, err := c.member.phone.DeleteAsAdmin(t.Context(), receive(t, c.member.phone)); !errors.Is(err, errForbidden) {
			t.Errorf("a member deletes as an admin: %v", err)
		}
		_, err = c.admin.phone.DeleteAsAdmin(t.Context(), m)
		ok(t, err)
		e := awaitMessage(c.member)
		if key := e.Message.GetProtocolMessage().GetKey(); key.GetID() != sent.ID || key.GetFromMe() || e.Info.Edit != types.EditAttributeAdminRevoke ||
			key.GetParticipant() != c.member.phone.LID().String() {
			t.Errorf("deletion by the admin's phone: %+v", e)
		}
		receive(t, c.member.phone)
		id, err := c.member.phone.SendText(t.Context(), c.group, "rude again")
		ok(t, err)
		receive(t, c.admin.phone)
		_, err = c.admin.SendMessage(t.Context(), c.group, c.admin.BuildRevoke(c.group, c.member.phone.LID(), id))
		ok(t, err)
		if key := receive(t, c.member.phone).Proto.GetProtocolMessage().GetKey(); key.GetID() != id || key.GetFromMe() {
			t.Errorf("deletion by the admin's companion: %+v", key)
		}
	})
}
