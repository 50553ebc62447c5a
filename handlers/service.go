package handlers

import (
	"encoding/json"
	"slices"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

func serviceMethods() []Method {
	return slices.Concat(contactMethods(), avatarMethods(), chatMethods(), editMethods(), addressBookMethods())
}

// Chat names a chat by its id, or a person by their number as older clients do.
type Chat struct {
	ChatID      string      `json:"chatId"`
	PhoneNumber phoneDigits `json:"phoneNumber"`
}

const (
	formatsOfChat   = "'chatId' must be one of the next formats: 'phone_number@c.us' or 'group_id@g.us'"
	formatsOfPerson = "'chatId' must be one of the next formats: 'phone_number@c.us' or 'chat_id@lid'"
)

// jid resolves the chat; formats is the complaint about a malformed one.
func (c Chat) jid(formats string) (types.JID, error) {
	if c.ChatID == "" && c.PhoneNumber != "" {
		return types.NewJID(string(c.PhoneNumber), types.DefaultUserServer), nil
	}
	if c.ChatID == "" {
		return types.JID{}, invalid("'chatId' is required")
	}
	jid, ok := instance.ParseChatID(c.ChatID)
	if !ok || formats == formatsOfPerson && jid.Server == types.GroupServer {
		return types.JID{}, invalid("%s", formats)
	}
	return jid, nil
}

// Recipient is the chat that a request is about, of whichever kind. It is checked before what stands behind it.
type Recipient struct{ Chat }

func (r *Recipient) check(values map[string]json.RawMessage) error {
	if string(values["chatId"]) == `""` && r.PhoneNumber == "" {
		return invalid("'chatId' is not allowed to be empty")
	}
	_, err := r.jid(formatsOfAnybody)
	return err
}
