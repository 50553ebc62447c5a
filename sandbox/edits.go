package sandbox

import (
	"context"
	"errors"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

var errNoMessage = errors.New("the phone has not received this message")

// Edit replaces the text of a message that the phone has sent, or the caption of its file, and returns the id of the edit.
func (p *Phone) Edit(ctx context.Context, chat types.JID, id, text string) (string, error) {
	m, _ := p.Message(id)
	return p.Send(ctx, chat, &waE2E.Message{EditedMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{
		ProtocolMessage: &waE2E.ProtocolMessage{
			Type:          waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(),
			Key:           p.ownKey(chat, id),
			EditedMessage: reworded(m.Proto, text),
			TimestampMS:   proto.Int64(p.w.now().UnixMilli()),
		},
	}}})
}

// reworded is a message with another text or caption.
func reworded(m *waE2E.Message, text string) *waE2E.Message {
	if fileOf(m) == nil {
		return &waE2E.Message{Conversation: &text}
	}
	m = proto.CloneOf(m)
	m.MessageContextInfo = nil
	_, part := body(m)
	setIfThere(part.Interface(), "caption", text)
	return withCaption(m)
}

// Delete takes back a message that the phone has sent, for everyone, and returns the id of the deletion.
func (p *Phone) Delete(ctx context.Context, chat types.JID, id string) (string, error) {
	return p.Send(ctx, chat, &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: p.ownKey(chat, id),
	}})
}

// DeleteAsAdmin takes back, for everyone, a message that somebody else has written in a group of which the person is an admin.
func (p *Phone) DeleteAsAdmin(ctx context.Context, m Message) (string, error) {
	p.w.mu.Lock()
	admin := p.w.isAdmin(m.Chat, p.account)
	p.w.mu.Unlock()
	if !admin {
		return "", errForbidden
	}
	return p.Send(ctx, m.Chat, &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: p.keyOf(m),
	}})
}

func (w *World) isAdmin(group types.JID, a *account) bool {
	g := w.groups[group]
	if g == nil {
		return false
	}
	m := g.member(a)
	return m != nil && m.admin()
}

// React answers a message that the phone has received with an emoji, or takes the emoji back if it is empty.
func (p *Phone) React(ctx context.Context, m Message, emoji string) (string, error) {
	return p.Send(ctx, m.Chat, &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{
		Key: p.keyOf(m), Text: proto.String(emoji), SenderTimestampMS: proto.Int64(p.w.now().UnixMilli()),
	}})
}

// ownKey refers to a message of the phone's own.
func (p *Phone) ownKey(chat types.JID, id string) *waCommon.MessageKey {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if a := p.w.account(chat); a != nil {
		chat = a.lid
	}
	return &waCommon.MessageKey{RemoteJID: proto.String(chat.String()), FromMe: proto.Bool(true), ID: proto.String(id)}
}
