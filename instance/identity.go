package instance

import (
	"cmp"
	"context"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

// device is whatsmeow's store of the linked account; nil while there is none.
func (i *Instance) device() *waStore.Device {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.client == nil || i.deviceJID.IsEmpty() {
		return nil
	}
	return i.client.Store
}

// chatOf is the one id under which a chat is known here: a person's number where it can be told from the LID, else the LID; with
// enableLidMode the other way round. alternatives are further addresses of the same person.
func (i *Instance) chatOf(ctx context.Context, jid types.JID, alternatives ...types.JID) ChatID {
	if i.Settings().EnableLidMode {
		return i.addressOf(ctx, types.HiddenUserServer, jid, alternatives...)
	}
	return i.addressOf(ctx, types.DefaultUserServer, jid, alternatives...)
}

// addressOf is chatOf with the kind of a person's address that is wanted.
func (i *Instance) addressOf(ctx context.Context, wanted string, jid types.JID, alternatives ...types.JID) ChatID {
	jid = jid.ToNonAD()
	if jid.Server == wanted || jid.Server != types.DefaultUserServer && jid.Server != types.HiddenUserServer {
		return ChatIDOf(jid)
	}
	for _, other := range alternatives {
		if other.Server == wanted {
			return ChatIDOf(other)
		}
	}
	if device := i.device(); device != nil {
		if other, err := device.GetAltJID(ctx, jid); err == nil && !other.IsEmpty() {
			return ChatIDOf(other)
		}
	}
	return ChatIDOf(jid)
}

// chatIDOfText is chatOf for an address out of a message; empty for one that makes no sense.
func (i *Instance) chatIDOfText(ctx context.Context, address string) ChatID {
	jid, err := types.ParseJID(address)
	if err != nil || jid.IsEmpty() {
		return ""
	}
	return i.chatOf(ctx, jid)
}

// own is the account's own id as others are told it.
func (i *Instance) own() ChatID {
	account := i.Account()
	if i.Settings().EnableLidMode && account.LID != "" {
		return account.LID
	}
	return account.ChatID
}

// lidOf is a person's LID, empty while it is not known.
func (i *Instance) lidOf(ctx context.Context, jid types.JID) types.JID {
	device := i.device()
	if jid.Server != types.DefaultUserServer || device == nil {
		return types.EmptyJID
	}
	lid, err := device.LIDs.GetLIDForPN(ctx, jid)
	if err != nil {
		i.log.Error("LID not looked up", "error", err)
	}
	return lid
}

// contact is what the phone book and messages told of a person, under either address; all fields are empty for somebody unknown.
func (i *Instance) contact(ctx context.Context, id ChatID) types.ContactInfo {
	jid, ok := ParseChatID(string(id))
	device := i.device()
	if !ok || device == nil {
		return types.ContactInfo{}
	}
	known, _ := device.Contacts.GetContact(ctx, jid)
	if other, err := device.GetAltJID(ctx, jid); err == nil && !other.IsEmpty() {
		more, _ := device.Contacts.GetContact(ctx, other)
		known.Found = known.Found || more.Found
		known.FullName, known.FirstName = cmp.Or(known.FullName, more.FullName), cmp.Or(known.FirstName, more.FirstName)
		known.PushName, known.BusinessName = cmp.Or(known.PushName, more.PushName), cmp.Or(known.BusinessName, more.BusinessName)
	}
	return known
}

// contactName is the name in the phone book, empty for none.
func (i *Instance) contactName(ctx context.Context, id ChatID) string {
	return i.contact(ctx, id).FullName
}
