package instance

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const (
	statusLife = 30 * 24 * time.Hour // for how long GREEN-API keeps statuses (docs/api/statuses)
	white      = 0xffffffff
)

// fonts are GREEN-API's names of WhatsApp's numbers, which had these names once.
var fonts = map[waE2E.ExtendedTextMessage_FontType]string{
	0: "SANS_SERIF", 1: "SERIF", 2: "NORICAN_REGULAR", 3: "BRYNDAN_WRITE", 5: "OSWALD_HEAVY",
}

// Fonts lists the fonts that a text status can have.
func Fonts() []string { return slices.Sorted(maps.Values(fonts)) }

func fontName(f waE2E.ExtendedTextMessage_FontType) string { return cmp.Or(fonts[f], f.String()) }

// Audience is whom a status is for: these people, or all contacts when it is empty.
type Audience struct {
	Participants []ChatID `json:"participants"`
}

func (Audience) address() *Address { return &Address{ChatID: storyChat} }

func (a Audience) participants() []ChatID { return a.Participants }

// TextStatus is a text to post. BackgroundColor is #RRGGBB, Font one of Fonts.
type TextStatus struct {
	Message         string `json:"message"`
	BackgroundColor string `json:"backgroundColor"`
	Font            string `json:"font"`
	Audience
}

func (*TextStatus) kind() string { return "sendTextStatus" }

func (s *TextStatus) draft(context.Context, *Instance) (*waE2E.Message, error) {
	text := &waE2E.ExtendedTextMessage{
		Text: &s.Message, TextArgb: proto.Uint32(white), BackgroundArgb: argb(s.BackgroundColor), PreviewType: waE2E.ExtendedTextMessage_NONE.Enum(),
	}
	for number, name := range fonts {
		if name == s.Font {
			text.Font = number.Enum()
		}
	}
	return &waE2E.Message{ExtendedTextMessage: text}, nil
}

// argb reads #RRGGBB as an opaque colour; black when it is something else.
func argb(color string) *uint32 {
	rgb, _ := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 24)
	return proto.Uint32(0xff000000 | uint32(rgb))
}

// StatusDeletion takes back a status, for those who got it.
type StatusDeletion struct {
	IDMessage MessageID `json:"idMessage"`
}

func (*StatusDeletion) kind() string      { return "deleteStatus" }
func (*StatusDeletion) address() *Address { return &Address{ChatID: storyChat} }

func (d *StatusDeletion) draft(context.Context, *Instance) (*waE2E.Message, error) {
	return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_REVOKE.Enum(),
		Key:  &waCommon.MessageKey{FromMe: proto.Bool(true), ID: &d.IDMessage, RemoteJID: proto.String(string(storyChat))},
	}}, nil
}

// SendTextStatus queues a text for the account's statuses and returns the id it will have.
func (i *Instance) SendTextStatus(ctx context.Context, s TextStatus) (MessageID, error) {
	return i.enqueueOne(ctx, &s)
}

// DeleteStatus queues the deletion of one of the account's statuses; KindNotFound for one that the journal does not have.
func (i *Instance) DeleteStatus(ctx context.Context, id MessageID) error {
	row, err := i.store.Message(ctx, int64(i.ID), string(storyChat), id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !row.Outgoing {
		return fail(KindNotFound, "ID message notfound")
	} else if err != nil {
		return err
	}
	_, err = i.enqueueOne(ctx, &StatusDeletion{id})
	return err
}

// statusReaders lists whom another device of the account has sent a status to; nobody for anything else.
func (i *Instance) statusReaders(ctx context.Context, e *events.Message) []string {
	var list []string
	if e.Info.Chat == types.StatusBroadcastJID && e.Info.IsFromMe {
		for _, r := range e.Info.BroadcastRecipients {
			jid, alternative := r.PN, r.LID
			if jid.IsEmpty() {
				jid = r.LID
			}
			list = append(list, string(i.chatOf(ctx, jid, alternative)))
		}
	}
	return list
}

// StatusEvent is what became of a status at one of its viewers: sent, delivered or read. Timestamp is in Unix seconds.
type StatusEvent struct {
	Timestamp   int64         `json:"timestamp"`
	Participant ChatID        `json:"participant"`
	Status      MessageStatus `json:"status"`
}

// StatusStatistic lists what became of one of the account's statuses at its viewers, in the order in which it happened; nothing for one that
// is not known, or not sent yet.
func (i *Instance) StatusStatistic(ctx context.Context, id MessageID) ([]StatusEvent, error) {
	list := []StatusEvent{}
	row, err := i.store.Message(ctx, int64(i.ID), string(storyChat), id)
	if errors.Is(err, store.ErrNotFound) || err == nil && statusOrder[MessageStatus(row.Status)] == 0 {
		return list, nil
	} else if err != nil {
		return nil, err
	}
	participants, err := i.store.StatusParticipants(ctx, int64(i.ID), id)
	if err != nil {
		return nil, err
	}
	for _, p := range participants {
		list = append(list, StatusEvent{row.SentAt.Unix(), ChatID(p), StatusSent})
	}
	receipts, err := i.store.StatusReceipts(ctx, int64(i.ID), id)
	for _, r := range receipts {
		list = append(list, StatusEvent{r.At.Unix(), ChatID(r.Participant), MessageStatus(r.Status)})
	}
	return list, err
}

// isStatus tells a status from what only refers to one, such as a reaction.
func isStatus(t MessageType) bool {
	return slices.Contains([]MessageType{TypeText, TypeExtendedText, TypeQuoted, TypeImage, TypeVideo, TypeAudio, TypeDeleted}, t)
}

// OutgoingStatuses lists the account's statuses of the last minutes, newest first, with whom they were sent to; of a day when minutes is 0.
func (i *Instance) OutgoingStatuses(ctx context.Context, minutes int) ([]JournalEntry, error) {
	entries, err := i.since(ctx, true, true, minutes)
	list := make([]JournalEntry, 0, len(entries))
	for _, e := range entries {
		if !isStatus(e.TypeMessage) {
			continue
		}
		participants, err := i.store.StatusParticipants(ctx, int64(i.ID), e.IDMessage)
		if err != nil {
			return nil, err
		}
		e.ChatID, e.flat["participants"] = i.own(), participants
		list = append(list, e)
	}
	return list, err
}

// IncomingStatuses lists the statuses of the last minutes that contacts have posted, newest first; of a day when minutes is 0. Their chat is
// the author's.
func (i *Instance) IncomingStatuses(ctx context.Context, minutes int) ([]JournalEntry, error) {
	entries, err := i.since(ctx, false, true, minutes)
	list := make([]JournalEntry, 0, len(entries))
	for _, e := range entries {
		if isStatus(e.TypeMessage) && *e.SenderContactName != "" {
			e.ChatID = e.SenderID
			list = append(list, e)
		}
	}
	return list, err
}
