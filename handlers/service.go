package handlers

import (
	"context"
	"encoding/json"
	"net/http"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

func serviceMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "checkWhatsapp", Verb: http.MethodPost, Rate: 10,
			Summary: "Tell whether a number has WhatsApp",
			Example: `{"phoneNumber":{{phoneNumber}}}`,
			Answer: `{"existsWhatsapp":true,"chatId":"100000000000001@lid","username":"","phoneNumber":"15550002222@c.us",` +
				`"fromCache":false}`,
		}, checkWhatsapp),
		forInstance(Method{
			Name: "getAvatar", Verb: http.MethodPost, Rate: 10,
			Summary: "Get the picture of a person or a group",
			Example: `{"chatId":"{{chatId}}"}`,
			Answer:  `{"urlAvatar":"https://pps.whatsapp.net/v/t61.24694-24/picture.jpg","available":true,"existsWhatsapp":true}`,
		}, getAvatar),
		forInstance(Method{
			Name: "getContactInfo", Verb: http.MethodPost, alsoVerb: http.MethodGet, Rate: 1,
			Works: "yes, without lastSeen, messageExpiration and products",
			Summary: "Get what is known of a person",
			Example: `{"chatId":"{{chatId}}"}`,
		}, getContactInfo),
	}
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

// CheckWhatsappResponse has empty ids when the number has no WhatsApp. FromCache is always false: every answer is WhatsApp's.
type CheckWhatsappResponse struct {
	ExistsWhatsapp bool            `json:"existsWhatsapp"`
	ChatID         instance.ChatID `json:"chatId"`
	Username       string          `json:"username"`
	PhoneNumber    instance.ChatID `json:"phoneNumber"`
	FromCache      bool            `json:"fromCache"`
}

func checkWhatsapp(ctx context.Context, i *instance.Instance, chat Chat) (CheckWhatsappResponse, error) {
	if chat.ChatID == "" && chat.PhoneNumber == "" {
		return CheckWhatsappResponse{}, invalid("'value' must have at least 1 key")
	}
	jid, err := chat.jid(formatsOfPerson)
	if err != nil {
		return CheckWhatsappResponse{}, err
	}
	check, err := i.CheckWhatsApp(ctx, jid)
	if err != nil && instance.AsError(err).Kind == instance.KindTimeout {
		err = reply{http.StatusBadRequest, true, "check phone number timeout limit exceeded"}
	}
	return CheckWhatsappResponse{ExistsWhatsapp: check.Exists, ChatID: check.LID, PhoneNumber: check.Phone}, err
}

// GetAvatarResponse has an empty URL when there is no picture, and available false when privacy hides it. ExistsWhatsapp is
// for clients of the older generations, and is there when it is known to be true (docs/api/service/GetAvatar).
type GetAvatarResponse struct {
	URLAvatar      string `json:"urlAvatar"`
	Available      bool   `json:"available"`
	ExistsWhatsapp bool   `json:"existsWhatsapp,omitempty"`
}

func getAvatar(ctx context.Context, i *instance.Instance, chat Chat) (GetAvatarResponse, error) {
	jid, err := chat.jid(formatsOfChat)
	if err != nil {
		return GetAvatarResponse{}, err
	}
	avatar, err := i.Avatar(ctx, jid)
	return GetAvatarResponse{avatar.URL, !avatar.Hidden, avatar.URL != "" || avatar.Hidden}, err
}

// GetContactInfoResponse is a person as GREEN-API describes one. LastSeen, MessageExpiration and Products are not told to linked
// devices on request and stay empty.
type GetContactInfoResponse struct {
	Avatar            string   `json:"avatar"`
	Name              string   `json:"name"`
	ContactName       string   `json:"contactName"`
	Email             string   `json:"email"`
	Category          string   `json:"category"`
	Description       string   `json:"description"`
	Products          []string `json:"products"`
	ChatID            string   `json:"chatId"`
	LastSeen          *int64   `json:"lastSeen"`
	IsArchive         bool     `json:"isArchive"`
	IsDisappearing    bool     `json:"isDisappearing"`
	IsMute            bool     `json:"isMute"`
	IsBusiness        bool     `json:"isBusiness"`
	MessageExpiration int      `json:"messageExpiration"`
	MuteExpiration    *int64   `json:"muteExpiration"`
}

func getContactInfo(ctx context.Context, i *instance.Instance, chat Chat) (GetContactInfoResponse, error) {
	jid, err := chat.jid(formatsOfPerson)
	if err != nil {
		return GetContactInfoResponse{}, err
	}
	contact, err := i.Contact(ctx, jid)
	response := GetContactInfoResponse{
		Avatar: contact.Avatar.URL, Name: contact.ProfileName, ContactName: contact.ContactName, Email: contact.Email,
		Category: contact.Category, Description: contact.About, Products: []string{}, ChatID: string(instance.ChatIDOf(jid)),
		IsArchive: contact.Archived, IsMute: !contact.MutedUntil.IsZero(), IsBusiness: contact.Business,
	}
	if response.IsMute {
		until := contact.MutedUntil.Unix()
		response.MuteExpiration = &until
	}
	return response, err
}
