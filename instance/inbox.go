package instance

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
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
	redeliverAfter = 5 * time.Second
)

// take handles an event that must not be lost and reports whether it is committed, and whatever whatsmeow had to keep of it. WhatsApp
// regards the stanza as delivered only then; what was not is delivered again at the next login, which is brought about soon.
func (i *Instance) take(client *whatsmeow.Client, event any) bool {
	i.mu.Lock()
	present := client == i.client
	i.mu.Unlock()
	if !present {
		return false
	}
	var err error
	switch e := event.(type) {
	case *events.Message:
		err = i.receive(i.ctx, client, e)
	case *events.Receipt:
		err = i.receiveReceipt(i.ctx, e)
	}
	if err == nil {
		return !i.devices.Failed()
	}
	i.log.Error("event not stored, WhatsApp will deliver it again", "error", err)
	i.failed.Store(true)
	kick(i.wake)
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
	row, message, err := i.journalRow(ctx, client, e)
	if err != nil || row.Type == "" {
		return err
	}
	notification, err := i.messageNotification(ctx, row, message)
	if err != nil {
		return err
	}
	fresh := false
	err = i.store.Update(ctx, func(tx *store.Tx) error {
		if fresh, err = tx.AddMessage(row); err != nil || !fresh {
			return err
		}
		if err := i.applyChange(tx, row, message); err != nil {
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
	if e.Info.Chat.Server == types.NewsletterServer || e.Info.Category == "peer" || typ == "" {
		return store.Message{}, nil, nil
	}
	row := store.Message{
		InstanceID: int64(i.ID), ChatID: string(i.chatOf(ctx, e.Info.Chat, e.Info.SenderAlt, e.Info.RecipientAlt)), ID: e.Info.ID,
		SenderID: string(i.chatOf(ctx, e.Info.Sender, e.Info.SenderAlt)), SenderName: e.Info.PushName, Outgoing: e.Info.IsFromMe,
		SentAt: e.Info.Timestamp, Type: string(typ),
	}
	if row.Outgoing {
		row.SenderID, row.Status = string(i.own(ctx)), string(StatusSent)
	}
	if typ == TypePollUpdate {
		votes, err := i.votes(ctx, client, row, e)
		if err != nil {
			i.log.Warn("vote not readable", "error", MaskNumbers(err.Error()))
		}
		row.Detail = votes
	}
	message.MessageContextInfo = nil // its secret stands in whatsmeow's store
	var err error
	row.Content, err = proto.Marshal(message)
	return row, message, err
}

// opened returns what a message says, with what is sealed by the secret of another message opened.
func opened(ctx context.Context, client *whatsmeow.Client, e *events.Message) *waE2E.Message {
	message := proto.CloneOf(e.Message)
	if message == nil {
		return &waE2E.Message{}
	}
	switch {
	case message.EncReactionMessage != nil:
		if reaction, err := client.DecryptReaction(ctx, e); err == nil {
			reaction.Key = message.EncReactionMessage.TargetMessageKey
			return &waE2E.Message{ReactionMessage: reaction}
		}
	case message.SecretEncryptedMessage != nil:
		if inner, err := client.DecryptSecretEncryptedMessage(ctx, e); err == nil {
			return inner
		}
	}
	return message
}

// votes renders what a vote chose, as the detail of its row. WhatsApp sends hashes of the answers; the poll tells which they are.
func (i *Instance) votes(ctx context.Context, client *whatsmeow.Client, row store.Message, e *events.Message) (string, error) {
	poll := Poll{StanzaID: e.Message.GetPollUpdateMessage().GetPollCreationMessageKey().GetID(), Votes: []PollVotes{}}
	vote, err := client.DecryptPollVote(ctx, e)
	if err != nil {
		return "", err
	}
	chosen := map[[32]byte]bool{}
	for _, hash := range vote.GetSelectedOptions() {
		if len(hash) == sha256.Size {
			chosen[[32]byte(hash)] = true
		}
	}
	question, err := i.store.Message(ctx, int64(i.ID), row.ChatID, poll.StanzaID)
	if err != nil {
		return "", err
	}
	message := &waE2E.Message{}
	if err := proto.Unmarshal(question.Content, message); err != nil {
		return "", err
	}
	if c := contentOf(message); c.poll != nil {
		poll.Name, poll.MultipleAnswers = c.poll.Name, c.poll.MultipleAnswers
		for _, option := range c.poll.Options {
			voters := []ChatID{}
			if chosen[sha256.Sum256([]byte(option.OptionName))] {
				voters = append(voters, ChatID(row.SenderID))
			}
			poll.Votes = append(poll.Votes, PollVotes{option.OptionName, voters})
		}
	}
	detail, err := json.Marshal(poll)
	return string(detail), err
}

// applyChange carries an edit or a deletion out on the message it means, if that is known.
func (i *Instance) applyChange(tx *store.Tx, row store.Message, message *waE2E.Message) error {
	change := message.GetProtocolMessage()
	target, err := tx.Message(row.InstanceID, row.ChatID, change.GetKey().GetID())
	if change == nil || errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	switch MessageType(row.Type) {
	case TypeDeleted:
		target.DeletedID = row.ID
	case TypeEdited:
		target.EditedID = row.ID
		if target.Content, err = editedContent(target.Content, change.GetEditedMessage()); err != nil {
			return err
		}
		target.Type = string(contentTypeOf(target.Content))
	default:
		return nil
	}
	return tx.UpdateMessage(target)
}

// editedContent puts the new words into a stored message: texts are replaced, files keep all but their caption.
func editedContent(stored []byte, edit *waE2E.Message) ([]byte, error) {
	message := &waE2E.Message{}
	if err := proto.Unmarshal(stored, message); err != nil {
		return nil, err
	}
	c := contentOf(edit)
	switch {
	case c.file != nil && message.ImageMessage != nil:
		message.ImageMessage.Caption = &c.file.Caption
	case c.file != nil && message.VideoMessage != nil:
		message.VideoMessage.Caption = &c.file.Caption
	case c.file != nil && message.DocumentMessage != nil:
		message.DocumentMessage.Caption = &c.file.Caption
	case c.text != nil && message.ExtendedTextMessage != nil:
		message.ExtendedTextMessage.Text = &c.text.Text
	default:
		message = edit
	}
	return proto.Marshal(message)
}

func contentTypeOf(stored []byte) MessageType {
	message := &waE2E.Message{}
	if err := proto.Unmarshal(stored, message); err != nil {
		return ""
	}
	return contentOf(message).typ
}

// order of statuses: a receipt never takes a message back.
var statusOrder = map[MessageStatus]int{StatusPending: 0, StatusSent: 1, StatusDelivered: 2, StatusRead: 3}

func statusOf(receipt types.ReceiptType) MessageStatus {
	switch receipt {
	case types.ReceiptTypeDelivered, types.ReceiptTypeInactive:
		return StatusDelivered
	case types.ReceiptTypeRead, types.ReceiptTypePlayed:
		return StatusRead
	}
	return ""
}

// receiveReceipt follows what became of outgoing messages.
func (i *Instance) receiveReceipt(ctx context.Context, e *events.Receipt) error {
	status := statusOf(e.Type)
	if status == "" || e.IsFromMe {
		return nil
	}
	chat := string(i.chatOf(ctx, e.Chat, e.SenderAlt, e.RecipientAlt))
	i.awaitConcluded(ctx, e.MessageIDs)
	queued, notification := false, i.statusNotifications()
	err := i.store.Update(ctx, func(tx *store.Tx) error {
		for _, id := range e.MessageIDs {
			row, err := tx.Message(int64(i.ID), chat, id)
			if errors.Is(err, store.ErrNotFound) {
				continue
			} else if err != nil {
				return err
			}
			order, moves := statusOrder[MessageStatus(row.Status)]
			if !row.Outgoing || !moves || order >= statusOrder[status] {
				continue
			}
			row.Status, queued = string(status), true
			body, err := notification(row, e.Timestamp, "")
			if err != nil {
				return err
			}
			if err := errors.Join(tx.UpdateMessage(row), i.notifyUser(tx, body)); err != nil {
				return err
			}
		}
		return nil
	})
	if queued {
		i.kickNotifications()
	}
	return err
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
