package sandbox

import (
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

// Everything that people send arrives in both directions as it was, and companions are told what kind it is.
func TestKindsOfMessages(t *testing.T) {
	card := &waE2E.ContactMessage{DisplayName: proto.String("Carol"), Vcard: proto.String("BEGIN:VCARD\nEND:VCARD")}
	for _, test := range []struct {
		typ, media, text string
		m                *waE2E.Message
	}{
		{"text", "", "hello", say("hello")},
		{"text", "", "hello", &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("hello")}}},
		{"media", "url", "see x.example", &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{
			Text: proto.String("see x.example"), Title: proto.String("X"), MatchedText: proto.String("x.example"),
		}}},
		{"media", "location", "Dock", &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
			DegreesLatitude: proto.Float64(53.07), DegreesLongitude: proto.Float64(8.8), Name: proto.String("Dock"), Address: proto.String("1 Road"),
		}}},
		{"media", "livelocation", "", &waE2E.Message{LiveLocationMessage: &waE2E.LiveLocationMessage{DegreesLatitude: proto.Float64(1)}}},
		{"media", "vcard", "Carol", &waE2E.Message{ContactMessage: card}},
		{"media", "contact_array", "2 contacts", &waE2E.Message{ContactsArrayMessage: &waE2E.ContactsArrayMessage{
			DisplayName: proto.String("2 contacts"), Contacts: []*waE2E.ContactMessage{card, card},
		}}},
		{"media", "", "join us", &waE2E.Message{GroupInviteMessage: &waE2E.GroupInviteMessage{
			GroupJID: proto.String("120363000000000001@g.us"), InviteCode: proto.String("c"), Caption: proto.String("join us"),
		}}},
		{"media", "list", "choose", &waE2E.Message{ListMessage: &waE2E.ListMessage{Description: proto.String("choose")}}},
		{"event", "", "", &waE2E.Message{EventMessage: &waE2E.EventMessage{Name: proto.String("party")}}},
		{"media", "gif", "", &waE2E.Message{VideoMessage: &waE2E.VideoMessage{GifPlayback: proto.Bool(true)}}},
		{"media", "ptv", "", &waE2E.Message{PtvMessage: &waE2E.VideoMessage{Seconds: proto.Uint32(3)}}},
	} {
		t.Run(test.typ+" "+test.media+" "+test.text, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
				_, err := alice.Send(t.Context(), bob.phone.JID(), proto.CloneOf(test.m))
				ok(t, err)
				e := awaitMessage(bob)
				e.Message.MessageContextInfo = nil
				if e.Info.Type != test.typ || e.Info.MediaType != test.media || !proto.Equal(e.Message, test.m) {
					t.Errorf("the companion got %s %s %v", e.Info.Type, e.Info.MediaType, e.Message)
				}
				_, err = bob.SendMessage(t.Context(), alice.JID(), proto.CloneOf(test.m))
				ok(t, err)
				got := receive(t, alice)
				got.Proto.MessageContextInfo = nil
				if got.Text != test.text || !proto.Equal(got.Proto, test.m) {
					t.Errorf("the phone got %q %v", got.Text, got.Proto)
				}
			})
		})
	}
}

// A phone survives whatever other devices put into a message.
func FuzzMessage(f *testing.F) {
	secret := &waE2E.MessageContextInfo{MessageSecret: make([]byte, 32)}
	for _, m := range []*waE2E.Message{
		say("hello"),
		{ImageMessage: &waE2E.ImageMessage{DirectPath: proto.String("/v/x"), MediaKey: make([]byte, 32), FileSHA256: []byte{1}}},
		{DocumentWithCaptionMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{}}}},
		{PollCreationMessageV3: &waE2E.PollCreationMessage{Options: []*waE2E.PollCreationMessage_Option{{}}}, MessageContextInfo: secret},
		{PollUpdateMessage: &waE2E.PollUpdateMessage{Vote: &waE2E.PollEncValue{EncIV: make([]byte, 12), EncPayload: []byte{1}}}},
		{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_REVOKE.Enum()}},
		{InteractiveMessage: &waE2E.InteractiveMessage{InteractiveMessage: &waE2E.InteractiveMessage_NativeFlowMessage_{
			NativeFlowMessage: &waE2E.InteractiveMessage_NativeFlowMessage{Buttons: []*waE2E.InteractiveMessage_NativeFlowMessage_NativeFlowButton{
				{ButtonParamsJSON: proto.String(`{"sections":[{"rows":[{}]}]}`)},
			}},
		}}},
	} {
		raw, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := &waE2E.Message{}
		if proto.Unmarshal(raw, m) != nil {
			return
		}
		w := newWorld(t)
		from, to := addPhone(t, w, alice), addPhone(t, w, bob)
		for range 2 {
			id, err := from.Send(t.Context(), to.JID(), m)
			ok(t, err)
			got, readable := to.Message(id)
			if !readable {
				return
			}
			_, _ = to.OpenMedia(got)
			_, _ = to.OpenThumbnail(got)
			_, _ = to.Votes(id)
			_, _ = to.Vote(t.Context(), got)
			_, _ = to.Press(t.Context(), got, "")
			_, err = to.Reply(t.Context(), got, "so")
			ok(t, err)
			_, err = to.Forward(t.Context(), from.JID(), got)
			ok(t, err)
			w.locked(func() { to.webMessage(got) })
		}
		if len(to.Chats()) > 1 {
			t.Error("one person writes in several chats")
		}
	})
}

func TestLinkThumbnail(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		up, err := alice.Upload(t.Context(), []byte("picture"), whatsmeow.MediaLinkThumbnail)
		ok(t, err)
		_, err = alice.SendMessage(t.Context(), bob.JID(), &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{
			Text: proto.String("x.example"), Title: proto.String("X"), ThumbnailDirectPath: &up.DirectPath, MediaKey: up.MediaKey,
			ThumbnailSHA256: up.FileSHA256, ThumbnailEncSHA256: up.FileEncSHA256,
		}})
		ok(t, err)
		if data, err := bob.OpenThumbnail(receive(t, bob)); err != nil || string(data) != "picture" {
			t.Errorf("thumbnail %q, %v", data, err)
		}
		sendText(t, alice.phone, bob, "no link")
		if _, err := bob.OpenThumbnail(receive(t, bob)); err != errNoFile {
			t.Errorf("thumbnail of a text: %v", err)
		}
	})
}
