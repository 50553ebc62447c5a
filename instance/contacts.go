package instance

import (
	"cmp"
	"context"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const contactWithin = 10 * time.Second

// WhatsAppCheck says whether a number has WhatsApp. The ids are empty when it has not.
type WhatsAppCheck struct {
	Exists bool
	LID    ChatID
	Phone  ChatID
}

// CheckWhatsApp asks for a number, of digits, or for a LID that this account has met.
func (i *Instance) CheckWhatsApp(ctx context.Context, jid types.JID) (WhatsAppCheck, error) {
	if err := i.requireAuthorized(); err != nil {
		return WhatsAppCheck{}, err
	}
	if jid.Server == types.HiddenUserServer {
		number, err := i.numberOf(ctx, jid)
		if err != nil || number.IsEmpty() {
			return WhatsAppCheck{}, err
		}
		jid = number
	}
	found, err := ask(ctx, i, contactWithin, func(ctx context.Context, client *whatsmeow.Client) ([]types.IsOnWhatsAppResponse, error) {
		return client.IsOnWhatsApp(ctx, []string{"+" + jid.User})
	})
	if err != nil || len(found) == 0 || !found[0].IsIn {
		return WhatsAppCheck{}, err
	}
	check := WhatsAppCheck{Exists: true, Phone: ChatIDOf(jid)}
	if found[0].JID.Server == types.HiddenUserServer {
		check.LID = ChatIDOf(found[0].JID)
	}
	return check, nil
}

// numberOf resolves a LID to the number it stands for; the empty JID when it is not known.
func (i *Instance) numberOf(ctx context.Context, lid types.JID) (types.JID, error) {
	return ask(ctx, i, contactWithin, func(ctx context.Context, client *whatsmeow.Client) (types.JID, error) {
		return client.Store.LIDs.GetPNForLID(ctx, lid)
	})
}

// StoredContact is what messages and the phone book told of a person. Fields are empty for what they did not tell.
type StoredContact struct {
	Number       types.JID
	Name         string // the phone book's, else the one they gave themselves
	BusinessName string
}

// StoredContact looks a LID up in the device's own store, without a connection. KindNotFound for somebody the account has not met.
func (i *Instance) StoredContact(ctx context.Context, lid types.JID) (StoredContact, error) {
	i.mu.Lock()
	jid := i.deviceJID
	i.mu.Unlock()
	device, err := i.devices.GetDevice(ctx, jid)
	if err != nil {
		return StoredContact{}, err
	} else if device == nil {
		return StoredContact{}, fail(KindNotFound, "no account is linked")
	}
	number, err := device.LIDs.GetPNForLID(ctx, lid)
	if err != nil {
		return StoredContact{}, err
	}
	byLID, err := device.Contacts.GetContact(ctx, lid)
	if err != nil {
		return StoredContact{}, err
	}
	byNumber, err := device.Contacts.GetContact(ctx, number)
	switch {
	case err != nil:
		return StoredContact{}, err
	case !byLID.Found && !byNumber.Found:
		return StoredContact{}, fail(KindNotFound, "no such contact")
	case !byNumber.Found:
		number = types.EmptyJID
	}
	return StoredContact{
		Number:       number,
		Name:         cmp.Or(byLID.FullName, byNumber.FullName, byLID.PushName, byNumber.PushName),
		BusinessName: cmp.Or(byLID.BusinessName, byNumber.BusinessName),
	}, nil
}

// Contact is what is known of a person or a group.
type Contact struct {
	Avatar      Avatar
	ProfileName string // the name they gave themselves; empty if they never wrote
	ContactName string // the name in the phone book
	About       string
	Email       string
	Category    string
	Business    bool
	Archived    bool
	Expiration  int64     // of messages, in seconds; 0 for none
	MutedUntil  time.Time // zero when not muted
}

// Contact gathers what WhatsApp and the phone book say of a person.
func (i *Instance) Contact(ctx context.Context, jid types.JID) (Contact, error) {
	avatar, err := i.Avatar(ctx, jid)
	if err != nil {
		return Contact{}, err
	}
	contact, err := ask(ctx, i, contactWithin, func(ctx context.Context, client *whatsmeow.Client) (Contact, error) {
		return i.lookUp(ctx, client, jid)
	})
	if err != nil {
		return Contact{}, err
	}
	chat, err := i.store.Chat(ctx, int64(i.ID), string(i.chatOf(ctx, jid)))
	contact.Avatar, contact.Archived, contact.Expiration = avatar, chat.Archived, max(chat.Expiration, 0)
	return contact, err
}

func (i *Instance) lookUp(ctx context.Context, client *whatsmeow.Client, jid types.JID) (Contact, error) {
	known := i.contact(ctx, ChatIDOf(jid))
	contact := Contact{ProfileName: known.PushName, ContactName: known.FullName}
	for _, address := range []types.JID{jid, i.lidOf(ctx, jid)} {
		chat, err := client.Store.ChatSettings.GetChatSettings(ctx, address)
		if err != nil {
			return contact, err
		} else if !chat.MutedUntil.IsZero() {
			contact.MutedUntil = chat.MutedUntil
		}
	}
	profile, err := profileOf(ctx, client, jid)
	if err != nil {
		return contact, err
	}
	contact.About = profile.Status
	if profile.Business == nil {
		return contact, nil
	}
	contact.Business, contact.ProfileName = true, profile.BusinessName
	categories := make([]string, 0, len(profile.Business.Categories))
	for _, category := range profile.Business.Categories {
		categories = append(categories, category.Name)
	}
	contact.Email, contact.Category = profile.Business.Email, strings.Join(categories, ", ")
	return contact, nil
}
