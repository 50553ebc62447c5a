package handlers

import (
	"context"
	"net/http"
	"time"

	"greengate/instance"
)

func contactMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "checkWhatsapp", Verb: http.MethodPost, Rate: 10,
			Summary: "Tell whether a number has WhatsApp",
			Example: `{"phoneNumber":{{phoneNumber}}}`,
			Answer: `{"existsWhatsapp":true,"chatId":"100000000000001@lid","username":"","phoneNumber":"15550002222@c.us",` +
				`"fromCache":false}`,
		}, checkWhatsapp),
		forInstance(Method{
			Name: "getContacts", Verb: http.MethodGet, Rate: 1,
			Summary: "List the people whom the account knows by name, and its groups",
			Answer:  `[{"id":"15550002222@c.us","name":"Bob","contactName":"Bob from work","type":"user"}]`,
		}, getContacts),
		forInstance(Method{
			Name: "getContactInfo", Verb: http.MethodPost, alsoVerb: http.MethodGet, Rate: 1,
			Works:   "yes, without lastSeen and products",
			Summary: "Get what is known of a person",
			Example: `{"chatId":"{{chatId}}"}`,
		}, getContactInfo),
	}
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
	return CheckWhatsappResponse{ExistsWhatsapp: check.Exists, ChatID: check.LID, PhoneNumber: check.Phone}, lookUpLimit(err)
}

const statusLookUpLimit = 469 // GREEN-API's own

// lookUpLimit words WhatsApp's limit of look-ups as GREEN-API does.
func lookUpLimit(err error) error {
	if err != nil && instance.AsError(err).Kind == instance.KindRateOverLimit {
		return reply{statusLookUpLimit, true, "User get contact info limit reached"}
	}
	return err
}

// GetContactsRequest narrows the list down: group true for groups only, false for people only; count is the most that is listed.
type GetContactsRequest struct {
	Group *bool `json:"group"`
	Count *int  `json:"count"`
}

func (r *GetContactsRequest) validate() error { return countsUp(r.Count) }

// countsUp refuses a count that lists nothing.
func countsUp(count *int) error {
	if count != nil && *count < 1 {
		return invalid("'count' must be larger than or equal to 1")
	}
	return nil
}

// first cuts a list to a count, nil for all of it.
func first[T any](list []T, count *int) []T {
	if count != nil && *count < len(list) {
		return list[:*count]
	}
	return list
}

const (
	typeUser  = "user"
	typeGroup = "group"
)

// ListedContact is a person (type user), with the name they gave themselves and the one in the phone book, or a group with its subject.
type ListedContact struct {
	ID          instance.ChatID `json:"id"`
	Name        string          `json:"name"`
	ContactName string          `json:"contactName"`
	Type        string          `json:"type"`
}

func getContacts(ctx context.Context, i *instance.Instance, r GetContactsRequest) ([]ListedContact, error) {
	list := []ListedContact{}
	if r.Group == nil || !*r.Group {
		people, err := i.People(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			list = append(list, ListedContact{p.ID, p.Name, p.ContactName, typeUser})
		}
	}
	if r.Group == nil || *r.Group {
		groups, err := i.Groups(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			list = append(list, ListedContact{instance.ChatIDOf(g.JID), g.Name, "", typeGroup})
		}
	}
	return first(list, r.Count), nil
}

// GetContactInfoResponse is a person as GREEN-API describes one. LastSeen and Products are not told to linked devices on request and stay
// empty. Times are in seconds; the two of them that Java clients read in another spelling come in both.
type GetContactInfoResponse struct {
	Avatar            string   `json:"avatar"`
	Base64Avatar      string   `json:"base64Avatar"`
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
	MessageExpiration int64    `json:"messageExpiration"`
	MuteExpiration    *int64   `json:"muteExpiration"`

	LowerMessageExpiration int64  `json:"messageexpiration"`
	LowerMuteExpiration    *int64 `json:"muteexpiration"`
}

func getContactInfo(ctx context.Context, i *instance.Instance, chat Chat) (GetContactInfoResponse, error) {
	jid, err := chat.jid(formatsOfPerson)
	if err != nil {
		return GetContactInfoResponse{}, err
	}
	contact, err := i.Contact(ctx, jid)
	response := GetContactInfoResponse{
		Avatar: contact.Avatar.URL, Base64Avatar: contact.Avatar.Base64, Name: contact.ProfileName, ContactName: contact.ContactName, Email: contact.Email,
		Category: contact.Category, Description: contact.About, Products: []string{}, ChatID: string(instance.ChatIDOf(jid)),
		IsArchive: contact.Archived, IsMute: contact.MutedUntil.After(time.Now()), IsBusiness: contact.Business,
		IsDisappearing: contact.Expiration > 0, MessageExpiration: contact.Expiration, LowerMessageExpiration: contact.Expiration,
	}
	if response.IsMute {
		until := contact.MutedUntil.Unix()
		response.MuteExpiration, response.LowerMuteExpiration = &until, &until
	}
	return response, lookUpLimit(err)
}
