package instance

import (
	"cmp"
	"context"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"greengate/store"
)

// quotation points to another message of the same chat.
type quotation struct {
	id     MessageID
	author string         // as WhatsApp names people; empty when only fromMe tells it
	fromMe bool           // the author is that of the quoting message
	copy   *waE2E.Message // nil for none
}

// quotedBy returns what a message quotes, nil for nothing. Reactions point to a message without its content.
func quotedBy(m *waE2E.Message, c content) *quotation {
	if key := m.GetReactionMessage().GetKey(); key != nil {
		return &quotation{id: key.GetID(), author: key.GetParticipant(), fromMe: key.GetFromMe()}
	}
	if c.context.GetStanzaID() == "" {
		return nil
	}
	return &quotation{id: c.context.GetStanzaID(), author: c.context.GetParticipant(), copy: c.context.GetQuotedMessage()}
}

// quotedMessage renders what a message quotes: the copy in it, else what the journal has. It also returns what was done to the quoted
// message since.
func (i *Instance) quotedMessage(ctx context.Context, m store.Message, q *quotation) (map[string]any, Changes) {
	if q == nil {
		return nil, Changes{}
	}
	stored, err := i.store.Message(ctx, int64(i.ID), m.ChatID, q.id)
	message := q.copy
	if message == nil && err == nil {
		message = &waE2E.Message{}
		_ = proto.Unmarshal(stored.Content, message) // written by us
	}
	quoted := map[string]any{"stanzaId": q.id, "participant": i.authorOf(ctx, m, stored, q)}
	if message != nil {
		message = withoutQuote(unwrapped(message))
		quoted["typeMessage"] = contentOf(message).typ
		stored.ID, stored.ChatID = q.id, m.ChatID
		i.flatten(ctx, quoted, stored, message)
	}
	return quoted, changesOf(stored)
}

// authorOf tells who wrote a quoted message.
func (i *Instance) authorOf(ctx context.Context, m, quoted store.Message, q *quotation) ChatID {
	if author := cmp.Or(i.chatIDOfText(ctx, q.author), ChatID(quoted.SenderID)); author != "" {
		return author
	}
	switch {
	case q.fromMe:
		return ChatID(m.SenderID)
	case m.Outgoing:
		return ChatID(m.ChatID)
	default:
		return i.own()
	}
}

// withoutQuote keeps a quote from quoting in turn.
func withoutQuote(m *waE2E.Message) *waE2E.Message {
	c := contentOf(m).context
	if c.GetStanzaID() == "" {
		return m
	}
	m = proto.CloneOf(m)
	setContext(m, &waE2E.ContextInfo{IsForwarded: c.IsForwarded, ForwardingScore: c.ForwardingScore})
	return m
}

// setContext replaces the context of a message; false for kinds that have none. Nearly every kind has one, under the same name.
func setContext(m *waE2E.Message, c *waE2E.ContextInfo) bool {
	return withContext(m, func(present *waE2E.ContextInfo) {
		proto.Reset(present)
		proto.Merge(present, c)
	})
}

// withContext changes the context of a message; false for kinds that have none. Nearly every kind has one, under the same name.
func withContext(m *waE2E.Message, change func(*waE2E.ContextInfo)) (found bool) {
	m.ProtoReflect().Range(func(kind protoreflect.FieldDescriptor, part protoreflect.Value) bool {
		if kind.Kind() != protoreflect.MessageKind || kind.IsList() {
			return true
		}
		field := kind.Message().Fields().ByName("contextInfo")
		if field == nil {
			return true
		}
		if context, ok := part.Message().Mutable(field).Message().Interface().(*waE2E.ContextInfo); ok {
			change(context)
			found = true
		}
		return !found
	})
	return found
}
