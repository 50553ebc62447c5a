package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"greengate/instance"
)

// buttonMethods are the ones that send buttons: the two of today, and the legacy ones, which are sent in the form that WhatsApp still
// shows.
func buttonMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "sendInteractiveButtons", Verb: http.MethodPost, Rate: 1, Works: "as native flow; WhatsApp decides who sees it",
			Summary: "Send up to three buttons that copy, call or open a page (persons only; WhatsApp decides who gets to see them)",
			Example: `{"chatId":"{{chatId}}","header":"Order 17","body":"What now?","footer":"Shop","buttons":[` +
				`{"type":"copy","buttonId":"1","buttonText":"Copy code","copyCode":"A17"},` +
				`{"type":"url","buttonId":"2","buttonText":"Open","url":"https://shop.example/17"}]}`, Answer: answerID,
		}, sendInteractiveButtons),
		forInstance(Method{
			Name: "sendInteractiveButtonsReply", Verb: http.MethodPost, Rate: 1, Works: "as native flow; WhatsApp decides who sees it",
			Summary: "Send up to three buttons that answer with their text (persons only; WhatsApp decides who gets to see them)",
			Example: `{"chatId":"{{chatId}}","header":"Visit","body":"Will you come?","footer":"Clinic","buttons":[` +
				`{"buttonId":"1","buttonText":"Yes"},{"buttonId":"2","buttonText":"No"}]}`, Answer: answerID,
		}, sendInteractiveButtonsReply),
		forInstance(Method{
			Name: "sendButtons", Verb: http.MethodPost, Rate: 50, Works: "archived; goes out as native flow",
			Summary: "Send answer buttons (legacy; goes out as sendInteractiveButtonsReply)",
			Example: `{"chatId":"{{chatId}}","message":"Will you come?","footer":"Clinic","buttons":[{"buttonId":"1","buttonText":"Yes"}]}`,
			Answer:  answerID,
		}, sendButtons),
		forInstance(Method{
			Name: "sendTemplateButtons", Verb: http.MethodPost, Rate: 50, Works: "archived; goes out as native flow",
			Summary: "Send template buttons (legacy; goes out as interactive buttons)",
			Example: `{"chatId":"{{chatId}}","message":"Hello","footer":"Shop","templateButtons":[` +
				`{"index":1,"urlButton":{"displayText":"Open","url":"https://shop.example"}},` +
				`{"index":2,"quickReplyButton":{"displayText":"Fine","id":"b1"}}]}`, Answer: answerID,
		}, sendTemplateButtons),
		forInstance(Method{
			Name: "sendListMessage", Verb: http.MethodPost, Rate: 50, Works: "archived; goes out as native flow",
			Summary: "Send a menu (legacy; goes out in the form that WhatsApp still shows)",
			Example: `{"chatId":"{{chatId}}","message":"Choose","title":"Menu","footer":"Shop","buttonText":"Open","sections":[{"title":"Drinks",` +
				`"rows":[{"title":"Tea","rowId":"1"},{"title":"Coffee","rowId":"2"},{"title":"Juice","rowId":"3"}]}]}`, Answer: answerID,
		}, sendListMessage),
		forInstance(Method{
			Name: "sendLink", Verb: http.MethodPost, Rate: 50, Works: "yes; archived",
			Summary: "Send a link with a preview (legacy; sendMessage does the same)",
			Example: `{"chatId":"{{chatId}}","urlLink":"https://example.com"}`, Answer: answerID,
		}, sendLink),
		forInstance(Method{
			Name: "sendTemplate", Verb: http.MethodPost, Rate: 50,
			Summary: "Refused: templates belong to WhatsApp's business API, which linked devices do not have (legacy)",
			Example: `{"chatId":"{{chatId}}","namespace":"shop","name":"welcome","languageCode":"en","params":[]}`,
			Works:   "no: archived; linked devices have no templates", Refused: http.StatusForbidden,
		}, sendTemplate),
	}
}

const (
	maxButtons    = 3
	maxButtonText = 25
	maxRowTitle   = 24
	maxRows       = 10
)

// personOnly refuses groups: WhatsApp shows buttons in personal chats only.
func (d Destination) personOnly() (instance.Address, error) {
	a, err := d.address()
	if err != nil {
		return a, err
	}
	if jid, _ := instance.ParseChatID(string(a.ChatID)); !isPerson(jid) {
		return a, invalid("%s", formatsOfPerson)
	}
	return a, nil
}

// SendInteractiveButtonsRequest has 1 to 3 buttons of the types copy, call, url and reply, with texts of up to 25 characters.
type SendInteractiveButtonsRequest struct {
	Destination
	Header  string            `json:"header" check:"required"`
	Body    string            `json:"body" check:"required"`
	Footer  string            `json:"footer" check:"required"`
	Buttons []instance.Button `json:"buttons" check:"required"`
}

