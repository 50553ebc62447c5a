package instance

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

const contactVersion = 2 // of the app state's kind of entry

// Person is somebody who is in the phone book or has told their name. Name is the one they gave themselves, ContactName the phone
// book's; either may be empty.
type Person struct {
	ID          ChatID
	Name        string
	ContactName string
}

// People lists those whom the account knows by name, by id, without itself.
func (i *Instance) People(ctx context.Context) ([]Person, error) {
	known, err := i.people(ctx)
	list := make([]Person, 0, len(known))
	for _, person := range known {
		list = append(list, person)
	}
	slices.SortFunc(list, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	return list, err
}

func (i *Instance) people(ctx context.Context) (map[ChatID]Person, error) {
	device := i.device()
	if device == nil {
		return nil, nil
	}
	all, err := device.Contacts.GetAllContacts(ctx)
	if err != nil {
		return nil, err
	}
	own, known := i.own(), map[ChatID]Person{}
	for jid, contact := range all {
		id := i.chatOf(ctx, jid)
		name := cmp.Or(contact.PushName, contact.BusinessName)
		if id == own || name == "" && contact.FullName == "" {
			continue
		}
		other := known[id] // what is stored under the person's other address
		known[id] = Person{id, cmp.Or(name, other.Name), cmp.Or(contact.FullName, other.ContactName)}
	}
	return known, nil
}

// AddContact writes somebody into the phone book; inAddressBook also puts them into the address book of the phone. KindNotFound for a
// number without WhatsApp, KindInvalid when they are in the phone book already.
func (i *Instance) AddContact(ctx context.Context, jid types.JID, first, last string, inAddressBook bool) error {
	if err := i.requireOnWhatsApp(ctx, jid); err != nil {
		return err
	}
	if i.contactName(ctx, ChatIDOf(jid)) != "" {
		return fail(KindInvalid, "the contact exists already")
	}
	return i.saveContact(ctx, jid, first, last, inAddressBook)
}

// EditContact changes the name under which somebody stands in the phone book, and enters who is not there. KindNotFound as AddContact.
func (i *Instance) EditContact(ctx context.Context, jid types.JID, first, last string, inAddressBook bool) error {
	if err := i.requireOnWhatsApp(ctx, jid); err != nil {
		return err
	}
	return i.saveContact(ctx, jid, first, last, inAddressBook)
}

func (i *Instance) saveContact(ctx context.Context, jid types.JID, first, last string, inAddressBook bool) error {
	action := &waSyncAction.ContactAction{
		FullName: proto.String(strings.TrimSpace(first + " " + last)), FirstName: &first, SaveOnPrimaryAddressbook: &inAddressBook,
	}
	if lid := i.lidOf(ctx, jid); !lid.IsEmpty() {
		action.LidJID = proto.String(lid.String())
	}
	return i.changeAppState(ctx, appstate.PatchInfo{Type: appstate.WAPatchCriticalUnblockLow, Mutations: []appstate.MutationInfo{{
		Index: []string{appstate.IndexContact, jid.String()}, Version: contactVersion, Value: &waSyncAction.SyncActionValue{ContactAction: action},
	}}})
}

// DeleteContact takes somebody out of the phone book; who is not there stays so. KindNotFound as AddContact.
func (i *Instance) DeleteContact(ctx context.Context, jid types.JID) error {
	if err := i.requireOnWhatsApp(ctx, jid); err != nil {
		return err
	}
	for _, address := range []types.JID{jid, i.lidOf(ctx, jid)} {
		if address.IsEmpty() {
			continue
		}
		entry := appStateEntry{appstate.WAPatchCriticalUnblockLow, contactVersion, []string{appstate.IndexContact, address.String()}}
		if err := i.removeAppState(ctx, entry); err != nil {
			return err
		}
		_, err := ask(ctx, i, contactWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
			return struct{}{}, client.Store.Contacts.PutContactName(ctx, address, "", "") // whatsmeow keeps it otherwise
		})
		if err != nil {
			return err
		}
	}
	return nil
}
