package instance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

// MessageStatus is what became of an outgoing message (docs/api/receiving/notifications-format/outgoing-message/OutgoingMessageStatus).
type MessageStatus string

// The statuses, in the order in which a message goes through them; the last three end it instead.
const (
	StatusPending    MessageStatus = "pending"
	StatusSent       MessageStatus = "sent"
	StatusDelivered  MessageStatus = "delivered"
	StatusRead       MessageStatus = "read"
	StatusFailed     MessageStatus = "failed"
	StatusNoAccount  MessageStatus = "noAccount"
	StatusNotInGroup MessageStatus = "notInGroup"
)

// JournalEntry is one message as the journals list it. Timestamp is in Unix seconds. Beside these keys it has those of its kind, flat
// (docs/api/journals).
type JournalEntry struct {
	Type              string        `json:"type"` // incoming or outgoing
	IDMessage         MessageID     `json:"idMessage"`
	Timestamp         int64         `json:"timestamp"`
	TypeMessage       MessageType   `json:"typeMessage"`
	ChatID            ChatID        `json:"chatId"`
	SenderID          ChatID        `json:"senderId,omitempty"`          // incoming only
	SenderName        *string       `json:"senderName,omitempty"`        // incoming only
	SenderContactName *string       `json:"senderContactName,omitempty"` // incoming only
	StatusMessage     MessageStatus `json:"statusMessage,omitempty"`     // outgoing only
	SendByAPI         *bool         `json:"sendByApi,omitempty"`         // outgoing only
	*Changes

	flat map[string]any
}

// Changes are what was done to a message after it was sent; ids are empty for nothing.
type Changes struct {
	DeletedMessageID MessageID `json:"deletedMessageId"`
	EditedMessageID  MessageID `json:"editedMessageId"`
	IsEdited         bool      `json:"isEdited"`
	IsDeleted        bool      `json:"isDeleted"`
}

// MarshalJSON adds the keys of the kind.
func (e JournalEntry) MarshalJSON() ([]byte, error) {
	type common JournalEntry
	head, err := json.Marshal(common(e))
	if err != nil || len(e.flat) == 0 {
		return head, err
	}
	tail, err := json.Marshal(e.flat)
	return append(append(head[:len(head)-1], ','), tail[1:]...), err
}

// entry renders a stored message.
func (i *Instance) entry(ctx context.Context, m store.Message) (JournalEntry, error) {
	message := &waE2E.Message{}
	if err := proto.Unmarshal(m.Content, message); err != nil {
		return JournalEntry{}, fmt.Errorf("stored message: %w", err)
	}
	e := JournalEntry{
		Type: "incoming", IDMessage: m.ID, Timestamp: m.SentAt.Unix(), TypeMessage: MessageType(m.Type), ChatID: ChatID(m.ChatID),
		flat: map[string]any{},
	}
	if m.Outgoing {
		e.Type, e.StatusMessage, e.SendByAPI = "outgoing", MessageStatus(m.Status), &m.ByAPI
	} else {
		contact := i.contact(ctx, ChatID(m.SenderID))
		name := cmp.Or(m.SenderName, contact.PushName) // messages of the history come without
		e.SenderID, e.SenderName, e.SenderContactName = ChatID(m.SenderID), &name, &contact.FullName
	}
	if e.TypeMessage != TypeDeleted && e.TypeMessage != TypeEdited {
		e.Changes = &Changes{m.DeletedID, m.EditedID, m.EditedID != "", m.DeletedID != ""}
	}
	i.flatten(ctx, e.flat, m, message)
	return e, nil
}

// flatten writes the keys that a kind has in journals and quotes.
func (i *Instance) flatten(ctx context.Context, flat map[string]any, m store.Message, message *waE2E.Message) {
	c := i.contentOf(m, message)
	switch {
	case c.reply:
		flat["extendedTextMessage"] = map[string]any{
			"text": c.text.Text, "stanzaId": c.context.GetStanzaID(), "participant": i.chatIDOfText(ctx, c.context.GetParticipant()),
		}
	case c.typ == TypeText:
		flat["textMessage"] = c.text.Text
	case c.text != nil:
		flat["textMessage"], flat["extendedTextMessage"] = c.text.Text, c.text
	case c.file != nil:
		maps.Copy(flat, fileKeys(*c.file))
	case c.location != nil:
		flat["location"] = c.location
	case c.contact != nil:
		flat["contact"] = c.contact
	case c.contacts != nil:
		flat["contacts"], flat["forwardingScore"], flat["isForwarded"] = c.contacts.Contacts, c.contacts.ForwardingScore, c.contacts.IsForwarded
	case c.poll != nil:
		flat["pollMessageData"] = c.poll
	}
	maps.Copy(flat, c.rest)
	if quoted := i.quotedMessage(ctx, m.ChatID, quotedBy(message, c)); quoted != nil {
		flat["quotedMessage"] = quoted
	}
}