func (r *SendInteractiveButtonsRequest) validate() error {
	if err := checkButtons(r.Buttons); err != nil {
		return err
	}
	for n, button := range r.Buttons {
		field := map[string]string{"copy": "copyCode", "call": "phoneNumber", "url": "url", "reply": "buttonText"}[button.Type]
		if field == "" {
			return invalid("'buttons[%d].type' must be one of [copy, call, url, reply]", n)
		}
		if map[string]string{"copyCode": button.CopyCode, "phoneNumber": button.PhoneNumber, "url": button.URL, "buttonText": "-"}[field] == "" {
			return invalid("'buttons[%d].%s' is required", n, field)
		}
	}
	return tooLong("body", r.Body, maxText)
}

// checkButtons holds buttons to what all kinds of them have in common.
func checkButtons(buttons []instance.Button) error {
	if len(buttons) < 1 || len(buttons) > maxButtons {
		return invalid("'buttons' must contain between 1 and %d items", maxButtons)
	}
	for n, button := range buttons {
		if button.ButtonText == "" {
			return invalid("'buttons[%d].buttonText' is required", n)
		}
		if err := tooLong("buttons["+strconv.Itoa(n)+"].buttonText", button.ButtonText, maxButtonText); err != nil {
			return err
		}
	}
	return nil
}

func sendInteractiveButtons(ctx context.Context, i *instance.Instance, r SendInteractiveButtonsRequest) (SendResponse, error) {
	return queueButtons(ctx, i, r.Destination, instance.Buttons{
		Kind: "sendInteractiveButtons", Header: r.Header, Body: r.Body, Footer: r.Footer, Buttons: r.Buttons,
	})
}

func queueButtons(ctx context.Context, i *instance.Instance, d Destination, b instance.Buttons) (SendResponse, error) {
	a, err := d.personOnly()
	if err != nil {
		return SendResponse{}, err
	}
	b.Address = a
	return sent(i.SendButtons(ctx, b))
}

// SendInteractiveButtonsReplyRequest has 1 to 3 buttons with texts of up to 25 characters.
type SendInteractiveButtonsReplyRequest struct {
	Destination
	Header  string        `json:"header"`
	Body    string        `json:"body" check:"required"`
	Footer  string        `json:"footer"`
	Buttons []ReplyButton `json:"buttons" check:"required"`
}

// ReplyButton posts its text when it is pressed. ButtonID may be a number, as Java clients send it.
type ReplyButton struct {
	ButtonID   looseText `json:"buttonId"`
	ButtonText string    `json:"buttonText"`
}

// looseText is a text that may be sent as a number.
type looseText string

// UnmarshalJSON takes a text or a number.
func (l *looseText) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		text = string(data)
	}
	*l = looseText(text)
	return nil
}

func replyButtons(list []ReplyButton) []instance.Button {
	buttons := make([]instance.Button, 0, len(list))
	for _, b := range list {
		buttons = append(buttons, instance.Button{Type: "reply", ButtonID: string(b.ButtonID), ButtonText: b.ButtonText})
	}
	return buttons
}

func (r *SendInteractiveButtonsReplyRequest) validate() error {
	if err := checkButtons(replyButtons(r.Buttons)); err != nil {
		return err
	}
	return tooLong("body", r.Body, maxText)
}

func sendInteractiveButtonsReply(ctx context.Context, i *instance.Instance, r SendInteractiveButtonsReplyRequest) (SendResponse, error) {
	return queueButtons(ctx, i, r.Destination, instance.Buttons{
		Kind: "sendInteractiveButtonsReply", Header: r.Header, Body: r.Body, Footer: r.Footer, Buttons: replyButtons(r.Buttons),
	})
}

// SendButtonsRequest has 1 to 3 buttons with texts of up to 25 characters.
type SendButtonsRequest struct {
	Destination
	Message string        `json:"message" check:"required"`
	Footer  string        `json:"footer"`
	Buttons []ReplyButton `json:"buttons" check:"required"`
}

func (r *SendButtonsRequest) validate() error {
	if err := checkButtons(replyButtons(r.Buttons)); err != nil {
		return err
	}
	return tooLong("message", r.Message, maxText)
}

func sendButtons(ctx context.Context, i *instance.Instance, r SendButtonsRequest) (SendResponse, error) {
	return queueButtons(ctx, i, r.Destination, instance.Buttons{
		Kind: "sendButtons", Body: r.Message, Footer: r.Footer, Buttons: replyButtons(r.Buttons),
	})
}

