package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

func sendingMethods() []Method {
	rows := []Method{
		forInstance(Method{
			Name: "sendMessage", Verb: http.MethodPost, Rate: 50,
			Summary: "Send a text",
			Example: `{"chatId":"{{chatId}}","message":"Hello"}`, Answer: answerID,
		}, sendMessage),
		forInstance(Method{
			Name: "sendPoll", Verb: http.MethodPost, Rate: 50,
			Summary: "Send a poll",
			Example: `{"chatId":"{{chatId}}","message":"Lunch?","options":[{"optionName":"12:00"},{"optionName":"13:00"}],"multipleAnswers":false}`,
			Answer:  answerID,
		}, sendPoll),
		forInstance(Method{
			Name: "sendLocation", Verb: http.MethodPost, Rate: 50,
			Summary: "Send a place on the map",
			Example: `{"chatId":"{{chatId}}","latitude":55.75,"longitude":37.61,"nameLocation":"Office","address":"1 Main Street"}`, Answer: answerID,
		}, sendLocation),
		forInstance(Method{
			Name: "sendContact", Verb: http.MethodPost, Rate: 50,
			Summary: "Send somebody's contact card",
			Example: `{"chatId":"{{chatId}}","contact":{"phoneContact":15550003333,"firstName":"Cleo","company":"Acme"}}`, Answer: answerID,
		}, sendContact),
		forInstance(Method{
			Name: "forwardMessages", Verb: http.MethodPost, Rate: 50,
			Summary: "Pass messages of one chat on to another",
			Example: `{"chatId":"{{chatId}}","chatIdFrom":"{{chatId}}","messages":["{{idMessage}}"]}`,
			Answer:  `{"messages":["3EB0A1B2C3D4E5F60718AA"]}`,
		}, forwardMessages),
	}
	return slices.Concat(rows, fileMethods(), buttonMethods())
}

const (
	answerID         = `{"idMessage":"3EB0A1B2C3D4E5F60718AA"}`
	maxText          = 20_000 // characters, as all of these
	maxPollName      = 255
	maxPollOption    = 100
	minTyping        = 1000 // milliseconds
	maxTyping        = 20_000
	formatsOfAnybody = "'chatId' must be one of the next formats: 'phone_number@c.us', 'chat_id@lid' or 'group_id@g.us'"
)

// SendResponse carries the id that the message has from now on.
type SendResponse struct {
	IDMessage instance.MessageID `json:"idMessage"`
}

func sent(id instance.MessageID, err error) (SendResponse, error) { return SendResponse{id}, err }

// Destination is what all requests that send have in common. TypingTime is in milliseconds. Empty texts and 0 stand for absent.
type Destination struct {
	Recipient
	QuotedMessageID string `json:"quotedMessageId"`
	TypingTime      typing `json:"typingTime"`
	TypingType      string `json:"typingType"`
}

func (d Destination) address() (instance.Address, error) {
	jid, err := d.jid(formatsOfAnybody)
	a := instance.Address{ChatID: instance.ChatIDOf(jid), QuotedMessageID: d.QuotedMessageID, TypingType: d.TypingType}
	if d.TypingTime != 0 {
		ms := int(d.TypingTime)
		a.TypingTime = &ms
	}
	return a, err
}

// typing is a time in milliseconds, as a number or, in forms, its digits.
type typing int

// UnmarshalJSON refuses what is out of GREEN-API's range; 0, null and empty stand for absent.
func (t *typing) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		data = []byte(text)
	}
	if len(data) == 0 {
		return nil
	}
	ms, err := strconv.Atoi(string(data))
	switch {
	case err != nil:
		return invalid("'typingTime' must be a number")
	case ms == 0:
	case ms < minTyping:
		return invalid("'typingTime' must be larger than or equal to %d", minTyping)
	case ms > maxTyping:
		return invalid("'typingTime' must be less than or equal to %d", maxTyping)
	}
	*t = typing(ms)
	return nil
}