func fileKeys(f File) map[string]any {
	return map[string]any{
		"downloadUrl": f.DownloadURL, "caption": f.Caption, "fileName": f.FileName, "jpegThumbnail": f.JPEGThumbnail, "mimeType": f.MimeType,
		"isAnimated": f.IsAnimated, "forwardingScore": f.ForwardingScore, "isForwarded": f.IsForwarded, "videoNote": f.VideoNote,
	}
}

// contentOf reads a stored message with what its protobuf does not hold: the address of a file and what a vote says.
func (i *Instance) contentOf(m store.Message, message *waE2E.Message) content {
	c := contentOf(message)
	if c.file != nil {
		if c.file.FileName == "" {
			c.file.FileName = fileName(m.ID, c.file.MimeType)
		}
		if fileOf(message).GetDirectPath() != "" {
			c.file.DownloadURL = i.downloadURL(m, c.file.FileName)
		}
	}
	if c.typ == TypePollUpdate && m.Detail != "" {
		var votes Poll
		if json.Unmarshal([]byte(m.Detail), &votes) == nil {
			c.poll = &votes
		}
	}
	return c
}

// quotedMessage renders what a message quotes, from the journal when it is there, else from the copy in the quoting message.
func (i *Instance) quotedMessage(ctx context.Context, chat string, quote *waE2E.ContextInfo) map[string]any {
	if quote == nil {
		return nil
	}
	stored, err := i.store.Message(ctx, int64(i.ID), chat, quote.GetStanzaID())
	message := quote.GetQuotedMessage()
	if err == nil && message == nil {
		message = &waE2E.Message{}
		_ = proto.Unmarshal(stored.Content, message) // written by us
	}
	participant := i.chatIDOfText(ctx, quote.GetParticipant())
	if participant == "" {
		participant = ChatID(stored.SenderID)
	}
	quoted := map[string]any{"stanzaId": quote.GetStanzaID(), "participant": participant}
	if message != nil {
		stored.ID, stored.ChatID = quote.GetStanzaID(), chat
		quoted["typeMessage"] = contentOf(message).typ
		unquoted := stored
		i.flatten(ctx, quoted, unquoted, withoutQuote(message))
	}
	return quoted
}

// withoutQuote keeps a quote from quoting in turn.
func withoutQuote(m *waE2E.Message) *waE2E.Message {
	if m.GetExtendedTextMessage().GetContextInfo().GetStanzaID() == "" {
		return m
	}
	m = proto.CloneOf(m)
	m.ExtendedTextMessage.ContextInfo = nil
	return m
}

// Journal periods and counts of GREEN-API's defaults.
const (
	defaultHistory = 100
	maxHistory     = 10_000
	defaultMinutes = 1440
)

// ChatHistory lists the newest messages of a chat, newest first; 100 when count is 0. A chat without messages has none.
func (i *Instance) ChatHistory(ctx context.Context, chat types.JID, count int) ([]JournalEntry, error) {
	if count == 0 {
		count = defaultHistory
	}
	rows, err := i.store.ChatHistory(ctx, int64(i.ID), string(i.chatOf(ctx, chat)), min(count, maxHistory))
	return i.entries(ctx, rows, err)
}

// MessagesSince lists the messages of one direction of the last minutes, newest first; of a day when minutes is 0.
func (i *Instance) MessagesSince(ctx context.Context, outgoing bool, minutes int) ([]JournalEntry, error) {
	return i.since(ctx, outgoing, false, minutes)
}

func (i *Instance) since(ctx context.Context, outgoing, stories bool, minutes int) ([]JournalEntry, error) {
	if minutes == 0 {
		minutes = defaultMinutes
	}
	rows, err := i.store.MessagesSince(ctx, int64(i.ID), outgoing, stories, time.Now().Add(-time.Duration(minutes)*time.Minute))
	return i.entries(ctx, rows, err)
}

func (i *Instance) entries(ctx context.Context, rows []store.Message, err error) ([]JournalEntry, error) {
	if err != nil {
		return nil, err
	}
	list := make([]JournalEntry, 0, len(rows))
	for _, row := range rows {
		e, err := i.entry(ctx, row)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// Message reads one message of a chat; KindNotFound when the journal has none.
func (i *Instance) Message(ctx context.Context, chat types.JID, id MessageID) (JournalEntry, error) {
	row, err := i.stored(ctx, chat, id)
	if err != nil {
		return JournalEntry{}, err
	}
	return i.entry(ctx, row)
}

// stored finds a message in the journal; KindNotFound when there is none.
func (i *Instance) stored(ctx context.Context, chat types.JID, id MessageID) (store.Message, error) {
	row, err := i.store.Message(ctx, int64(i.ID), string(i.chatOf(ctx, chat)), id)
	if errors.Is(err, store.ErrNotFound) {
		err = fail(KindNotFound, "ID message notfound")
	}
	return row, err
}
