package instance

import (
	"context"
	"slices"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const deleteWithin = 20 * time.Second

// Edit is a new text for a message that the account has sent, or a new caption for a file.
type Edit struct {
	ChatID      ChatID    `json:"chatId"`
	IDMessage   MessageID `json:"idMessage"`
	Message     string    `json:"message"`
	LinkPreview bool      `json:"linkPreview"`
}

func (*Edit) kind() string { return "editMessage" }

func (e *Edit) address() *Address { return &Address{ChatID: e.ChatID} }

func (e *Edit) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	target, err := i.target(ctx, e.ChatID, e.IDMessage)
	if err != nil {
		return nil, err
	}
	if !target.Outgoing {
		return nil, fail(KindNotAcceptable, "only messages of this account can be edited")
	}
	content, err := reworded(target.Content, e.Message)
	if err != nil {
		return nil, err
	}
	return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: i.keyOf(ctx, target), EditedMessage: content,
		TimestampMS: proto.Int64(time.Now().UnixMilli()),
	}}, nil
}

// compose looks at the clock: WhatsApp takes an edit that comes too late, and everybody's phone drops it.
func (e *Edit) compose(ctx context.Context, i *Instance, _ *whatsmeow.Client, draft *waE2E.Message) (*waE2E.Message, error) {
	target, err := i.target(ctx, e.ChatID, e.IDMessage)
	if err != nil {
		return nil, err
	}
	switch _, reached := statusOrder[MessageStatus(target.Status)]; {
	case !reached:
		return nil, fail(KindNotAcceptable, "the message was not sent, so it cannot be edited")
	case time.Since(target.SentAt) > whatsmeow.EditWindow:
		return nil, fail(KindNotAcceptable, "the message is older than 20 minutes and cannot be edited any more")
	}
	return draft, nil
}

// reworded is what an edit of a stored message consists of.
func reworded(stored []byte, text string) (*waE2E.Message, error) {
	message := &waE2E.Message{}
	if err := proto.Unmarshal(stored, message); err != nil {
		return nil, err
	}
	switch {
	case message.ImageMessage != nil:
		message.ImageMessage.Caption = &text
		return &waE2E.Message{ImageMessage: message.ImageMessage}, nil
	case message.VideoMessage != nil:
		message.VideoMessage.Caption = &text
		return &waE2E.Message{VideoMessage: message.VideoMessage}, nil
	case message.DocumentMessage != nil:
		message.DocumentMessage.Caption = &text
		return &waE2E.Message{DocumentMessage: message.DocumentMessage}, nil
	case contentOf(message).text != nil:
		return &waE2E.Message{Conversation: &text}, nil
	}
	return nil, fail(KindNotAcceptable, "a message of this kind cannot be edited")
}

// Reaction answers a message with an emoji; an empty one takes it back.
type Reaction struct {
	ChatID    ChatID    `json:"chatId"`
	IDMessage MessageID `json:"idMessage"`
	Reaction  string    `json:"reaction"`
}

func (*Reaction) kind() string { return "sendReaction" }

func (r *Reaction) address() *Address { return &Address{ChatID: r.ChatID} }

func (r *Reaction) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	target, err := i.target(ctx, r.ChatID, r.IDMessage)
	if err != nil {
		return nil, err
	}
	return &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{
		Key: i.keyOf(ctx, target), Text: &r.Reaction, SenderTimestampMS: proto.Int64(time.Now().UnixMilli()),
	}}, nil
}

// EditMessage queues a new text for a message and returns the id of the edit. Whether it came in time shows when it is sent: the edit
// fails else. Kinds: NotFound for a message that the journal does not have or that was deleted, NotAcceptable for one of somebody else or
// without a text.
func (i *Instance) EditMessage(ctx context.Context, e Edit) (MessageID, error) {
	return i.enqueueOne(ctx, &e)
}

// SendReaction queues a reaction to a message; KindNotFound as EditMessage.
func (i *Instance) SendReaction(ctx context.Context, r Reaction) (MessageID, error) {
	return i.enqueueOne(ctx, &r)
}

// target finds a message of which there is still something to change; KindNotFound when it is unknown, deleted or a change itself.
func (i *Instance) target(ctx context.Context, chat ChatID, id MessageID) (store.Message, error) {
	jid, _ := ParseChatID(string(chat)) // checked by the caller
	row, err := i.stored(ctx, jid, id)
	switch typ := MessageType(row.Type); {
	case err != nil:
		return row, err
	case row.DeletedID != "", typ == TypeDeleted, typ == TypeEdited, typ == TypeReaction, typ == TypePollUpdate:
		return row, fail(KindNotFound, "Message by id not found")
	}
	return row, nil
}

// keyOf names a stored message as WhatsApp does.
func (i *Instance) keyOf(ctx context.Context, m store.Message) *waCommon.MessageKey {
	chat, _ := ParseChatID(m.ChatID) // stored by us
	key := &waCommon.MessageKey{RemoteJID: proto.String(chat.String()), FromMe: &m.Outgoing, ID: &m.ID}
	if chat.Server == types.GroupServer && !m.Outgoing {
		key.Participant = proto.String(i.member(ctx, m).String())
	}
	return key
}

// member is the author of a group's message as groups name their members: by LID, where it is known.
func (i *Instance) member(ctx context.Context, m store.Message) types.JID {
	author := i.participant(m)
	if lid := i.lidOf(ctx, author); !lid.IsEmpty() {
		return lid
	}
	return author
}