// tooLong complains of a text that is longer than GREEN-API takes.
func tooLong(name, text string, limit int) error {
	if utf8.RuneCountInString(text) > limit {
		return invalid("'%s' length must be less than or equal to %d characters long", name, limit)
	}
	return nil
}

// SendMessageRequest has a text of up to 20 000 characters. LinkPreview is true by default, typePreview small or large.
type SendMessageRequest struct {
	Destination
	Message       string                  `json:"message" check:"required"`
	LinkPreview   *bool                   `json:"linkPreview"`
	TypePreview   string                  `json:"typePreview"`
	CustomPreview *instance.CustomPreview `json:"customPreview"`
}

func (r *SendMessageRequest) validate() error {
	if r.TypePreview != "" && !slices.Contains([]string{"small", "large"}, r.TypePreview) {
		return invalid("'typePreview' must be one of [large, small]")
	}
	return tooLong("message", r.Message, maxText)
}

func sendMessage(ctx context.Context, i *instance.Instance, r SendMessageRequest) (SendResponse, error) {
	a, err := r.address()
	if err != nil {
		return SendResponse{}, err
	}
	text := instance.Text{
		Address: a, Message: r.Message, LinkPreview: bool(i.Settings().LinkPreview), PreviewType: r.TypePreview, CustomPreview: r.CustomPreview,
	}
	if r.LinkPreview != nil {
		text.LinkPreview = *r.LinkPreview
	}
	if text.PreviewType == "" {
		text.PreviewType = "small"
	}
	return sent(i.SendText(ctx, text))
}

// SendPollRequest has a question of up to 255 characters and 2 to 12 different answers of up to 100.
type SendPollRequest struct {
	Destination
	Message         string                `json:"message" check:"required"`
	Options         []instance.PollOption `json:"options" check:"required"`
	MultipleAnswers bool                  `json:"multipleAnswers"`
}

func (r *SendPollRequest) validate() error {
	switch {
	case len(r.Options) < 2:
		return invalid("'options' must contain at least 2 items")
	case len(r.Options) > 12:
		return invalid("'options' must contain less than or equal to 12 items")
	}
	seen := map[string]bool{}
	for n, option := range r.Options {
		name := "options[" + strconv.Itoa(n) + "].optionName"
		if option.OptionName == "" {
			return invalid("'%s' is not allowed to be empty", name)
		}
		if seen[option.OptionName] {
			return invalid("'options[%d]' contains a duplicate value", n)
		}
		seen[option.OptionName] = true
		if err := tooLong(name, option.OptionName, maxPollOption); err != nil {
			return err
		}
	}
	return tooLong("message", r.Message, maxPollName)
}

func sendPoll(ctx context.Context, i *instance.Instance, r SendPollRequest) (SendResponse, error) {
	a, err := r.address()
	if err != nil {
		return SendResponse{}, err
	}
	return sent(i.SendPoll(ctx, instance.NewPoll{Address: a, Message: r.Message, Options: r.Options, MultipleAnswers: r.MultipleAnswers}))
}

// SendLocationRequest has coordinates in degrees.
type SendLocationRequest struct {
	Destination
	NameLocation string  `json:"nameLocation"`
	Address      string  `json:"address"`
	Latitude     float64 `json:"latitude" check:"required"`
	Longitude    float64 `json:"longitude" check:"required"`
}

func (r *SendLocationRequest) validate() error {
	switch {
	case r.Latitude < -90 || r.Latitude > 90:
		return invalid("'latitude' must be between -90 and 90")
	case r.Longitude < -180 || r.Longitude > 180:
		return invalid("'longitude' must be between -180 and 180")
	}
	return nil
}

func sendLocation(ctx context.Context, i *instance.Instance, r SendLocationRequest) (SendResponse, error) {
	a, err := r.address()
	if err != nil {
		return SendResponse{}, err
	}
	return sent(i.SendLocation(ctx, instance.Place{
		Address: a, NameLocation: r.NameLocation, AddressText: r.Address, Latitude: r.Latitude, Longitude: r.Longitude,
	}))
}

