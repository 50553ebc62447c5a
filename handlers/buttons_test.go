package handlers_test

import (
	"strings"
	"testing"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

func TestButtonsAreShownAndPressed(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook")
		id := s.send("sendInteractiveButtonsReply", `{"chatId":"`+otherNumber+`@c.us","header":"Visit","body":"Will you come?",`+
			`"footer":"Clinic","buttons":[{"buttonId":"1","buttonText":"Yes"}]}`)
		m, err := bob.Next(s.t.Context())
		s.must(err)
		buttons := m.Proto.GetInteractiveMessage().GetNativeFlowMessage().GetButtons()
		if len(buttons) != 1 || buttons[0].GetName() != "quick_reply" || buttons[0].GetButtonParamsJSON() != `{"display_text":"Yes","id":"1"}` {
			t.Errorf("Bob sees %v", buttons)
		}
		_, err = bob.Send(s.t.Context(), s.phone.JID(), &waE2E.Message{InteractiveResponseMessage: &waE2E.InteractiveResponseMessage{
			Body:        &waE2E.InteractiveResponseMessage_Body{Text: proto.String("Yes")},
			ContextInfo: &waE2E.ContextInfo{StanzaID: &id},
			InteractiveResponseMessage: &waE2E.InteractiveResponseMessage_NativeFlowResponseMessage_{
				NativeFlowResponseMessage: &waE2E.InteractiveResponseMessage_NativeFlowResponseMessage{
					Name: proto.String("quick_reply"), ParamsJSON: proto.String(`{"id":"1"}`),
				},
			},
		}})
		s.must(err)
		body := s.get(s.method("receiveNotification")).body
		want := `"templateButtonReplyMessage":{"selectedDisplayText":"Yes","selectedId":"1","selectedIndex":0,"stanzaId":"` + id + `"}`
		if !strings.Contains(body, want) || !strings.Contains(body, `"typeMessage":"templateButtonsReplyMessage"`) {
			t.Errorf("%s\nlacks %s", body, want)
		}
	})
}

func TestAMenuIsAListInTheJournal(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.send("sendListMessage", `{"chatId":"`+otherNumber+`@c.us","message":"Choose","title":"Menu","buttonText":"Open",`+
			`"sections":[{"title":"Drinks","rows":[{"title":"Tea","rowId":"1"}]}]}`)
		m, err := bob.Next(s.t.Context())
		s.must(err)
		if buttons := m.Proto.GetInteractiveMessage().GetNativeFlowMessage().GetButtons(); len(buttons) != 1 || buttons[0].GetName() != "single_select" {
			t.Errorf("Bob sees %v", buttons)
		}
		body := s.get(s.method("lastOutgoingMessages")).body
		want := `"listMessage":{"buttonText":"Open","contentText":"Choose","footer":"","forwardingScore":0,"isForwarded":false,` +
			`"sections":[{"title":"Drinks","rows":[{"title":"Tea","rowId":"1"}]}],"title":"Menu"}`
		if !strings.Contains(body, want) {
			t.Errorf("%s\nlacks %s", body, want)
		}
	})
}
