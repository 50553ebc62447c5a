package instance

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"greengate/store"
)

const lookedBack = 50 // messages among which there is one that a chat can be archived with

// ListedChat is a chat with what is set for it. Expiration is how long messages live, in seconds, 0 for ever.
type ListedChat struct {
	ID           ChatID
	Name         string
	Archived     bool
	Expiration   int64
	ExpiresSince time.Time // zero when it is not known
	Unread       int       // messages
}

// Chats lists all chats that the account has, those with the newest messages first. A group is one even while nobody has written in it.
func (i *Instance) Chats(ctx context.Context) ([]ListedChat, error) {
	groups, err := i.Groups(ctx)
	if err != nil {
		return nil, err
	}
	people, err := i.people(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := i.store.Chats(ctx, int64(i.ID))
	if err != nil {
		return nil, err
	}
	active := map[ChatID]time.Time{}
	known := map[ChatID]ListedChat{}
	for _, row := range rows {
		id := ChatID(row.ID)
		if _, ok := ParseChatID(row.ID); !ok { // a channel or a broadcast list
			continue
		}
		person := people[id]
		active[id] = row.ActiveAt
		known[id] = ListedChat{
			id, cmp.Or(person.ContactName, person.Name), row.Archived, max(row.Expiration, 0), row.ExpiresSince, row.Unread,
		}
	}
	for _, group := range groups {
		id := ChatIDOf(group.JID)
		chat := known[id]
		chat.ID, chat.Name, chat.Expiration = id, group.Name, int64(group.DisappearingTimer)
		known[id] = chat
		if active[id].IsZero() {
			active[id] = group.GroupCreated
		}
	}
	list := make([]ListedChat, 0, len(known))
	for _, chat := range known {
		list = append(list, chat)
	}
	slices.SortFunc(list, func(a, b ListedChat) int {
		return cmp.Or(active[b.ID].Compare(active[a.ID]), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// Archive moves a chat to the archive or back. KindNotFound when the journal has no message of it: WhatsApp wants to know the last one.
func (i *Instance) Archive(ctx context.Context, chat types.JID, archived bool) error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	id := string(i.chatOf(ctx, chat))
	rows, err := i.store.ChatHistory(ctx, int64(i.ID), id, lookedBack)
	if err != nil {
		return err
	}
	last := slices.IndexFunc(rows, stands)
	if last < 0 {
		return fail(KindNotFound, "no message in the chat")
	}
	patch := appstate.BuildArchive(chat, archived, rows[last].SentAt, i.keyOf(ctx, rows[last]))
	if err := i.changeAppState(ctx, patch); err != nil {
		return err
	}
	return i.store.Update(ctx, func(tx *store.Tx) error { return tx.SetArchived(int64(i.ID), id, archived) })
}

// stands tells a message that stands in the chat on every device from what only changes or answers one, or never got there.
func stands(m store.Message) bool {
	switch MessageType(m.Type) {
	case TypeReaction, TypePollUpdate, TypeEdited, TypeDeleted:
		return false
	}
	_, sent := statusOrder[MessageStatus(m.Status)]
	return !m.Outgoing || sent && MessageStatus(m.Status) != StatusPending
}

// followChats keeps up with what other devices, and groups, change of chats and labels.
func (i *Instance) followChats(event any) {
	ctx := i.ctx
	var change func(*store.Tx) error
	switch e := event.(type) {
	case *events.Archive:
		id := string(i.chatOf(ctx, e.JID))
		change = func(tx *store.Tx) error { return tx.SetArchived(int64(i.ID), id, e.Action.GetArchived()) }
	case *events.MarkChatAsRead:
		id := string(i.chatOf(ctx, e.JID))
		change = func(tx *store.Tx) error { return tx.MarkReadUntil(int64(i.ID), id, e.Timestamp) }
		if !e.Action.GetRead() {
			return
		}
	case *events.LabelEdit:
		l := store.Label{ID: e.LabelID, Name: e.Action.GetName(), Color: e.Action.GetColor(), Deleted: e.Action.GetDeleted()}
		change = func(tx *store.Tx) error { return tx.PutLabel(int64(i.ID), l) }
	case *events.JoinedGroup:
		i.joined.forget()
		change = i.groupTimer(e.JID, e.GroupEphemeral, time.Time{})
	case *events.GroupInfo:
		i.joined.forget()
		if e.Ephemeral == nil {
			return
		}
		change = i.groupTimer(e.JID, *e.Ephemeral, e.Timestamp)
	}
	if err := i.store.Update(ctx, change); err != nil {
		i.log.Error("change of another device not stored", "error", err)
	}
}

func (i *Instance) groupTimer(group types.JID, timer types.GroupEphemeral, at time.Time) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		return tx.SetExpiration(int64(i.ID), string(ChatIDOf(group)), int64(timer.DisappearingTimer), at)
	}
}