// DeleteMessage takes a message back for everybody, at once, or deletes it on the devices of this account only. One that is still queued
// is not sent any more. Others' messages can be taken back in groups that the account is an admin of. Kinds: NotFound for a message that
// the journal does not have or that was deleted, NotAcceptable for one that the account may not take back, and those of a missing
// connection.
func (i *Instance) DeleteMessage(ctx context.Context, chat types.JID, id MessageID, onlyForMe bool) error {
	row, err := i.target(ctx, ChatIDOf(chat), id)
	if err == nil && MessageStatus(row.Status) == StatusPending {
		row, err = i.withdraw(ctx, row)
	}
	if err != nil {
		return err
	}
	change := newMessageID()
	_, sent := statusOrder[MessageStatus(row.Status)]
	if sent || !row.Outgoing {
		if err := i.requireAuthorized(); err != nil {
			return err
		}
		if onlyForMe {
			err = i.deleteForMe(ctx, row)
		} else {
			err = i.revoke(ctx, row, change)
		}
	}
	if err != nil {
		return err
	}
	return i.noteDeletion(context.WithoutCancel(ctx), row, change)
}

// withdraw takes a message out of the queue, or waits for its end if it is being sent just now. The row tells which.
func (i *Instance) withdraw(ctx context.Context, row store.Message) (store.Message, error) {
	err := i.sending.take(func(but int64) error {
		return i.store.Update(ctx, func(tx *store.Tx) error {
			withdrawn, err := tx.Withdraw(row.InstanceID, row.ID, but)
			if err == nil && withdrawn {
				err = tx.FailPending(row.InstanceID, row.ID)
			}
			return err
		})
	})
	if err != nil {
		return row, err
	}
	i.sending.await(ctx, []MessageID{row.ID})
	return i.store.Message(ctx, row.InstanceID, row.ChatID, row.ID)
}

// revoke takes a message back for everybody.
func (i *Instance) revoke(ctx context.Context, m store.Message, change MessageID) error {
	chat, _ := ParseChatID(m.ChatID) // stored by us
	_, err := ask(ctx, i, deleteWithin, func(ctx context.Context, client *whatsmeow.Client) (whatsmeow.SendResponse, error) {
		if !m.Outgoing {
			if err := i.requireAdmin(ctx, client, chat); err != nil {
				return whatsmeow.SendResponse{}, err
			}
		}
		return sendMessage(ctx, client, chat, i.revocation(ctx, m), whatsmeow.SendRequestExtra{ID: change, Timeout: deleteWithin})
	})
	return err
}

func (i *Instance) revocation(ctx context.Context, m store.Message) *waE2E.Message {
	return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: i.keyOf(ctx, m)}}
}

// requireAdmin returns KindNotAcceptable for whoever may not take others' messages back in a chat.
func (i *Instance) requireAdmin(ctx context.Context, client *whatsmeow.Client, chat types.JID) error {
	refusal := fail(KindNotAcceptable, "others' messages can be deleted for everybody by a group's admin only; onlySenderDelete deletes them here")
	if chat.Server != types.GroupServer {
		return refusal
	}
	group, err := client.GetGroupInfo(ctx, chat)
	if err != nil {
		return err
	}
	account := i.Account()
	if !slices.ContainsFunc(group.Participants, func(p types.GroupParticipant) bool {
		id := ChatIDOf(p.JID)
		return (p.IsAdmin || p.IsSuperAdmin) && (id == account.ChatID || id == account.LID)
	}) {
		return refusal
	}
	return nil
}

// deleteForMe deletes a message on all devices of the account, and nowhere else.
func (i *Instance) deleteForMe(ctx context.Context, m store.Message) error {
	chat, _ := ParseChatID(m.ChatID) // stored by us
	fromMe, participant := "1", "0"
	if !m.Outgoing {
		fromMe = "0"
		if chat.Server == types.GroupServer {
			participant = i.member(ctx, m).String()
		}
	}
	return i.changeAppState(ctx, appstate.PatchInfo{Type: appstate.WAPatchRegularHigh, Mutations: []appstate.MutationInfo{{
		Index: []string{appstate.IndexDeleteMessageForMe, chat.String(), m.ID, fromMe, participant}, Version: 3,
		Value: &waSyncAction.SyncActionValue{DeleteMessageForMeAction: &waSyncAction.DeleteMessageForMeAction{
			DeleteMedia: proto.Bool(false), MessageTimestamp: proto.Int64(m.SentAt.Unix()),
		}},
	}}})
}

// noteDeletion writes a deletion into the journal, as an entry of its own and at the message, and queues its notification.
func (i *Instance) noteDeletion(ctx context.Context, target store.Message, change MessageID) error {
	revocation := i.revocation(ctx, target)
	row, err := i.outgoingRow(target.ChatID, change, revocation, time.Now())
	if err != nil {
		return err
	}
	row.Status = string(StatusSent)
	notification, err := i.messageNotification(ctx, row, revocation)
	if err != nil {
		return err
	}
	err = i.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.AddMessage(row); err != nil {
			return err
		}
		if err := applyChange(tx, row, revocation); err != nil {
			return err
		}
		return i.notifyUser(tx, notification)
	})
	if err == nil {
		i.kickNotifications()
	}
	return err
}
