package instance

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

// Profile is what WhatsApp itself says of a person. Business is nil for those who are none.
type Profile struct {
	types.UserInfo
	Business *types.BusinessProfile
}

// Profile asks WhatsApp for a person, by number or LID; KindNotFound for a number without WhatsApp.
func (i *Instance) Profile(ctx context.Context, jid types.JID) (Profile, error) {
	if err := i.requireOnWhatsApp(ctx, jid); err != nil {
		return Profile{}, err
	}
	if err := i.requireAuthorized(); err != nil {
		return Profile{}, err
	}
	return ask(ctx, i, contactWithin, func(ctx context.Context, client *whatsmeow.Client) (Profile, error) {
		return profileOf(ctx, client, jid)
	})
}

func profileOf(ctx context.Context, client *whatsmeow.Client, jid types.JID) (Profile, error) {
	users, err := client.GetUserInfo(ctx, []types.JID{jid})
	profile := Profile{UserInfo: users[jid]}
	if err == nil && profile.VerifiedName != nil {
		profile.Business, err = client.GetBusinessProfile(ctx, jid)
	}
	return profile, err
}