// SendContactRequest has a number and at least one of the names.
type SendContactRequest struct {
	Destination
	Contact struct {
		PhoneContact cardDigits `json:"phoneContact"`
		FirstName    string     `json:"firstName"`
		MiddleName   string     `json:"middleName"`
		LastName     string     `json:"lastName"`
		Company      string     `json:"company"`
	} `json:"contact" check:"required"`
}

// cardDigits is the number on a contact's card, as a number or its digits.
type cardDigits int64

// UnmarshalJSON takes 7 to 15 digits.
func (d *cardDigits) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	number, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 64)
	switch {
	case text == "" || text == "null":
		return nil
	case err != nil:
		return invalid("'contact.phoneContact' must be a number")
	case number < 1e6 || number >= 1e15:
		return invalid("'contact.phoneContact' must contain from 7 to 15 digits")
	}
	*d = cardDigits(number)
	return nil
}

func (r *SendContactRequest) validate() error {
	switch c := r.Contact; {
	case c.PhoneContact == 0:
		return invalid("'contact.phoneContact' is required")
	case c.FirstName+c.MiddleName+c.LastName+c.Company == "":
		return invalid("'contact' must contain at least one of [firstName, middleName, lastName, company]")
	}
	return nil
}

func sendContact(ctx context.Context, i *instance.Instance, r SendContactRequest) (SendResponse, error) {
	a, err := r.address()
	if err != nil {
		return SendResponse{}, err
	}
	c := r.Contact
	return sent(i.SendContact(ctx, instance.Card{Address: a, Contact: instance.CardContact{
		PhoneContact: int64(c.PhoneContact), FirstName: c.FirstName, MiddleName: c.MiddleName, LastName: c.LastName, Company: c.Company,
	}}))
}

// ForwardMessagesRequest names messages of chatIdFrom that go to chatId.
type ForwardMessagesRequest struct {
	Destination
	ChatIDFrom string               `json:"chatIdFrom" check:"required"`
	Messages   []instance.MessageID `json:"messages" check:"required"`
}

// ForwardMessagesResponse has the ids of the copies, in the order of the request.
type ForwardMessagesResponse struct {
	Messages []instance.MessageID `json:"messages"`
}

const maxForwards = 100

func (r *ForwardMessagesRequest) validate() error {
	_, ok := instance.ParseChatID(r.ChatIDFrom)
	switch {
	case !ok:
		return invalid("'chatIdFrom'%s", strings.TrimPrefix(formatsOfAnybody, "'chatId'"))
	case len(r.Messages) == 0:
		return invalid("'messages' must contain at least 1 items")
	case len(r.Messages) > maxForwards:
		return invalid("'messages' must contain less than or equal to %d items", maxForwards)
	}
	return nil
}

func forwardMessages(ctx context.Context, i *instance.Instance, r ForwardMessagesRequest) (ForwardMessagesResponse, error) {
	a, err := r.address()
	if err != nil {
		return ForwardMessagesResponse{}, err
	}
	ids, err := i.ForwardMessages(ctx, instance.Forward{Address: a, ChatIDFrom: instance.ChatID(r.ChatIDFrom), Messages: r.Messages})
	return ForwardMessagesResponse{ids}, notFoundInJournal(err)
}

// notFoundInJournal answers 400 with GREEN-API's texts for a message or a chat that the journal does not have.
func notFoundInJournal(err error) error { return notFoundAs(err, instance.AsError(err).Detail) }

// notFoundAs answers 400 with a method's own text for what the journal does not have.
func notFoundAs(err error, text string) error {
	if err != nil && instance.AsError(err).Kind == instance.KindNotFound {
		return reply{http.StatusBadRequest, true, text}
	}
	return err
}

// isPerson tells a person from a group.
func isPerson(jid types.JID) bool { return jid.Server != types.GroupServer }
