package instance

import (
	"context"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const (
	defaultTyping = time.Second
	perCharacter  = 30 * time.Millisecond // of automatic typing, times its level
	maxTyping     = 20 * time.Second
	heldFor       = 10 * time.Minute // between tries while WhatsApp holds an account back
	typingWithin  = 5 * time.Second
)

// pace waits until the next message may go: the delay of the settings after the last one, and the time that typing takes. It returns
// false when ctx ends first.
func (i *Instance) pace(ctx context.Context, o outgoing) bool {
	i.mu.Lock()
	next := i.lastSent.Add(time.Duration(i.settings.DelaySendMessagesMilliseconds) * time.Millisecond)
	if i.heldUntil.After(next) {
		next = i.heldUntil
	}
	i.mu.Unlock()
	if d := time.Until(next); d > 0 {
		wait(ctx, d, nil)
	}
	if d := i.typingTime(o); d > 0 && ctx.Err() == nil {
		i.showTyping(ctx, o.address(), d)
	}
	return ctx.Err() == nil
}

// typingTime is how long typing is shown before a message: as long as it asks for, else as the settings say for texts.
func (i *Instance) typingTime(o outgoing) time.Duration {
	if t := o.address().TypingTime; t != nil {
		return time.Duration(*t) * time.Millisecond
	}
	text, ok := o.(*Text)
	if !ok {
		return 0
	}
	units := i.Settings().AutoTyping * len([]rune(text.Message))
	return min(time.Duration(units)*perCharacter, maxTyping)
}

// showTyping shows typing, or recording, in a chat for some time. That it could not be shown stops nobody.
func (i *Instance) showTyping(ctx context.Context, a *Address, d time.Duration) {
	jid, ok := ParseChatID(string(a.ChatID))
	if !ok {
		return
	}
	media := types.ChatPresenceMediaText
	if a.TypingType == "recording" {
		media = types.ChatPresenceMediaAudio
	}
	show := func(state types.ChatPresence) {
		_, err := ask(ctx, i, typingWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
			return struct{}{}, client.SendChatPresence(ctx, jid, state, media)
		})
		if err != nil {
			i.log.Warn("typing not shown", "error", MaskNumbers(err.Error()))
		}
	}
	show(types.ChatPresenceComposing)
	wait(ctx, d, nil)
	show(types.ChatPresencePaused)
}

// hold463 holds the queue for a while when WhatsApp keeps the account from writing first.
func (i *Instance) hold463(v verdict) {
	if !v.held {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.heldUntil = time.Now().Add(heldFor)
	i.setStatus(Status{State: StateYellowCard, Reason: "WhatsApp does not let the account write to new people for some time (463); what is queued waits"})
}

// release ends yellowCard: something was sent again.
func (i *Instance) release() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.heldUntil = time.Time{}
	i.setStatus(Status{State: StateAuthorized})
}

func (i *Instance) state() State { return i.Status().State }

// announcement wakes everybody who waits for something new.
type announcement struct {
	mu sync.Mutex
	c  chan struct{}
}

// next returns a channel that is closed at the next announcement. Take it before looking.
func (a *announcement) next() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.c == nil {
		a.c = make(chan struct{})
	}
	return a.c
}

func (a *announcement) announce() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.c != nil {
		close(a.c)
		a.c = nil
	}
}

// sending is the message that is on its way to WhatsApp, until its end is committed.
type sending struct {
	id   MessageID
	done chan struct{}
}

// beginSend notes what is being sent; the returned function notes its end.
func (i *Instance) beginSend(id MessageID) (end func()) {
	done := make(chan struct{})
	i.mu.Lock()
	i.sending = sending{id, done}
	i.mu.Unlock()
	return func() { close(done) }
}

// awaitConcluded lets a receipt wait until the sending of its message is committed, so that statuses come in order.
func (i *Instance) awaitConcluded(ctx context.Context, ids []MessageID) {
	i.mu.Lock()
	s := i.sending
	i.mu.Unlock()
	for _, id := range ids {
		if id == s.id {
			wait(ctx, sendWithin, s.done)
		}
	}
}
