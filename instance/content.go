package instance

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"strconv"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// MessageType says of what kind a message is, in GREEN-API's words (docs/api/receiving/notifications-format).
type MessageType string

// The kinds that are named in more than one place. A message that none of GREEN-API's words fits has the empty type.
const (
	TypeText         MessageType = "textMessage"
	TypeExtendedText MessageType = "extendedTextMessage"
	TypeQuoted       MessageType = "quotedMessage" // a text that quotes another message
	TypeImage        MessageType = "imageMessage"
	TypeVideo        MessageType = "videoMessage"
	TypeAudio        MessageType = "audioMessage"
	TypeDocument     MessageType = "documentMessage"
	TypeSticker      MessageType = "stickerMessage"
	TypeLocation     MessageType = "locationMessage"
	TypeContact      MessageType = "contactMessage"
	TypeContacts     MessageType = "contactsArrayMessage"
	TypePoll         MessageType = "pollMessage"
	TypePollUpdate   MessageType = "pollUpdateMessage"
	TypeReaction     MessageType = "reactionMessage"
	TypeEdited       MessageType = "editedMessage"
	TypeDeleted      MessageType = "deletedMessage"
	TypeGroupInvite  MessageType = "groupInviteMessage"
)

// Forwarding is what most kinds tell of how often they were passed on.
type Forwarding struct {
	ForwardingScore uint32 `json:"forwardingScore"`
	IsForwarded     bool   `json:"isForwarded"`
}

// ExtendedText is a text with what belongs to it. Thumbnails are base64 everywhere.
type ExtendedText struct {
	Text          string `json:"text"`
	Description   string `json:"description"`
	Title         string `json:"title"`
	PreviewType   string `json:"previewType"`
	JPEGThumbnail string `json:"jpegThumbnail"`
	*TextStyle
	*Ad
	Forwarding
}

// Ad is what led somebody to write, for those who come from an advertisement.
type Ad struct {
	ContainsAutoReply bool   `json:"containsAutoReply"`
	MediaType         string `json:"mediaType"`
	ShowAdAttribution bool   `json:"showAdAttribution"`
	SourceID          string `json:"sourceId"`
	SourceType        string `json:"sourceType"`
	SourceURL         string `json:"sourceUrl"`
	ThumbnailURL      string `json:"thumbnailUrl"`
}

// TextStyle is how a text story looks.
type TextStyle struct {
	BackgroundColor string `json:"backgroundColor"` // #RRGGBB
	Font            string `json:"font"`
}

// Location is a place. Degrees.
type Location struct {
	NameLocation  string  `json:"nameLocation"`
	Address       string  `json:"address"`
	JPEGThumbnail string  `json:"jpegThumbnail"`
	Latitude      float64 `json:"latitude"`
	Longitude     float64 `json:"longitude"`
	Forwarding
}

// VCard is a contact's card.
type VCard struct {
	DisplayName string `json:"displayName"`
	VCard       string `json:"vcard"`
	*Forwarding
}

// VCards are several of them.
type VCards struct {
	Contacts []VCard `json:"contacts"`
	Forwarding
}

// PollOption is one answer that a poll offers.
type PollOption struct {
	OptionName string `json:"optionName"`
}

// PollVotes are those who chose an answer.
type PollVotes struct {
	OptionName   string   `json:"optionName"`
	OptionVoters []ChatID `json:"optionVoters"`
}

// Poll is a question with its answers.
type Poll struct {
	Name            string       `json:"name"`
	Options         []PollOption `json:"options"`
	MultipleAnswers bool         `json:"multipleAnswers"`
}

// PollUpdate is what one person chooses in a poll from now on.
type PollUpdate struct {
	StanzaID        MessageID   `json:"stanzaId"` // of the poll
	Name            string      `json:"name"`
	Votes           []PollVotes `json:"votes"`
	MultipleAnswers bool        `json:"multipleAnswers"`
}

