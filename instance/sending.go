package instance

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const kindForward = "ForwardMessages"

// newOutgoing returns an empty one of the kind that the outbox names; nil for a kind that is not known.
func newOutgoing(kind string) outgoing {
	switch kind {
	case "sendMessage":
		return &Text{}
	case kindFile:
		return &NewFile{}
	case "sendPoll":
		return &NewPoll{}
	case "sendLocation":
		return &Place{}
	case "sendContact":
		return &Card{}
	case kindForward:
		return &Forward{}
	case "sendTextStatus":
		return &TextStatus{}
	case "sendVoiceStatus":
		return &VoiceStatus{}
	case "sendMediaStatus":
		return &MediaStatus{}
	case "deleteStatus":
		return &StatusDeletion{}
	case "sendInteractiveButtons", "sendInteractiveButtonsReply", "sendButtons", "sendTemplateButtons", "sendListMessage":
		return &Buttons{Kind: kind}
	case "editMessage":
		return &Edit{}
	case "sendReaction":
		return &Reaction{}
	case "sendTyping":
		return &Typing{}
	}
	return nil
}

// Text is a text to send. PreviewType is small or large.
type Text struct {
	Address
	Message       string         `json:"message"`
	LinkPreview   bool           `json:"linkPreview"`
	PreviewType   string         `json:"typePreview"`
	CustomPreview *CustomPreview `json:"customPreview,omitempty"`
}

// CustomPreview replaces what a link's page says of itself. JPEGThumbnail is base64, URLFile the address of an image.
type CustomPreview struct {
	Title         string `json:"title"`
	Description   string `json:"description"`
	Link          string `json:"link"`
	URLFile       string `json:"urlFile"`
	JPEGThumbnail string `json:"jpegThumbnail"`
}

func (*Text) kind() string { return "sendMessage" }

func (t *Text) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	text := &waE2E.ExtendedTextMessage{
		Text: &t.Message, PreviewType: waE2E.ExtendedTextMessage_NONE.Enum(), ContextInfo: i.quote(ctx, &t.Address),
	}
	if p := t.CustomPreview; p != nil {
		thumbnail, err := base64.StdEncoding.DecodeString(p.JPEGThumbnail)
		if err != nil {
			return nil, fail(KindInvalid, "'customPreview.jpegThumbnail' must be base64")
		}
		text.Title, text.Description, text.JPEGThumbnail = &p.Title, &p.Description, thumbnail
		if p.Link != "" {
			text.MatchedText = &p.Link
		}
	}
	return &waE2E.Message{ExtendedTextMessage: text}, nil
}

// NewPoll is a poll to send.
type NewPoll struct {
	Address
	Message         string       `json:"message"`
	Options         []PollOption `json:"options"`
	MultipleAnswers bool         `json:"multipleAnswers"`
}

func (*NewPoll) kind() string { return "sendPoll" }

func (p *NewPoll) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	poll := &waE2E.PollCreationMessage{Name: &p.Message, ContextInfo: i.quote(ctx, &p.Address), SelectableOptionsCount: proto.Uint32(1)}
	if p.MultipleAnswers {
		poll.SelectableOptionsCount = proto.Uint32(0)
	}
	for _, option := range p.Options {
		poll.Options = append(poll.Options, &waE2E.PollCreationMessage_Option{OptionName: &option.OptionName})
	}
	return &waE2E.Message{PollCreationMessage: poll, MessageContextInfo: &waE2E.MessageContextInfo{MessageSecret: newSecret()}}, nil
}

// newSecret makes the key that the votes on a poll are sealed with.
func newSecret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return secret
}

// Place is a location to send. Degrees.
type Place struct {
	Address
	NameLocation string  `json:"nameLocation"`
	AddressText  string  `json:"address"`
	Latitude     float64 `json:"latitude"`
	Longitude    float64 `json:"longitude"`
}

func (*Place) kind() string { return "sendLocation" }

func (p *Place) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	return &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
		DegreesLatitude: &p.Latitude, DegreesLongitude: &p.Longitude, Name: &p.NameLocation, Address: &p.AddressText,
		ContextInfo: i.quote(ctx, &p.Address),
	}}, nil
}

// Card is a contact to send.
type Card struct {
	Address
	Contact CardContact `json:"contact"`
}

// CardContact is a person with a number of digits and at least one name.
type CardContact struct {
	PhoneContact int64  `json:"phoneContact"`
	FirstName    string `json:"firstName,omitempty"`
	MiddleName   string `json:"middleName,omitempty"`
	LastName     string `json:"lastName,omitempty"`
	Company      string `json:"company,omitempty"`
}

func (*Card) kind() string { return "sendContact" }

func (c *Card) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	name, card := c.Contact.vCard()
	return &waE2E.Message{ContactMessage: &waE2E.ContactMessage{
		DisplayName: &name, Vcard: &card, ContextInfo: i.quote(ctx, &c.Address),
	}}, nil
}

