package instance

import (
	"context"
	"encoding/json"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

// Buttons is a message with buttons to send. Kind is GREEN-API's method.
type Buttons struct {
	Address
	Kind    string   `json:"-"`
	Header  string   `json:"header,omitempty"`
	Body    string   `json:"body"`
	Footer  string   `json:"footer,omitempty"`
	Buttons []Button `json:"buttons,omitempty"`
	List    *List    `json:"list,omitempty"` // a menu instead of buttons
}

// Button is of the type copy, call, url or reply; the field of its type says what it does.
type Button struct {
	Type        string `json:"type"`
	ButtonID    string `json:"buttonId"`
	ButtonText  string `json:"buttonText"`
	CopyCode    string `json:"copyCode,omitempty"`
	PhoneNumber string `json:"phoneNumber,omitempty"`
	URL         string `json:"url,omitempty"`
}

// List is a menu behind one button.
type List struct {
	ButtonText string        `json:"buttonText"`
	Sections   []ListSection `json:"sections"`
}

// ListSection is a part of a menu with a title of its own.
type ListSection struct {
	Title string    `json:"title"`
	Rows  []ListRow `json:"rows"`
}

// ListRow is one line of a menu.
type ListRow struct {
	Title       string `json:"title"`
	RowID       string `json:"rowId"`
	Description string `json:"description,omitempty"`
}

func (b *Buttons) kind() string { return b.Kind }

// draft makes the one form of buttons that WhatsApp still shows, the native flow.
func (b *Buttons) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	flow := &waE2E.InteractiveMessage_NativeFlowMessage{MessageParamsJSON: proto.String("{}"), MessageVersion: proto.Int32(1)}
	for _, button := range b.Buttons {
		flow.Buttons = append(flow.Buttons, button.flow())
	}
	if b.List != nil {
		flow.Buttons = append(flow.Buttons, b.List.flow())
	}
	return &waE2E.Message{InteractiveMessage: &waE2E.InteractiveMessage{
		Header:             &waE2E.InteractiveMessage_Header{Title: &b.Header, HasMediaAttachment: proto.Bool(false)},
		Body:               &waE2E.InteractiveMessage_Body{Text: &b.Body},
		Footer:             &waE2E.InteractiveMessage_Footer{Text: &b.Footer},
		InteractiveMessage: &waE2E.InteractiveMessage_NativeFlowMessage_{NativeFlowMessage: flow},
		ContextInfo:        i.quote(ctx, &b.Address),
	}}, nil
}

func (b Button) flow() *waE2E.InteractiveMessage_NativeFlowMessage_NativeFlowButton {
	params := map[string]string{"display_text": b.ButtonText, "id": b.ButtonID}
	var name string
	switch b.Type {
	case "copy":
		name, params["copy_code"] = "cta_copy", b.CopyCode
	case "call":
		name, params["phone_number"] = "cta_call", b.PhoneNumber
	case "url":
		name, params["url"], params["merchant_url"] = "cta_url", b.URL, b.URL
	default:
		name = "quick_reply"
	}
	return flowNode(name, params)
}

func (l List) flow() *waE2E.InteractiveMessage_NativeFlowMessage_NativeFlowButton {
	sections := []map[string]any{}
	for _, section := range l.Sections {
		rows := []map[string]string{}
		for _, row := range section.Rows {
			rows = append(rows, map[string]string{"id": row.RowID, "title": row.Title, "description": row.Description})
		}
		sections = append(sections, map[string]any{"title": section.Title, "rows": rows})
	}
	return flowNode(flowMenu, map[string]any{"title": l.ButtonText, "sections": sections})
}

func flowNode(name string, params any) *waE2E.InteractiveMessage_NativeFlowMessage_NativeFlowButton {
	text, _ := json.Marshal(params) // maps of texts always have a JSON form
	return &waE2E.InteractiveMessage_NativeFlowMessage_NativeFlowButton{Name: &name, ButtonParamsJSON: proto.String(string(text))}
}

// besides are the parts of a stanza without which WhatsApp's apps do not show a message's buttons; nil for other messages.
func besides(m *waE2E.Message) *[]waBinary.Node {
	if m.InteractiveMessage == nil {
		return nil
	}
	return &[]waBinary.Node{{Tag: "biz", Content: []waBinary.Node{{
		Tag: "interactive", Attrs: waBinary.Attrs{"type": "native_flow", "v": "1"},
		Content: []waBinary.Node{{Tag: "native_flow", Attrs: waBinary.Attrs{"v": "9", "name": "mixed"}}},
	}}}}
}

// SendButtons queues a message with buttons, of the kind that b names.
func (i *Instance) SendButtons(ctx context.Context, b Buttons) (MessageID, error) {
	return i.enqueueOne(ctx, &b)
}
