package sandbox

import (
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

func TestReply(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		group := groupOf(t, bob, alice.phone)
		for _, chat := range []types.JID{bob.JID(), group} {
			sent, err := alice.SendMessage(t.Context(), chat, say("hello"))
			ok(t, err)
			_, err = bob.Reply(t.Context(), receive(t, bob), "hello yourself")
			ok(t, err)
			reply := awaitMessage(alice).Message.GetExtendedTextMessage()
			c := reply.GetContextInfo()
			if reply.GetText() != "hello yourself" || c.GetStanzaID() != sent.ID || c.GetParticipant() != alice.phone.LID().String() ||
				c.GetQuotedMessage().GetExtendedTextMessage().GetText() != "hello" {
				t.Errorf("reply in %s: %+v", chat.Server, reply)
			}
		}
		id, err := alice.phone.PostStatus(t.Context(), say("news"), bob.Number())
		ok(t, err)
		awaitMessage(alice)
		_, err = bob.Reply(t.Context(), receive(t, bob), "congratulations")
		ok(t, err)
		e := awaitMessage(alice)
		if c := e.Message.GetExtendedTextMessage().GetContextInfo(); e.Info.Chat != bob.LID() || c.GetStanzaID() != id || c.GetRemoteJID() != "status@broadcast" {
			t.Errorf("reply to a status: %+v", e)
		}
	})
}

func TestForward(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol := addPhone(t, w, alice), addPhone(t, w, bob), newClient(t, w, carol)
		_, err := alice.SendMedia(t.Context(), bob.JID(), Media{Kind: MediaImage, Data: []byte("photo"), Caption: "look"})
		ok(t, err)
		_, err = bob.Forward(t.Context(), carol.phone.JID(), receive(t, bob))
		ok(t, err)
		image := awaitMessage(carol).Message.GetImageMessage()
		if c := image.GetContextInfo(); !c.GetIsForwarded() || c.GetForwardingScore() != 1 || image.GetCaption() != "look" {
			t.Errorf("forwarded image: %+v", image)
		}
		if data, err := carol.Download(t.Context(), image); err != nil || string(data) != "photo" {
			t.Errorf("the forwarded file: %q, %v", data, err)
		}
		id, err := carol.phone.Forward(t.Context(), alice.JID(), receive(t, carol.phone))
		ok(t, err)
		if score := receive(t, alice).Proto.GetImageMessage().GetContextInfo().GetForwardingScore(); score != 2 {
			t.Errorf("forwarded twice, the score is %d", score)
		}
		awaitCopy(t, carol, id)
		_, err = alice.SendText(t.Context(), bob.JID(), "a text")
		ok(t, err)
		_, err = bob.Forward(t.Context(), carol.phone.JID(), receive(t, bob))
		ok(t, err)
		if text := awaitMessage(carol).Message.GetExtendedTextMessage(); text.GetText() != "a text" || !text.GetContextInfo().GetIsForwarded() {
			t.Errorf("forwarded text: %+v", text)
		}
	})
}

func TestPress(t *testing.T) {
	flow := func(name, params string) *waE2E.InteractiveMessage {
		return &waE2E.InteractiveMessage{InteractiveMessage: &waE2E.InteractiveMessage_NativeFlowMessage_{
			NativeFlowMessage: &waE2E.InteractiveMessage_NativeFlowMessage{Buttons: []*waE2E.InteractiveMessage_NativeFlowMessage_NativeFlowButton{
				{Name: proto.String("cta_url"), ButtonParamsJSON: proto.String(`{"display_text":"Open","url":"https://x.example"}`)},
				{Name: &name, ButtonParamsJSON: &params},
			}},
		}}
	}
	quick := &waE2E.HydratedTemplateButton{Index: proto.Uint32(3), HydratedButton: &waE2E.HydratedTemplateButton_QuickReplyButton{
		QuickReplyButton: &waE2E.HydratedTemplateButton_HydratedQuickReplyButton{ID: proto.String("b1"), DisplayText: proto.String("One")},
	}}
	for _, test := range []struct {
		name   string
		with   *waE2E.Message
		answer func(m *waE2E.Message) (text string, c *waE2E.ContextInfo)
	}{
		{"buttons", &waE2E.Message{ButtonsMessage: &waE2E.ButtonsMessage{Buttons: []*waE2E.ButtonsMessage_Button{{
			ButtonID: proto.String("b1"), ButtonText: &waE2E.ButtonsMessage_Button_ButtonText{DisplayText: proto.String("One")},
		}}}}, func(m *waE2E.Message) (string, *waE2E.ContextInfo) {
			r := m.GetButtonsResponseMessage()
			return r.GetSelectedButtonID() + r.GetSelectedDisplayText(), r.GetContextInfo()
		}},
		{"list", &waE2E.Message{ListMessage: &waE2E.ListMessage{Sections: []*waE2E.ListMessage_Section{{Rows: []*waE2E.ListMessage_Row{{
			RowID: proto.String("b1"), Title: proto.String("One"),
		}}}}}}, func(m *waE2E.Message) (string, *waE2E.ContextInfo) {
			r := m.GetListResponseMessage()
			return r.GetSingleSelectReply().GetSelectedRowID() + r.GetTitle(), r.GetContextInfo()
		}},
		{"template", &waE2E.Message{TemplateMessage: &waE2E.TemplateMessage{HydratedTemplate: &waE2E.TemplateMessage_HydratedFourRowTemplate{
			HydratedButtons: []*waE2E.HydratedTemplateButton{quick},
		}}}, templateAnswer},
		{"quick reply", &waE2E.Message{InteractiveMessage: flow("quick_reply", `{"id":"b1","display_text":"One"}`)}, templateAnswer},
		{"list of a flow", &waE2E.Message{
			InteractiveMessage: flow("single_select", `{"sections":[{"rows":[{"id":"b1","title":"One"}]}]}`),
		}, func(m *waE2E.Message) (string, *waE2E.ContextInfo) {
			r := m.GetInteractiveResponseMessage()
			if r.GetNativeFlowResponseMessage().GetParamsJSON() != `{"description":"","id":"b1","title":"One"}` {
				return "", nil
			}
			return "b1" + r.GetBody().GetText(), r.GetContextInfo()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
				sent, err := alice.SendMessage(t.Context(), bob.JID(), test.with)
				ok(t, err)
				m := receive(t, bob)
				if _, err := bob.Press(t.Context(), m, "b2"); err != errNoButton {
					t.Errorf("pressing what is not there: %v", err)
				}
				_, err = bob.Press(t.Context(), m, "b1")
				ok(t, err)
				text, c := test.answer(awaitMessage(alice).Message)
				if text != "b1One" || c.GetStanzaID() != sent.ID {
					t.Errorf("answer %q to %q", text, c.GetStanzaID())
				}
			})
		})
	}
}

func templateAnswer(m *waE2E.Message) (string, *waE2E.ContextInfo) {
	r := m.GetTemplateButtonReplyMessage()
	return r.GetSelectedID() + r.GetSelectedDisplayText(), r.GetContextInfo()
}
