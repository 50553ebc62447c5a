package sandbox

import (
	"context"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// Reply answers a message with a text that quotes it, a status in the chat with its author.
func (p *Phone) Reply(ctx context.Context, m Message, text string) (string, error) {
	return p.answer(ctx, m, &waE2E.Message{Conversation: &text})
}

func (p *Phone) answer(ctx context.Context, m Message, answer *waE2E.Message) (string, error) {
	to := m.Chat
	if to == types.StatusBroadcastJID {
		to = m.From
	}
	return p.Send(ctx, to, Quote(m, answer))
}

// Forward sends a message on to another chat.
func (p *Phone) Forward(ctx context.Context, to types.JID, m Message) (string, error) {
	forwarded := proto.CloneOf(m.Proto)
	forwarded.MessageContextInfo = nil
	if c := contextOf(forwarded); c != nil {
		score := c.GetForwardingScore() + 1
		proto.Reset(c)
		c.IsForwarded, c.ForwardingScore = proto.Bool(true), &score
	}
	return p.Send(ctx, to, forwarded)
}

// Quote makes a message quote another one, if it is of a kind that can.
func Quote(m Message, answer *waE2E.Message) *waE2E.Message {
	answer = proto.CloneOf(answer)
	c := contextOf(answer)
	if c == nil {
		return answer
	}
	quoted := proto.CloneOf(m.Proto)
	quoted.MessageContextInfo = nil
	if inner := contextOf(quoted); inner != nil {
		proto.Reset(inner)
	}
	c.StanzaID, c.Participant, c.QuotedMessage = &m.ID, proto.String(m.sender.ToNonAD().String()), quoted
	if m.Chat == types.StatusBroadcastJID {
		c.RemoteJID = proto.String(m.Chat.String())
	}
	return answer
}

// contextOf is the part of a message that says what it refers to, made if need be, for which a bare text becomes an extended one;
// nil for kinds that have none.
func contextOf(m *waE2E.Message) *waE2E.ContextInfo {
	m = unwrap(m)
	if m.Conversation != nil {
		m.ExtendedTextMessage, m.Conversation = &waE2E.ExtendedTextMessage{Text: m.Conversation}, nil
	}
	_, part := body(m)
	if part == nil {
		return nil
	}
	field := part.Descriptor().Fields().ByName("contextInfo")
	if field == nil {
		return nil
	}
	c, _ := part.Mutable(field).Message().Interface().(*waE2E.ContextInfo)
	return c
}

// keyOf refers to any message that the phone has.
func (p *Phone) keyOf(m Message) *waCommon.MessageKey {
	key := p.ownKey(m.Chat, m.ID)
	key.FromMe = proto.Bool(m.FromMe)
	if isMulti(m.Chat) {
		key.Participant = proto.String(m.sender.ToNonAD().String())
	}
	return key
}
