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

func changesOf(m store.Message) Changes {
	return Changes{m.DeletedID, m.EditedID, m.EditedID != "", m.DeletedID != ""}
}

func (c Changes) keys() map[string]any {
	return map[string]any{
		"deletedMessageId": c.DeletedMessageID, "editedMessageId": c.EditedMessageID, "isEdited": c.IsEdited, "isDeleted": c.IsDeleted,
	}
}

// MarshalJSON adds the keys of the kind.
func (e JournalEntry) MarshalJSON() ([]byte, error) {
	type common JournalEntry
	return encodeWith(common(e), e.flat)
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
		changes := changesOf(m)
		e.Changes = &changes
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
	case c.update != nil:
		flat["pollMessageData"] = c.update
	}
	maps.Copy(flat, c.rest)
	if quoted, changes := i.quotedMessage(ctx, m, quotedBy(message, c)); quoted != nil {
		maps.Copy(quoted, changes.keys())
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
		c.file.DownloadURL = i.fileLink(m, message, c.file.FileName)
	}
	if c.typ == TypePollUpdate && m.Detail != "" {
		c.update = &PollUpdate{}
		_ = json.Unmarshal([]byte(m.Detail), c.update) // written by us
	}
	return c
}

// fileLink is where a file can be fetched: empty for one that WhatsApp does not have or whose message is not in the journal, and a marker
// for one that is too large.
func (i *Instance) fileLink(m store.Message, message *waE2E.Message, name string) string {
	file := fileOf(message)
	switch {
	case m.InstanceID == 0, file.GetDirectPath() == "":
		return ""
	case !m.Outgoing && file.GetFileLength() > maxFile:
		return "{{SWE002}}"
	}
	return i.downloadURL(m, name)
}

// Journal periods and counts of GREEN-API's defaults.
const (
	defaultHistory = 100
	maxHistory     = 10_000
	defaultMinutes = 1440
	maxMinutes     = 10 * 365 * 24 * 60
)

// ChatHistory lists the newest messages of a chat, newest first; 100 when count is 0 and 10 000 at most. A chat without messages has none.
func (i *Instance) ChatHistory(ctx context.Context, chat types.JID, count int) ([]JournalEntry, error) {
	if count == 0 {
		count = defaultHistory
	}
	rows, err := i.store.ChatHistory(ctx, int64(i.ID), string(i.chatOf(ctx, chat)), min(count, maxHistory))
	return i.entries(ctx, rows, err)
}

// MessagesSince lists the messages of one direction of the last minutes, newest first and 10 000 at most; of a day when minutes is 0.
func (i *Instance) MessagesSince(ctx context.Context, outgoing bool, minutes int) ([]JournalEntry, error) {
	return i.since(ctx, outgoing, false, minutes)
}

func (i *Instance) since(ctx context.Context, outgoing, stories bool, minutes int) ([]JournalEntry, error) {
	if minutes == 0 {
		minutes = defaultMinutes
	}
	since := time.Now().Add(-time.Duration(min(minutes, maxMinutes)) * time.Minute)
	rows, err := i.store.MessagesSince(ctx, int64(i.ID), outgoing, stories, since, maxHistory)
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

// stored finds a message in the journal; KindNotFound when there is none, with a detail that tells an unknown chat from an unknown id.
func (i *Instance) stored(ctx context.Context, jid types.JID, id MessageID) (store.Message, error) {
	chat := string(i.chatOf(ctx, jid))
	row, err := i.store.Message(ctx, int64(i.ID), chat, id)
	if !errors.Is(err, store.ErrNotFound) {
		return row, err
	}
	known, err := i.store.HasMessages(ctx, int64(i.ID), chat)
	switch {
	case err != nil:
		return row, err
	case known:
		return row, fail(KindNotFound, "ID message notfound")
	default:
		return row, fail(KindNotFound, "chatId not found")
	}
}
