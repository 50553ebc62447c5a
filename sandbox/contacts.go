package sandbox

import (
	"cmp"
	"errors"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

var errNoContact = errors.New("the address book has no such contact")

// Contact is an entry of the address book that the account's devices share.
type Contact struct {
	JID       types.JID `json:"id"` // as it was saved
	FullName  string    `json:"fullName"`
	FirstName string    `json:"firstName"`
}

// Contacts lists the address book, by address. An entry without any name counts as deleted.
func (p *Phone) Contacts() []Contact {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var list []Contact
	for _, s := range p.settingsOf(appstate.IndexContact) {
		if named(s.value) && len(s.index) > 1 {
			jid, _ := types.ParseJID(s.index[1])
			list = append(list, Contact{jid, s.value.GetContactAction().GetFullName(), s.value.GetContactAction().GetFirstName()})
		}
	}
	return list
}

func named(contact *waSyncAction.SyncActionValue) bool {
	return cmp.Or(contact.GetContactAction().GetFullName(), contact.GetContactAction().GetFirstName()) != ""
}

// SaveContact writes somebody into the address book under a name, or changes the name.
func (p *Phone) SaveContact(contact types.JID, fullName string) error {
	return p.set(appstate.PatchInfo{Type: appstate.WAPatchCriticalUnblockLow, Mutations: []appstate.MutationInfo{{
		Index:   []string{appstate.IndexContact, contact.String()},
		Version: 2,
		Value: &waSyncAction.SyncActionValue{ContactAction: &waSyncAction.ContactAction{
			FullName: proto.String(fullName), FirstName: proto.String(fullName), SaveOnPrimaryAddressbook: proto.Bool(true),
		}},
	}}})
}

// DeleteContact takes somebody out of the address book. Companions are told, but whatsmeow makes no event of it.
func (p *Phone) DeleteContact(contact types.JID) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	for _, address := range p.w.addressesOf(contact) {
		if _, saved := p.settings.values[settingKey(appstate.IndexContact, address.String())]; saved {
			return p.remove(appstate.WAPatchCriticalUnblockLow, appstate.IndexContact, address.String())
		}
	}
	return errNoContact
}

// addressesOf lists both addresses of a person, or the one of a group.
func (w *World) addressesOf(chat types.JID) []types.JID {
	if a := w.account(chat); a != nil {
		return []types.JID{a.pn, a.lid}
	}
	return []types.JID{chat}
}