// vCard writes the card as GREEN-API does, with what vCard gives a meaning to escaped.
func (c CardContact) vCard() (name, card string) {
	escape := strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`).Replace
	name = strings.Join(strings.Fields(strings.Join([]string{c.FirstName, c.MiddleName, c.LastName}, " ")), " ")
	if name == "" {
		name = c.Company
	}
	lines := []string{
		"BEGIN:VCARD", "VERSION:3.0",
		fmt.Sprintf("N:%s;%s;%s;", escape(c.LastName), escape(c.FirstName), escape(c.MiddleName)),
		"FN:" + escape(name),
	}
	if c.Company != "" {
		lines = append(lines, "ORG:"+escape(c.Company))
	}
	lines = append(lines, fmt.Sprintf("TEL;type=CELL;type=VOICE;waid=%[1]d:+%[1]d", c.PhoneContact), "END:VCARD")
	return name, strings.Join(lines, "\n")
}

// Forward passes one stored message on. The outbox shows the whole list that it was part of.
type Forward struct {
	Address
	ChatIDFrom ChatID      `json:"chatIdFrom"`
	Messages   []MessageID `json:"messages"`
}

func (*Forward) kind() string { return kindForward }

// draft copies the stored message with its count of forwards raised by one, and without what it quoted.
func (f *Forward) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	from, ok := ParseChatID(string(f.ChatIDFrom))
	if !ok {
		return nil, fail(KindInvalid, "'chatIdFrom' is no chat id")
	}
	stored, err := i.stored(ctx, from, f.Messages[0])
	if err != nil {
		return nil, err
	}
	message := &waE2E.Message{}
	if err := proto.Unmarshal(stored.Content, message); err != nil {
		return nil, err
	}
	if message.Conversation != nil {
		message = &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: message.Conversation}}
	}
	message.MessageContextInfo = nil
	if pollOf(message) != nil {
		message.MessageContextInfo = &waE2E.MessageContextInfo{MessageSecret: newSecret()}
	}
	score := contentOf(message).context.GetForwardingScore()
	if !setContext(message, &waE2E.ContextInfo{IsForwarded: proto.Bool(true), ForwardingScore: proto.Uint32(min(score, math.MaxUint32-1) + 1)}) {
		return nil, fail(KindNotAcceptable, "a message of this kind cannot be forwarded")
	}
	return message, nil
}

// SendText queues a text and returns the id it will have. Sending needs no connection: what is accepted is kept for a day.
func (i *Instance) SendText(ctx context.Context, t Text) (MessageID, error) {
	return i.enqueueOne(ctx, &t)
}

// SendPoll queues a poll.
func (i *Instance) SendPoll(ctx context.Context, p NewPoll) (MessageID, error) {
	return i.enqueueOne(ctx, &p)
}

// SendLocation queues a location.
func (i *Instance) SendLocation(ctx context.Context, p Place) (MessageID, error) {
	return i.enqueueOne(ctx, &p)
}

// SendContact queues a contact's card.
func (i *Instance) SendContact(ctx context.Context, c Card) (MessageID, error) {
	return i.enqueueOne(ctx, &c)
}

// ForwardMessages queues copies of stored messages and returns their new ids in the same order; all or none. KindNotFound for a message
// that the journal does not have.
func (i *Instance) ForwardMessages(ctx context.Context, f Forward) ([]MessageID, error) {
	var list []outgoing
	for _, id := range f.Messages {
		one := f
		one.Messages = []MessageID{id}
		list = append(list, &one)
	}
	return i.enqueue(ctx, list...)
}

// quote points to the message that is replied to, nil for none, or one that the journal does not have: then the message goes without.
func (i *Instance) quote(ctx context.Context, a *Address) *waE2E.ContextInfo {
	jid, ok := ParseChatID(string(a.ChatID))
	if a.QuotedMessageID == "" || !ok {
		return nil
	}
	stored, err := i.stored(ctx, jid, a.QuotedMessageID)
	if err != nil {
		return nil
	}
	quoted := &waE2E.Message{}
	if err := proto.Unmarshal(stored.Content, quoted); err != nil {
		return nil
	}
	quoted.MessageContextInfo = nil
	return &waE2E.ContextInfo{StanzaID: &stored.ID, Participant: proto.String(i.participant(stored).String()), QuotedMessage: withoutQuote(quoted)}
}

// participant is the author of a stored message as its chat names people.
func (i *Instance) participant(m store.Message) types.JID {
	jid, _ := ParseChatID(m.SenderID) // stored by us
	if m.Outgoing {
		jid = i.self()
	}
	if isGroup(ChatID(m.ChatID)) {
		return i.memberJID(i.ctx, ChatID(m.ChatID), jid)
	}
	return jid
}