// GroupInvite is an invitation that is addressed to one person.
type GroupInvite struct {
	GroupJID         string `json:"groupJid"`
	InviteCode       string `json:"inviteCode"`
	InviteExpiration string `json:"inviteExpiration"`
	GroupName        string `json:"groupName"`
	Caption          string `json:"caption"`
	Name             string `json:"name"`
	JPEGThumbnail    string `json:"jpegThumbnail"`
}

// content is what a message says, one of its fields. rest holds the kinds that have the same key everywhere, by that key.
type content struct {
	typ      MessageType
	text     *ExtendedText
	reply    bool // the text is a reply
	file     *File
	location *Location
	contact  *VCard
	contacts *VCards
	poll     *Poll
	update   *PollUpdate // a row of the journal has it, the message itself is sealed
	rest     map[string]any
	context  *waE2E.ContextInfo
}

// contentOf reads a message. The download URL of files is left to the caller.
func contentOf(m *waE2E.Message) content {
	for _, read := range []func(*waE2E.Message) (content, bool){textContent, fileContent, placeContent, pollContent, buttonContent, signContent} {
		if c, ok := read(m); ok {
			return c
		}
	}
	return content{}
}

func textContent(m *waE2E.Message) (content, bool) {
	if m.Conversation != nil {
		return content{typ: TypeText, text: &ExtendedText{Text: m.GetConversation()}}, true
	}
	t := m.GetExtendedTextMessage()
	if t == nil {
		return content{}, false
	}
	c := content{typ: TypeExtendedText, context: t.ContextInfo, text: &ExtendedText{
		Text: t.GetText(), Description: t.GetDescription(), Title: t.GetTitle(), PreviewType: previewType(t.GetPreviewType()),
		JPEGThumbnail: base64.StdEncoding.EncodeToString(t.JPEGThumbnail), Forwarding: forwarding(t.ContextInfo), TextStyle: textStyle(t),
	}}
	if c.context.GetStanzaID() != "" {
		c.typ, c.reply = TypeQuoted, true
	}
	if ad := c.context.GetExternalAdReply(); ad != nil {
		addAd(c.text, ad)
	}
	return c, true
}

// addAd adds the advertisement that a text answers; its words stand in for those of a preview.
func addAd(t *ExtendedText, ad *waE2E.ContextInfo_ExternalAdReplyInfo) {
	t.Ad = &Ad{
		ad.GetContainsAutoReply(), ad.GetMediaType().String(), ad.GetShowAdAttribution(), ad.GetSourceID(), ad.GetSourceType(), ad.GetSourceURL(),
		ad.GetThumbnailURL(),
	}
	t.Title, t.Description = cmp.Or(t.Title, ad.GetTitle()), cmp.Or(t.Description, ad.GetBody())
	t.JPEGThumbnail = cmp.Or(t.JPEGThumbnail, base64.StdEncoding.EncodeToString(ad.GetThumbnail()))
}

func previewType(t waE2E.ExtendedTextMessage_PreviewType) string {
	if t == waE2E.ExtendedTextMessage_VIDEO {
		return "video"
	}
	return "None"
}

func forwarding(c *waE2E.ContextInfo) Forwarding {
	return Forwarding{c.GetForwardingScore(), c.GetIsForwarded()}
}

