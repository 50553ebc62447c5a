package instance

import (
	"cmp"
	"context"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const (
	storyChat      = ChatID("status@broadcast")
	redeliverFirst = 5 * time.Second // from an event that could not be stored to the next login, doubling up to
	redeliverLast  = time.Minute
)

// take handles an event that must not be lost and reports whether it is committed, and whatever whatsmeow had to keep of it. WhatsApp
// regards the stanza as delivered only then; what was not is delivered again at the next login, which is brought about soon. Until then,
// nothing that follows in its chat is taken, so that no message overtakes another.
func (i *Instance) take(client *whatsmeow.Client, event any) bool {
	if !i.uses(client) || i.devices.Failed() {
		return false
	}
	var err error
	var chat types.JID
	switch e := event.(type) {
	case *events.Message:
		chat = e.Info.Chat
		if i.stalled(chat) {
			return false
		}
		err = i.receive(i.ctx, client, e)
	case *events.UndecryptableMessage:
		err = i.noteUnreadable(i.ctx, e)
	case *events.Receipt:
		err = i.receiveReceipt(i.ctx, e)
	case *events.NotifyAccountReachoutTimelock:
		err = i.lockChanged(i.ctx, e)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if err == nil {
		i.link.untaken = 0
		return !i.devices.Failed()
	}
	if i.ctx.Err() == nil { // no failure when the instance is stopping
		i.log.Error("event not stored, WhatsApp will deliver it again", "error", err)
	}
	if !chat.IsEmpty() {
		i.link.stall(chat)
	}
	i.link.redeliverSoon(time.Now())
	i.notify()
	return false
}

func (i *Instance) stalled(chat types.JID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.link.stalled[chat]
}

// uses tells a client from one that was replaced.
func (i *Instance) uses(client *whatsmeow.Client) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return client == i.client
}

// insist handles an event that whatsmeow acknowledges whatever becomes of it, as soon as this returns: it tries until the event is
// committed, or until the end.
func (i *Instance) insist(client *whatsmeow.Client, event any) bool {
	ctx := context.WithoutCancel(i.ctx)
	for i.uses(client) {
		var err error
		switch e := event.(type) {
		case *events.AppState:
			err = i.receiveCallLog(ctx, e)
		case *events.Blocklist:
			err = i.receiveBlocklist(ctx, e)
		case *events.Message:
			err = i.announceHistory(ctx, e)
		default:
			err = i.receiveCall(ctx, event)
		}
		if err == nil {
			return true
		}
		i.log.Error("event not stored, trying again", "error", err)
		if wait(i.ctx, redeliverFirst, nil); i.ctx.Err() != nil {
			return false
		}
	}
	return false
}

// storeFailed is told when the database fails whatsmeow. The supervisor then makes a new connection, over which WhatsApp delivers again.
func (i *Instance) storeFailed(err error) {
	if i.ctx.Err() == nil { // else it is closed, and whatsmeow has not noticed
		i.log.Error("the database fails", "error", MaskNumbers(err.Error()))
	}
	i.failed.Store(true)
	kick(i.wake)
}

// receive puts a message into the journal, with what it does to an earlier one, and queues its notification, all in one transaction. A
// message that is there already is left alone: WhatsApp delivers again what it has no receipt for.
func (i *Instance) receive(ctx context.Context, client *whatsmeow.Client, e *events.Message) error {
	if e.Message.GetProtocolMessage().GetType() == waE2E.ProtocolMessage_EPHEMERAL_SETTING {
		chat := i.chatOf(ctx, e.Info.Chat, e.Info.SenderAlt, e.Info.RecipientAlt)
		return i.store.Update(ctx, func(tx *store.Tx) error { return i.learnExpiration(tx, chat, e.Message, e.Info.Timestamp) })
	}
	row, message, err := i.journalRow(ctx, client, e)
	if err != nil || row.Type == "" {
		return err
	}
	notification, err := i.messageNotification(ctx, row, message)
	if err != nil {
		return err
	}
	if q, err := i.quotaExceeded(ctx, row.ChatID); err != nil {
		return err
	} else if q != nil {
		if notification, err = i.quotaNotification(q); err != nil {
			return err
		}
	}
	participants, fresh := i.statusReaders(ctx, e), false
	err = i.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.RemoveUnreadable(row.InstanceID, row.ChatID, row.ID); err != nil {
			return err
		}
		if fresh, err = tx.AddMessage(row); err != nil {
			return err
		} else if !fresh {
			return replaceMarker(tx, row)
		}
		if err := applyChange(tx, row, message); err != nil {
			return err
		}
		if err := tx.AddStatusParticipants(row.InstanceID, row.ID, participants...); err != nil {
			return err
		}
		if err := i.learnExpiration(tx, ChatID(row.ChatID), message, row.SentAt); err != nil {
			return err
		}
		return i.notifyUser(tx, notification)
	})
	if err == nil && fresh {
		i.kickNotifications()
		i.readOnArrival(row)
	}
	return err
}

// journalRow makes the journal's row of a message; its type is empty for what is not for people.
func (i *Instance) journalRow(ctx context.Context, client *whatsmeow.Client, e *events.Message) (store.Message, *waE2E.Message, error) {
	message := opened(ctx, client, e)
	typ := contentOf(message).typ
	if typ == "" || !forPeople(&e.Info) {
		return store.Message{}, nil, nil
	}
	row := i.envelope(ctx, &e.Info)
	row.Type = string(typ)
	if typ == TypePollUpdate {
		row.Detail = i.votes(ctx, client, row, e)
	}
	message.MessageContextInfo = nil // its secret stands in whatsmeow's store
	var err error
	row.Content, err = proto.Marshal(message)
	return row, message, err
}

// forPeople tells what is said in a chat from what devices tell each other, and from channels.
func forPeople(info *types.MessageInfo) bool {
	return info.Chat.Server != types.NewsletterServer && info.Category != "peer"
}

// envelope makes the journal's row of a message without its content.
func (i *Instance) envelope(ctx context.Context, info *types.MessageInfo) store.Message {
	row := store.Message{
		InstanceID: int64(i.ID), ID: info.ID, SenderName: info.PushName, Outgoing: info.IsFromMe, SentAt: info.Timestamp,
		ChatID:   string(i.chatOf(ctx, info.Chat, info.SenderAlt, info.RecipientAlt)),
		SenderID: string(i.chatOf(ctx, info.Sender, info.SenderAlt)),
	}
	if info.Chat.Server == types.BroadcastServer && info.Chat != types.StatusBroadcastJID && !info.IsFromMe {
		row.ChatID = row.SenderID // those on a list see its messages in the chat with the sender
	}
	if name := info.VerifiedName; name != nil {
		row.SenderName = cmp.Or(row.SenderName, name.Details.GetVerifiedName())
	}
	if row.Outgoing {
		row.SenderID, row.Status = string(i.own()), string(StatusSent)
	}
	return row
}

// readOnArrival marks an incoming message as read when the settings want it.
func (i *Instance) readOnArrival(row store.Message) {
	settings := i.Settings()
	if row.Outgoing || ChatID(row.ChatID) == storyChat || !bool(settings.MarkIncomingMessagesReaded) || bool(settings.MarkIncomingMessagesReadedOnReply) {
		return
	}
	i.background(func(ctx context.Context) {
		if err := i.ReadMessages(ctx, []store.Message{row}); err != nil {
			i.log.Warn("message not marked as read", "error", err)
		}
	})
}
