package instance

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const (
	contactWithin   = 10 * time.Second
	pictureHost     = "https://pps.whatsapp.net"
	maxPreviewBytes = 1 << 20
)

// Avatar is somebody's picture as far as the account may see it.
type Avatar struct {
	URL    string // empty when there is none to see
	Base64 string // of the small preview, empty when it could not be fetched
	Hidden bool   // privacy hides it
}

// Avatar looks up the picture of a person or a group. No picture, a hidden one and a number without WhatsApp are answers, not
// errors.
func (i *Instance) Avatar(ctx context.Context, jid types.JID) (Avatar, error) {
	picture, err := i.Picture(ctx, jid, PictureQuery{})
	if err == nil {
		return Avatar{URL: picture.URL}, nil
	}
	switch AsError(err).Kind {
	case KindNotFound:
		return Avatar{}, nil
	case KindForbidden:
		return Avatar{Hidden: true}, nil
	default:
		return Avatar{}, err
	}
}

// OwnAvatar looks up the account's own small picture with its bytes; it is empty while none is set or WhatsApp does not answer.
func (i *Instance) OwnAvatar(ctx context.Context) Avatar {
	picture, err := i.Picture(ctx, i.self(), PictureQuery{Preview: true})
	if err != nil {
		return Avatar{}
	}
	data, err := i.download(ctx, picture.DirectPath)
	if err != nil {
		i.log.Warn("preview not fetched", "error", err)
	}
	return Avatar{URL: picture.URL, Base64: base64.StdEncoding.EncodeToString(data)}
}

// download fetches a small picture from WhatsApp's picture host.
func (i *Instance) download(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, contactWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, pictureHost+path, nil)
	if err != nil {
		return nil, err
	}
	client := i.network.httpClient(&i.lastRead)
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("picture host: %s", response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxPreviewBytes))
}

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
	MutedUntil  time.Time // zero when not muted
}

// Contact gathers what WhatsApp and the phone book say of a person.
func (i *Instance) Contact(ctx context.Context, jid types.JID) (Contact, error) {
	avatar, err := i.Avatar(ctx, jid)
	if err != nil {
		return Contact{}, err
	}
	contact, err := ask(ctx, i, contactWithin, func(ctx context.Context, client *whatsmeow.Client) (Contact, error) {
		return lookUp(ctx, client, jid)
	})
	contact.Avatar = avatar
	return contact, err
}

func lookUp(ctx context.Context, client *whatsmeow.Client, jid types.JID) (Contact, error) {
	var contact Contact
	known, err := client.Store.Contacts.GetContact(ctx, jid)
	if err != nil {
		return contact, err
	}
	contact.ProfileName, contact.ContactName = known.PushName, known.FullName
	chat, err := client.Store.ChatSettings.GetChatSettings(ctx, jid)
	if err != nil {
		return contact, err
	}
	contact.Archived, contact.MutedUntil = chat.Archived, chat.MutedUntil
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
