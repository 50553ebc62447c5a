package instance

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const (
	groupsWithin = 15 * time.Second
	groupsLife   = time.Minute // GREEN-API refreshes its lists once a minute (docs/api/service/GetChats)
	timerWithin  = 20 * time.Second
	lookedBack   = 50 // messages among which there is one that a chat can be archived with
)

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

// joinedGroups remembers the groups of the account for a while: WhatsApp does not like to be asked for all of them often.
type joinedGroups struct {
	mu   sync.Mutex
	list []*types.GroupInfo
	at   time.Time
}

// forget makes the next call ask.
func (g *joinedGroups) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at = time.Time{}
}

// Groups lists the groups that the account is a member of. What changed within the last minute may be missing.
func (i *Instance) Groups(ctx context.Context) ([]*types.GroupInfo, error) {
	if err := i.requireAuthorized(); err != nil {
		return nil, err
	}
	i.joined.mu.Lock()
	defer i.joined.mu.Unlock()
	if time.Since(i.joined.at) < groupsLife {
		return i.joined.list, nil
	}
	list, err := ask(ctx, i, groupsWithin, func(ctx context.Context, client *whatsmeow.Client) ([]*types.GroupInfo, error) {
		return client.GetJoinedGroups(ctx)
	})
	if err == nil {
		i.joined.list, i.joined.at = list, time.Now()
	}
	return list, err
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

// SetExpiration makes messages that are written in a chat from now on disappear after some seconds: 0 for never, or what WhatsApp offers.
// KindNotFound for a number without WhatsApp.
func (i *Instance) SetExpiration(ctx context.Context, chat types.JID, seconds int64) error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	now := time.Now()
	_, err := ask(ctx, i, timerWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		to, err := i.recipient(ctx, client, ChatIDOf(chat))
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, client.SetDisappearingTimer(ctx, to, time.Duration(seconds)*time.Second, now)
	})
	if err != nil {
		return err
	}
	i.joined.forget()
	id := string(i.chatOf(ctx, chat))
	return i.store.Update(ctx, func(tx *store.Tx) error { return tx.SetExpiration(int64(i.ID), id, seconds, now) })
}

// expiring gives a message the life that messages of its chat have.
func (i *Instance) expiring(ctx context.Context, client *whatsmeow.Client, id string, m *waE2E.Message) (*waE2E.Message, error) {
	chat, err := i.store.Chat(ctx, int64(i.ID), id)
	if err != nil {
		return nil, err
	}
	if jid, _ := ParseChatID(id); chat.Expiration < 0 && jid.Server == types.GroupServer {
		group, err := client.GetGroupInfo(ctx, jid)
		if err != nil {
			return nil, err
		}
		chat.Expiration = int64(group.DisappearingTimer)
		err = i.store.Update(ctx, func(tx *store.Tx) error { return tx.SetExpiration(int64(i.ID), id, chat.Expiration, time.Time{}) })
		if err != nil {
			return nil, err
		}
	}
	if chat.Expiration > 0 {
		withContext(m, func(c *waE2E.ContextInfo) {
			c.Expiration = proto.Uint32(uint32(chat.Expiration))
			if !chat.ExpiresSince.IsZero() {
				c.EphemeralSettingTimestamp = proto.Int64(chat.ExpiresSince.Unix())
			}
		})
	}
	return m, nil
}

// learnExpiration follows what a message of a person's chat tells of how long messages live there. Groups tell it themselves.
func (i *Instance) learnExpiration(tx *store.Tx, id ChatID, m *waE2E.Message, at time.Time) error {
	if jid, ok := ParseChatID(string(id)); !ok || jid.Server == types.GroupServer {
		return nil
	}
	if change := m.GetProtocolMessage(); change.GetType() == waE2E.ProtocolMessage_EPHEMERAL_SETTING {
		if change.GetEphemeralSettingTimestamp() != 0 {
			at = time.Unix(change.GetEphemeralSettingTimestamp(), 0)
		}
		return tx.SetExpiration(int64(i.ID), string(id), int64(change.GetEphemeralExpiration()), at)
	}
	c := contentOf(m).context
	if c.GetExpiration() == 0 || c.GetEphemeralSettingTimestamp() == 0 {
		return nil
	}
	return tx.SetExpiration(int64(i.ID), string(id), int64(c.GetExpiration()), time.Unix(c.GetEphemeralSettingTimestamp(), 0))
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
