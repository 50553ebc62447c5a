package instance

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"greengate/store"
)

const (
	readWithin = 10 * time.Second
	maxUnread  = 500 // messages that one call marks as read
)

// ReadChat tells the senders that messages of a chat were read: one, or all that are not yet marked when id is empty. False when there
// was nothing to mark.
func (i *Instance) ReadChat(ctx context.Context, chat types.JID, id MessageID) (bool, error) {
	if err := i.requireAuthorized(); err != nil {
		return false, err
	}
	if id == "" {
		rows, err := i.store.Unread(ctx, int64(i.ID), string(i.chatOf(ctx, chat)), maxUnread)
		if err != nil || len(rows) == 0 {
			return false, err
		}
		return true, i.ReadMessages(ctx, rows)
	}
	row, err := i.stored(ctx, chat, id)
	if err != nil && AsError(err).Kind == KindNotFound || err == nil && row.Outgoing {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return true, i.ReadMessages(ctx, []store.Message{row})
}

// readOnReply marks what is unread in a chat as read once something was sent there through the API, when the settings want it.
func (i *Instance) readOnReply(sent store.Outgoing) {
	chat, ok := ParseChatID(sent.ChatID)
	if !ok || !bool(i.Settings().MarkIncomingMessagesReadedOnReply) {
		return
	}
	i.background(func(ctx context.Context) {
		if _, err := i.ReadChat(ctx, chat, ""); err != nil {
			i.log.Warn("chat not marked as read", "error", err)
		}
	})
}

// ReadMessages marks incoming messages of one chat as read. One receipt names messages of one sender only.
func (i *Instance) ReadMessages(ctx context.Context, rows []store.Message) error {
	chat, _ := ParseChatID(rows[0].ChatID) // stored by us
	bySender := map[types.JID][]MessageID{}
	for _, row := range rows {
		bySender[i.participant(row)] = append(bySender[i.participant(row)], row.ID)
	}
	for sender, ids := range bySender {
		_, err := ask(ctx, i, readWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
			return struct{}{}, client.MarkRead(ctx, ids, time.Now(), chat, sender)
		})
		if err != nil {
			return err
		}
		if err := i.store.Update(ctx, func(tx *store.Tx) error { return tx.MarkRead(int64(i.ID), rows[0].ChatID, ids...) }); err != nil {
			return err
		}
	}
	return nil
}