// SendTemplateButtonsRequest has buttons in an order of their own; each is one of three kinds.
type SendTemplateButtonsRequest struct {
	Destination
	Message         string           `json:"message" check:"required"`
	Footer          string           `json:"footer"`
	TemplateButtons []TemplateButton `json:"templateButtons" check:"required"`
}

// TemplateButton is one button of a template.
type TemplateButton struct {
	Index     int `json:"index"`
	URLButton *struct {
		DisplayText string `json:"displayText"`
		URL         string `json:"url"`
	} `json:"urlButton"`
	CallButton *struct {
		DisplayText string `json:"displayText"`
		PhoneNumber string `json:"phoneNumber"`
	} `json:"callButton"`
	QuickReplyButton *struct {
		DisplayText string `json:"displayText"`
		ID          string `json:"id"`
	} `json:"quickReplyButton"`
}

func (b TemplateButton) button() instance.Button {
	switch {
	case b.URLButton != nil:
		return instance.Button{Type: "url", ButtonID: strconv.Itoa(b.Index), ButtonText: b.URLButton.DisplayText, URL: b.URLButton.URL}
	case b.CallButton != nil:
		return instance.Button{
			Type: "call", ButtonID: strconv.Itoa(b.Index), ButtonText: b.CallButton.DisplayText, PhoneNumber: b.CallButton.PhoneNumber,
		}
	case b.QuickReplyButton != nil:
		return instance.Button{Type: "reply", ButtonID: b.QuickReplyButton.ID, ButtonText: b.QuickReplyButton.DisplayText}
	}
	return instance.Button{}
}

func (r *SendTemplateButtonsRequest) buttons() []instance.Button {
	sorted := slices.Clone(r.TemplateButtons)
	slices.SortStableFunc(sorted, func(a, b TemplateButton) int { return a.Index - b.Index })
	list := make([]instance.Button, 0, len(sorted))
	for _, b := range sorted {
		list = append(list, b.button())
	}
	return list
}

func (r *SendTemplateButtonsRequest) validate() error { return checkButtons(r.buttons()) }

func sendTemplateButtons(ctx context.Context, i *instance.Instance, r SendTemplateButtonsRequest) (SendResponse, error) {
	return queueButtons(ctx, i, r.Destination, instance.Buttons{
		Kind: "sendTemplateButtons", Body: r.Message, Footer: r.Footer, Buttons: r.buttons(),
	})
}

// SendListMessageRequest has sections with up to 10 rows altogether, whose titles have up to 24 characters.
type SendListMessageRequest struct {
	Destination
	Message    string                 `json:"message" check:"required"`
	Title      string                 `json:"title"`
	Footer     string                 `json:"footer"`
	ButtonText string                 `json:"buttonText" check:"required"`
	Sections   []instance.ListSection `json:"sections" check:"required"`
}

func (r *SendListMessageRequest) validate() error {
	rows := 0
	for s, section := range r.Sections {
		for n, row := range section.Rows {
			name := "sections[" + strconv.Itoa(s) + "].rows[" + strconv.Itoa(n) + "].title"
			if row.Title == "" {
				return invalid("'%s' is required", name)
			}
			if err := tooLong(name, row.Title, maxRowTitle); err != nil {
				return err
			}
			rows++
		}
	}
	if rows < 1 || rows > maxRows {
		return invalid("'sections' must contain between 1 and %d rows", maxRows)
	}
	return nil
}

func sendListMessage(ctx context.Context, i *instance.Instance, r SendListMessageRequest) (SendResponse, error) {
	return queueButtons(ctx, i, r.Destination, instance.Buttons{
		Kind: "sendListMessage", Header: r.Title, Body: r.Message, Footer: r.Footer,
		List: &instance.List{ButtonText: r.ButtonText, Sections: r.Sections},
	})
}

// SendLinkRequest has an address to send as a text.
type SendLinkRequest struct {
	Destination
	URLLink string `json:"urlLink" check:"required"`
}

func sendLink(ctx context.Context, i *instance.Instance, r SendLinkRequest) (SendResponse, error) {
	yes := true
	return sendMessage(ctx, i, SendMessageRequest{Destination: r.Destination, Message: r.URLLink, LinkPreview: &yes})
}

// SendTemplateRequest is refused whatever it says.
type SendTemplateRequest struct {
	Destination
	Namespace    string `json:"namespace"`
	Name         string `json:"name"`
	LanguageCode string `json:"languageCode"`
}

func sendTemplate(context.Context, *instance.Instance, SendTemplateRequest) (SendResponse, error) {
	return SendResponse{}, reply{http.StatusForbidden, true, "templates are not available to linked devices"}
}