func placeContent(m *waE2E.Message) (content, bool) {
	switch {
	case m.LocationMessage != nil:
		l := m.LocationMessage
		return content{typ: TypeLocation, context: l.ContextInfo, location: &Location{
			l.GetName(), l.GetAddress(), base64.StdEncoding.EncodeToString(l.JPEGThumbnail), l.GetDegreesLatitude(), l.GetDegreesLongitude(),
			forwarding(l.ContextInfo),
		}}, true
	case m.LiveLocationMessage != nil:
		l := m.LiveLocationMessage
		return content{typ: TypeLocation, context: l.ContextInfo, location: &Location{
			"", l.GetCaption(), base64.StdEncoding.EncodeToString(l.JPEGThumbnail), l.GetDegreesLatitude(), l.GetDegreesLongitude(),
			forwarding(l.ContextInfo),
		}}, true
	case m.ContactMessage != nil:
		forwarded := forwarding(m.ContactMessage.ContextInfo)
		return content{
			typ: TypeContact, context: m.ContactMessage.ContextInfo,
			contact: &VCard{m.ContactMessage.GetDisplayName(), m.ContactMessage.GetVcard(), &forwarded},
		}, true
	case m.ContactsArrayMessage != nil:
		cards := VCards{Contacts: []VCard{}, Forwarding: forwarding(m.ContactsArrayMessage.ContextInfo)}
		for _, card := range m.ContactsArrayMessage.Contacts {
			cards.Contacts = append(cards.Contacts, VCard{card.GetDisplayName(), card.GetVcard(), nil})
		}
		return content{typ: TypeContacts, context: m.ContactsArrayMessage.ContextInfo, contacts: &cards}, true
	}
	return content{}, false
}

// pollOf returns the poll that a message is, in whichever generation; nil for none.
func pollOf(m *waE2E.Message) *waE2E.PollCreationMessage {
	for _, p := range []*waE2E.PollCreationMessage{
		m.GetPollCreationMessage(), m.GetPollCreationMessageV2(), m.GetPollCreationMessageV3(), m.GetPollCreationMessageV5(),
		m.GetPollCreationMessageV6(),
	} {
		if p != nil {
			return p
		}
	}
	return nil
}

func pollContent(m *waE2E.Message) (content, bool) {
	p := pollOf(m)
	if p == nil {
		return content{}, false
	}
	poll := Poll{Name: p.GetName(), Options: []PollOption{}, MultipleAnswers: p.GetSelectableOptionsCount() != 1}
	for _, option := range p.Options {
		poll.Options = append(poll.Options, PollOption{option.GetOptionName()})
	}
	return content{typ: TypePoll, context: p.ContextInfo, poll: &poll}, true
}

// signContent reads what refers to another message or chat.
func signContent(m *waE2E.Message) (content, bool) {
	switch {
	case m.ReactionMessage != nil:
		return content{typ: TypeReaction, rest: map[string]any{"extendedTextMessageData": map[string]string{"text": m.ReactionMessage.GetText()}}}, true
	case m.PollUpdateMessage != nil:
		return content{typ: TypePollUpdate}, true
	case m.GroupInviteMessage != nil:
		g := m.GroupInviteMessage
		return content{typ: TypeGroupInvite, context: g.ContextInfo, rest: map[string]any{"groupInviteMessageData": groupInvite(g)}}, true
	case m.ProtocolMessage.GetType() == waE2E.ProtocolMessage_REVOKE && m.ProtocolMessage.GetKey() != nil:
		return content{typ: TypeDeleted, rest: map[string]any{"deletedMessageData": map[string]string{"stanzaId": m.ProtocolMessage.Key.GetID()}}}, true
	case m.ProtocolMessage.GetEditedMessage() != nil:
		return content{typ: TypeEdited, rest: map[string]any{"editedMessageData": changed(m.ProtocolMessage)}}, true
	}
	return content{}, false
}

// MessageID is WhatsApp's id of a message, unique within its chat.
type MessageID = types.MessageID

func groupInvite(g *waE2E.GroupInviteMessage) GroupInvite {
	return GroupInvite{
		g.GetGroupJID(), g.GetInviteCode(), strconv.FormatInt(g.GetInviteExpiration(), 10), g.GetGroupName(), g.GetCaption(), "",
		base64.StdEncoding.EncodeToString(g.JPEGThumbnail),
	}
}

// textStyle is nil for texts that are no stories.
func textStyle(t *waE2E.ExtendedTextMessage) *TextStyle {
	if t.BackgroundArgb == nil {
		return nil
	}
	return &TextStyle{fmt.Sprintf("#%06X", t.GetBackgroundArgb()&0xffffff), fontName(t.GetFont())}
}
