package instance

import (
	"context"
	"time"
	"unicode/utf8"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const (
	perCharacter = 30 * time.Millisecond // of automatic typing, times its level
	maxTyping    = 20 * time.Second
	typingWithin = 5 * time.Second
)

// pace waits until the next message may go: the delay of the settings after the last one, and, at its first attempt, the time that typing
// takes. It returns false when ctx ends first.
func (i *Instance) pace(ctx context.Context, o outgoing, first bool) bool {
	i.mu.Lock()
	next := i.lastSent.Add(time.Duration(i.settings.DelaySendMessagesMilliseconds) * time.Millisecond)
	i.mu.Unlock()
	if d := time.Until(next); d > 0 {
		wait(ctx, d, nil)
	}
	if d := i.typingTime(o); first && d > 0 && ctx.Err() == nil {
		i.showTyping(ctx, o.address(), d)
	}
	return ctx.Err() == nil
}

// noteSent remembers when something was sent last.
func (i *Instance) noteSent(at time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.lastSent = at
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
	return min(perCharacter*time.Duration(i.Settings().AutoTyping*utf8.RuneCountInString(text.Message)), maxTyping)
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
