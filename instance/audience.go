package instance

import (
	"context"
	"slices"

	"go.mau.fi/whatsmeow"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"

	"greengate/store"
)

// whatsmeow sends a status to all saved contacts whom the account's privacy does not exclude, and cannot be told to whom. But it asks its
// store for the contacts, with the context of the sending, and the store is ours to replace.

const maxAudience = 1024 // of a status, as GREEN-API's

type audienceKey struct{}

// audienceStore lists the audience in a context as the only saved contacts.
type audienceStore struct{ waStore.ContactStore }

// GetAllContacts lists those that the context names, else all.
func (s audienceStore) GetAllContacts(ctx context.Context) (map[types.JID]types.ContactInfo, error) {
	audience, ok := ctx.Value(audienceKey{}).([]types.JID)
	if !ok {
		return s.ContactStore.GetAllContacts(ctx)
	}
	contacts := make(map[types.JID]types.ContactInfo, len(audience))
	for _, jid := range audience {
		contacts[jid] = types.ContactInfo{Found: true, FullName: jid.User}
	}
	return contacts, nil
}

// openAudience lets statuses have audiences. It is to be called before a device is in use. One that is not linked yet gets its stores from
// whatsmeow when it is saved for the first time.
func openAudience(device *waStore.Device) {
	switch device.Contacts.(type) {
	case nil:
		device.Container = audienceContainer{device.Container}
	case audienceStore:
	default:
		device.Contacts = audienceStore{device.Contacts}
	}
}

type audienceContainer struct{ waStore.DeviceContainer }

// PutDevice saves a device, which then has the container below this one.
func (c audienceContainer) PutDevice(ctx context.Context, device *waStore.Device) error {
	err := c.DeviceContainer.PutDevice(ctx, device)
	openAudience(device)
	return err
}

var errPrivateStatus = &Error{
	Kind: KindForbidden, Detail: "the account's privacy settings name the people who see statuses; not all of them are participants",
}

// withAudience says in the context to whom a status goes, and notes it before the first attempt, so that every attempt is for the same
// people.
func (i *Instance) withAudience(ctx context.Context, client *whatsmeow.Client, o outgoing, id MessageID) (context.Context, error) {
	known, err := i.store.StatusParticipants(ctx, int64(i.ID), id)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		if known, err = i.chooseAudience(ctx, client, o); err != nil {
			return nil, err
		}
		err = i.store.Update(ctx, func(tx *store.Tx) error { return tx.AddStatusParticipants(int64(i.ID), id, known...) })
		if err != nil {
			return nil, err
		}
	}
	audience := make([]types.JID, 0, len(known))
	for _, chat := range known {
		if jid, ok := ParseChatID(chat); ok {
			audience = append(audience, jid)
		}
	}
	return context.WithValue(ctx, audienceKey{}, audience), nil
}

// chooseAudience decides to whom something goes. Whom the privacy settings exclude is left out; where they name a few people instead,
// whatsmeow sends to just these, so they must all be meant.
func (i *Instance) chooseAudience(ctx context.Context, client *whatsmeow.Client, o outgoing) ([]string, error) {
	if deletion, ok := o.(*StatusDeletion); ok {
		if known, err := i.store.StatusParticipants(ctx, int64(i.ID), deletion.IDMessage); err != nil || len(known) > 0 {
			return known, err
		}
	}
	privacy, err := client.GetStatusPrivacy(ctx)
	if err != nil {
		return nil, err
	}
	var listed []string
	for _, jid := range privacy[0].List {
		listed = append(listed, string(i.chatOf(ctx, jid)))
	}
	wanted, chosen, err := i.wantedAudience(ctx, client, o)
	if err != nil {
		return nil, err
	}
	isListed := func(chat string) bool { return slices.Contains(listed, chat) }
	switch privacy[0].Type {
	case types.StatusPrivacyTypeWhitelist:
		if chosen && slices.ContainsFunc(listed, func(chat string) bool { return !slices.Contains(wanted, chat) }) {
			i.log.Warn("status not sent", "reason", errPrivateStatus.Detail)
			return nil, errPrivateStatus
		}
		return listed, nil
	case types.StatusPrivacyTypeBlacklist:
		wanted = slices.DeleteFunc(wanted, isListed)
	}
	return wanted[:min(len(wanted), maxAudience)], nil
}

// wantedAudience lists the participants of a status as far as they are on WhatsApp, or, where it has none, all contacts with a name.
func (i *Instance) wantedAudience(ctx context.Context, client *whatsmeow.Client, o outgoing) (audience []string, chosen bool, err error) {
	if status, ok := o.(interface{ participants() []ChatID }); ok && len(status.participants()) > 0 {
		var people []types.JID
		for _, id := range status.participants() {
			jid, _ := ParseChatID(string(id)) // checked when it was accepted
			people = append(people, jid)
		}
		people, err = i.onWhatsApp(ctx, client, people)
		for _, jid := range people {
			audience = append(audience, string(i.chatOf(ctx, jid)))
		}
		return audience, true, err
	}
	contacts, err := client.Store.Contacts.GetAllContacts(ctx)
	for jid, contact := range contacts {
		if chat := i.chatOf(ctx, jid); contact.FullName != "" && chat != i.own() {
			audience = append(audience, string(chat))
		}
	}
	slices.Sort(audience)
	return slices.Compact(audience), false, err
}
