package instance

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

// Profile is what WhatsApp itself says of a person. BusinessName, from the certificate, is empty for those who are no business, and
// Business nil for those who show nothing as one.
type Profile struct {
	types.UserInfo
	BusinessName string
	Business     *types.BusinessProfile
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
	if err != nil {
		return Profile{}, err
	}
	// whatsmeow puts the verified name not into its answer but beside the contact.
	contact, err := client.Store.Contacts.GetContact(ctx, jid)
	profile := Profile{UserInfo: users[jid], BusinessName: contact.BusinessName}
	if err != nil || profile.BusinessName == "" {
		return profile, err
	}
	profile.Business, err = client.GetBusinessProfile(ctx, jid)
	if err != nil && AsError(fromWhatsApp(err)).Kind == KindInternal {
		err = nil // an answer without a profile: a business no more
	}
	return profile, err
}
