package instance

import (
	"cmp"
	"encoding/json"
	"strconv"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

// buttonContent reads the interactive kinds and the answers to them. Each has its own key, the same in notifications and journals.
func buttonContent(m *waE2E.Message) (content, bool) {
	rest := func(typ MessageType, key string, context *waE2E.ContextInfo, data map[string]any) (content, bool) {
		return content{typ: typ, context: context, rest: map[string]any{key: data}}, true
	}
	switch {
	case m.ButtonsMessage != nil:
		return rest("buttonsMessage", "buttonsMessage", m.ButtonsMessage.ContextInfo, buttonsData(m.ButtonsMessage))
	case m.ListMessage != nil:
		return rest("listMessage", "listMessage", m.ListMessage.ContextInfo, listData(m.ListMessage))
	case m.TemplateMessage != nil:
		return rest("templateMessage", "templateMessage", m.TemplateMessage.ContextInfo, templateData(m.TemplateMessage))
	case m.InteractiveMessage != nil:
		if list := interactiveList(m.InteractiveMessage); list != nil {
			return rest("listMessage", "listMessage", m.InteractiveMessage.ContextInfo, list)
		}
		typ, data := interactiveData(m.InteractiveMessage)
		return rest(typ, string(typ), m.InteractiveMessage.ContextInfo, data)
	}
	return pressContent(m, rest)
}

// pressContent reads the answers: which button or row somebody chose.
func pressContent(m *waE2E.Message, rest func(MessageType, string, *waE2E.ContextInfo, map[string]any) (content, bool)) (content, bool) {
	switch {
	case m.ButtonsResponseMessage != nil:
		r := m.ButtonsResponseMessage
		return rest("buttonsResponseMessage", "buttonsResponseMessage", r.ContextInfo, map[string]any{
			"stanzaId": r.ContextInfo.GetStanzaID(), "selectedButtonId": r.GetSelectedButtonID(), "selectedButtonText": r.GetSelectedDisplayText(),
		})
	case m.ListResponseMessage != nil:
		r := m.ListResponseMessage
		return rest("listResponseMessage", "listResponseMessage", r.ContextInfo, map[string]any{
			"stanzaId": r.ContextInfo.GetStanzaID(), "title": r.GetTitle(), "listType": int(r.GetListType()),
			"singleSelectReply": r.GetSingleSelectReply().GetSelectedRowID(),
		})
	case m.TemplateButtonReplyMessage != nil:
		r := m.TemplateButtonReplyMessage
		return rest("templateButtonsReplyMessage", "templateButtonReplyMessage", r.ContextInfo, map[string]any{
			"stanzaId": r.ContextInfo.GetStanzaID(), "selectedIndex": r.GetSelectedIndex(), "selectedId": r.GetSelectedID(),
			"selectedDisplayText": r.GetSelectedDisplayText(),
		})
	case m.InteractiveResponseMessage.GetNativeFlowResponseMessage() != nil:
		r := m.InteractiveResponseMessage
		flow := r.GetNativeFlowResponseMessage()
		var params struct {
			ID          string
			DisplayText string `json:"display_text"`
		}
		_ = json.Unmarshal([]byte(flow.GetParamsJSON()), &params) // foreign: what cannot be read stays empty
		if flow.GetName() == flowMenuAnswer {
			return rest("listResponseMessage", "listResponseMessage", r.ContextInfo, map[string]any{
				"stanzaId": r.ContextInfo.GetStanzaID(), "title": r.GetBody().GetText(), "listType": 1, "singleSelectReply": params.ID,
			})
		}
		params.DisplayText = cmp.Or(params.DisplayText, r.GetBody().GetText())
		return rest("templateButtonsReplyMessage", "templateButtonReplyMessage", r.ContextInfo, map[string]any{
			"stanzaId": r.ContextInfo.GetStanzaID(), "selectedIndex": 0, "selectedId": params.ID, "selectedDisplayText": params.DisplayText,
		})
	}
	return content{}, false
}

func buttonsData(b *waE2E.ButtonsMessage) map[string]any {
	buttons := []map[string]any{}
	for _, button := range b.Buttons {
		buttons = append(buttons, map[string]any{"buttonId": button.GetButtonID(), "buttonText": button.GetButtonText().GetDisplayText()})
	}
	return forwarded(b.ContextInfo, map[string]any{"contentText": b.GetContentText(), "footer": b.GetFooterText(), "buttons": buttons})
}

func listData(l *waE2E.ListMessage) map[string]any {
	sections := []map[string]any{}
	for _, section := range l.Sections {
		rows := []map[string]any{}
		for _, row := range section.Rows {
			rows = append(rows, map[string]any{"title": row.GetTitle(), "rowId": row.GetRowID(), "description": row.GetDescription()})
		}
		sections = append(sections, map[string]any{"title": section.GetTitle(), "rows": rows})
	}
	return forwarded(l.ContextInfo, map[string]any{
		"contentText": l.GetDescription(), "title": l.GetTitle(), "footer": l.GetFooterText(), "buttonText": l.GetButtonText(), "sections": sections,
	})
}

func templateData(t *waE2E.TemplateMessage) map[string]any {
	h := t.GetHydratedTemplate()
	if h == nil {
		h = t.GetHydratedFourRowTemplate()
	}
	buttons := []map[string]any{}
	for _, button := range h.GetHydratedButtons() {
		one := map[string]any{"index": button.GetIndex()}
		switch {
		case button.GetUrlButton() != nil:
			one["urlButton"] = map[string]any{"displayText": button.GetUrlButton().GetDisplayText(), "url": button.GetUrlButton().GetURL()}
		case button.GetCallButton() != nil:
			one["callButton"] = map[string]any{"displayText": button.GetCallButton().GetDisplayText(), "phoneNumber": button.GetCallButton().GetPhoneNumber()}
		case button.GetQuickReplyButton() != nil:
			one["quickReplyButton"] = map[string]any{"displayText": button.GetQuickReplyButton().GetDisplayText(), "id": button.GetQuickReplyButton().GetID()}
		}
		buttons = append(buttons, one)
	}
	return forwarded(t.ContextInfo, map[string]any{
		"contentText": h.GetHydratedContentText(), "titleText": h.GetHydratedTitleText(), "footer": h.GetHydratedFooterText(), "buttons": buttons,
	})
}

// Names of WhatsApp's native flow buttons and what GREEN-API calls them.
var flowTypes = map[string]string{"cta_copy": "copy", "cta_call": "call", "cta_url": "url", "quick_reply": "reply"}

// Names of WhatsApp's native flow menu and of the answer to one.
const (
	flowMenu       = "single_select"
	flowMenuAnswer = "menu_options"
)

// interactiveList reads a menu in the form of today as the list that it was sent as; nil for other messages.
func interactiveList(m *waE2E.InteractiveMessage) map[string]any {
	buttons := m.GetNativeFlowMessage().GetButtons()
	if len(buttons) != 1 || buttons[0].GetName() != flowMenu {
		return nil
	}
	var menu struct {
		Title    string
		Sections []struct {
			Title string
			Rows  []struct{ ID, Title, Description string }
		}
	}
	_ = json.Unmarshal([]byte(buttons[0].GetButtonParamsJSON()), &menu) // foreign: what cannot be read stays empty
	sections := []ListSection{}
	for _, section := range menu.Sections {
		rows := []ListRow{}
		for _, row := range section.Rows {
			rows = append(rows, ListRow{row.Title, row.ID, row.Description})
		}
		sections = append(sections, ListSection{section.Title, rows})
	}
	return forwarded(m.ContextInfo, map[string]any{
		"contentText": m.GetBody().GetText(), "title": m.GetHeader().GetTitle(), "footer": m.GetFooter().GetText(), "buttonText": menu.Title,
		"sections": sections,
	})
}

// interactiveData reads the buttons; the message is of the type interactiveButtonsReply when all of them post their text back.
func interactiveData(m *waE2E.InteractiveMessage) (MessageType, map[string]any) {
	typ := MessageType("interactiveButtonsReply")
	buttons := []map[string]any{}
	for n, button := range m.GetNativeFlowMessage().GetButtons() {
		kind := flowTypes[button.GetName()]
		if kind != "reply" {
			typ = "interactiveButtons"
		}
		buttons = append(buttons, flowButton(n, kind, button.GetButtonParamsJSON()))
	}
	return typ, forwarded(m.ContextInfo, map[string]any{
		"titleText": m.GetHeader().GetTitle(), "contentText": m.GetBody().GetText(), "footerText": m.GetFooter().GetText(), "buttons": buttons,
	})
}

func flowButton(n int, kind, params string) map[string]any {
	var p struct {
		DisplayText string `json:"display_text"`
		ID          string `json:"id"`
		CopyCode    string `json:"copy_code"`
		PhoneNumber string `json:"phone_number"`
		URL         string `json:"url"`
	}
	_ = json.Unmarshal([]byte(params), &p) // foreign: what cannot be read stays empty
	if p.ID == "" {
		p.ID = strconv.Itoa(n + 1)
	}
	button := map[string]any{"type": kind, "buttonId": p.ID, "buttonText": p.DisplayText}
	switch kind {
	case "copy":
		button["copyCode"] = p.CopyCode
	case "call":
		button["phoneNumber"] = p.PhoneNumber
	case "url":
		button["url"] = p.URL
	}
	return button
}

func forwarded(c *waE2E.ContextInfo, data map[string]any) map[string]any {
	data["forwardingScore"], data["isForwarded"] = c.GetForwardingScore(), c.GetIsForwarded()
	return data
}
