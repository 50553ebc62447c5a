package instance

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
)

// Typing shows typing, or recording, in a chat for its TypingTime. Showing it goes before everything that is sent, so that there is
// nothing left to do after it.
type Typing struct{ Address }

func (*Typing) kind() string { return "sendTyping" }

func (*Typing) draft(context.Context, *Instance) (*waE2E.Message, error) { return nil, nil }

func (*Typing) do(context.Context, *Instance, *whatsmeow.Client, MessageID) error { return nil }

// SendTyping queues the sign that somebody writes.
func (i *Instance) SendTyping(ctx context.Context, a Address) error {
	_, err := i.enqueueOne(ctx, &Typing{a})
	return err
}
