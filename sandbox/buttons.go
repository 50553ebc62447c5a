package sandbox

import (
	"context"
	"encoding/json"
	"errors"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

var errNoButton = errors.New("the message has no such button")

// Press presses a button of a message, or chooses a row of a list, by its id and returns the id of the answer. Only what answers in
// the chat can be pressed: links and the like stay on the phone.
func (p *Phone) Press(ctx context.Context, m Message, button string) (string, error) {
	answer := pressed(m.Proto, button)
	if answer == nil {
		return "", errNoButton
	}
	return p.answer(ctx, m, answer)
}

// pressed makes the answer of a button; nil if there is no such one.
func pressed(m *waE2E.Message, button string) *waE2E.Message {
	for _, b := range m.GetButtonsMessage().GetButtons() {
		if b.GetButtonID() == button {
			return &waE2E.Message{ButtonsResponseMessage: &waE2E.ButtonsResponseMessage{
				SelectedButtonID: &button, Type: waE2E.ButtonsResponseMessage_DISPLAY_TEXT.Enum(),
				Response: &waE2E.ButtonsResponseMessage_SelectedDisplayText{SelectedDisplayText: b.GetButtonText().GetDisplayText()},
			}}
		}
	}
	for _, section := range m.GetListMessage().GetSections() {
		for _, row := range section.GetRows() {
			if row.GetRowID() == button {
				return &waE2E.Message{ListResponseMessage: &waE2E.ListResponseMessage{
					Title: row.Title, Description: row.Description, ListType: waE2E.ListResponseMessage_SINGLE_SELECT.Enum(),
					SingleSelectReply: &waE2E.ListResponseMessage_SingleSelectReply{SelectedRowID: &button},
				}}
			}
		}
	}
	if answer := pressedTemplate(m.GetTemplateMessage(), button); answer != nil {
		return answer
	}
	return pressedFlow(m.GetInteractiveMessage(), button)
}

func pressedTemplate(m *waE2E.TemplateMessage, button string) *waE2E.Message {
	template := m.GetHydratedTemplate()
	if template == nil {
		template = m.GetHydratedFourRowTemplate()
	}
	for _, b := range template.GetHydratedButtons() {
		if reply := b.GetQuickReplyButton(); reply.GetID() == button && reply != nil {
			return templateReply(button, reply.GetDisplayText(), b.GetIndex())
		}
	}
	return pressedFlow(m.GetInteractiveMessageTemplate(), button)
}

// pressedFlow answers an interactive message: a quick reply as that of a template, a row of a list with its id.
func pressedFlow(m *waE2E.InteractiveMessage, button string) *waE2E.Message {
	type choice struct {
		ID, Title, Description string
		Text                   string `json:"display_text"`
		Sections               []struct{ Rows []choice }
	}
	for i, b := range m.GetNativeFlowMessage().GetButtons() {
		var offer choice
		if json.Unmarshal([]byte(b.GetButtonParamsJSON()), &offer) != nil {
			continue
		}
		if b.GetName() == "quick_reply" && offer.ID == button {
			return templateReply(button, offer.Text, uint32(i))
		}
		for _, section := range offer.Sections {
			for _, row := range section.Rows {
				if row.ID == button {
					return flowReply(row.ID, row.Title, row.Description)
				}
			}
		}
	}
	return nil
}

func templateReply(id, text string, index uint32) *waE2E.Message {
	return &waE2E.Message{TemplateButtonReplyMessage: &waE2E.TemplateButtonReplyMessage{
		SelectedID: &id, SelectedDisplayText: &text, SelectedIndex: &index,
	}}
}

func flowReply(id, title, description string) *waE2E.Message {
	params, _ := json.Marshal(map[string]string{"id": id, "title": title, "description": description})
	return &waE2E.Message{InteractiveResponseMessage: &waE2E.InteractiveResponseMessage{
		Body: &waE2E.InteractiveResponseMessage_Body{Text: &title},
		InteractiveResponseMessage: &waE2E.InteractiveResponseMessage_NativeFlowResponseMessage_{
			NativeFlowResponseMessage: &waE2E.InteractiveResponseMessage_NativeFlowResponseMessage{
				Name: proto.String("menu_options"), ParamsJSON: proto.String(string(params)), Version: proto.Int32(3),
			},
		},
	}}
}
