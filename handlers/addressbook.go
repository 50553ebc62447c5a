package handlers

import (
	"context"
	"fmt"
	"net/http"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

func addressBookMethods() []Method {
	const person = `{"chatId":"{{chatId}}","firstName":"Bob","lastName":"Builder","saveInAddressbook":true}`
	return []Method{
		forInstance(Method{
			Name: "addContact", Verb: http.MethodPost, Rate: 1,
			Summary: "Write a person into the phone book",
			Example: person, Answer: `{"addContact":true}`,
		}, addContact),
		forInstance(Method{
			Name: "editContact", Verb: http.MethodPost, Rate: 1,
			Summary: "Change the name of a person in the phone book",
			Example: person, Answer: `{"editContact":true}`,
		}, editContact),
		forInstance(Method{
			Name: "deleteContact", Verb: http.MethodPost, Rate: 1,
			Summary: "Take a person out of the phone book",
			Example: `{"chatId":"{{chatId}}"}`, Answer: `{"deleteContact":true}`,
		}, deleteContact),
	}
}

// ContactRequest is a person with their name. SaveInAddressbook is true by default: the phone's own address book has them then, too.
type ContactRequest struct {
	Chat
	FirstName         string `json:"firstName" check:"required"`
	LastName          string `json:"lastName"`
	SaveInAddressbook *bool  `json:"saveInAddressbook"`
}

const maxName = 100 // characters

func (r *ContactRequest) validate() error {
	if err := tooLong("firstName", r.FirstName, maxName); err != nil {
		return err
	}
	return tooLong("lastName", r.LastName, maxName)
}

func (r *ContactRequest) inAddressBook() bool {
	return r.SaveInAddressbook == nil || *r.SaveInAddressbook
}

// AddContactResponse confirms that the person is in the phone book.
type AddContactResponse struct {
	AddContact bool `json:"addContact"`
}

func addContact(ctx context.Context, i *instance.Instance, r ContactRequest) (AddContactResponse, error) {
	jid, err := r.jid(formatsOfPerson)
	if err != nil {
		return AddContactResponse{}, err
	}
	err = i.AddContact(ctx, jid, r.FirstName, r.LastName, r.inAddressBook())
	return AddContactResponse{err == nil}, contactRefusal(jid, err)
}

// EditContactResponse confirms that the name was changed.
type EditContactResponse struct {
	EditContact bool `json:"editContact"`
}

func editContact(ctx context.Context, i *instance.Instance, r ContactRequest) (EditContactResponse, error) {
	jid, err := r.jid(formatsOfPerson)
	if err != nil {
		return EditContactResponse{}, err
	}
	err = i.EditContact(ctx, jid, r.FirstName, r.LastName, r.inAddressBook())
	return EditContactResponse{err == nil}, contactRefusal(jid, err)
}

// DeleteContactResponse confirms that the person is not in the phone book.
type DeleteContactResponse struct {
	DeleteContact bool `json:"deleteContact"`
}

func deleteContact(ctx context.Context, i *instance.Instance, chat Chat) (DeleteContactResponse, error) {
	jid, err := chat.jid(formatsOfPerson)
	if err != nil {
		return DeleteContactResponse{}, err
	}
	err = i.DeleteContact(ctx, jid)
	return DeleteContactResponse{err == nil}, contactRefusal(jid, err)
}

// bareMessage is GREEN-API's error body of these methods: one key, without the envelope (docs/api/contacts).
type bareMessage struct {
	status  int
	Message string `json:"message"`
}

func (m bareMessage) Error() string { return m.Message }

func contactRefusal(jid types.JID, err error) error {
	if err == nil {
		return nil
	}
	switch id := instance.ChatIDOf(jid); instance.AsError(err).Kind {
	case instance.KindInvalid:
		return bareMessage{http.StatusBadRequest, fmt.Sprintf("Contact %s already exists", id)}
	case instance.KindNotFound:
		return bareMessage{http.StatusNotFound, fmt.Sprintf("%s is not on WhatsApp", id)}
	default:
		return err
	}
}
