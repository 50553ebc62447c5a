package instance

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

// showPresence tells WhatsApp whether the account is in use: all the time with keepOnlineStatus, else never. It has to be told after each
// connection, also because it brings the name that others see, and it takes that name: without one, nothing is told yet.
func (i *Instance) showPresence(ctx context.Context) {
	i.presence.Lock() // the last to look at the settings is the last to tell
	defer i.presence.Unlock()
	if i.Account().PushName == "" {
		return
	}
	state := types.PresenceUnavailable
	if i.Settings().KeepOnlineStatus {
		state = types.PresenceAvailable
	}
	_, err := ask(ctx, i, typingWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		return struct{}{}, client.SendPresence(ctx, state)
	})
	if err != nil {
		i.log.Warn("presence not shown", "error", err)
	}
}
