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
	if m.Proto == nil {
		return "", errNoMessage
	}
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
	if c == nil || m.Proto == nil {
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
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.key(m)
}

// key is keyOf under the mutex.
func (p *Phone) key(m Message) *waCommon.MessageKey {
	chat := m.Chat
	if a := p.w.account(chat); a != nil {
		chat = a.lid
	}
	key := &waCommon.MessageKey{RemoteJID: proto.String(chat.String()), FromMe: &m.FromMe, ID: &m.ID}
	if isMulti(chat) {
		key.Participant = proto.String(m.sender.ToNonAD().String())
	}
	return key
}

// expirationOf is after how many seconds a message disappears; 0: never.
func expirationOf(m *waE2E.Message) uint32 {
	if _, part := body(m); part != nil {
		if message, ok := part.Interface().(interface{ GetContextInfo() *waE2E.ContextInfo }); ok {
			return message.GetContextInfo().GetExpiration()
		}
	}
	return 0
}
