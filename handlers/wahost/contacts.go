package wahost

import (
	"context"
	"net/http"

	"go.mau.fi/whatsmeow/types"

	"greengate/handlers/document"
	"greengate/instance"
)

func contactRoutes() []Route {
	return []Route{
		route(Read, document.Row{
			Name: "getContactPicture", Verb: http.MethodGet, Path: contactPath + "/picture",
			Summary: "Get the picture of a person, a group or a channel",
			Answer:  `{"id":"1767225600","url":"https://pps.whatsapp.net/v/t61.24694-24/picture.jpg"}`,
		}, getContactPicture),
		route(Read, document.Row{
			Name: "getContactAbout", Verb: http.MethodGet, Path: contactPath + "/about",
			Summary: "Get the text that a person wrote about themselves",
			Answer:  `{"about":"Gardening"}`,
		}, getContactAbout),
		route(Send, document.Row{
			Name: "blockContact", Verb: http.MethodPost, Path: contactPath + "/block",
			Summary: "Block a person",
		}, blockContact),
		route(Send, document.Row{
			Name: "unblockContact", Verb: http.MethodPost, Path: contactPath + "/unblock",
			Summary: "Unblock a person",
		}, unblockContact),
		route(Read, document.Row{
			Name: "checkContact", Verb: http.MethodGet, Path: sessionPath + "/contacts/check",
			Summary: "Tell whether a number has WhatsApp",
			Query:   "phone={{phone}}", Answer: `{"isOnWhatsApp":true,"jid":"15550002222@s.whatsapp.net","query":"15550002222"}`,
		}, checkContact),
		route(Read, document.Row{
			Name: "getContact", Verb: http.MethodGet, Path: contactPath,
			Summary: "Get what is stored of a person, by LID; needs no connection",
			Answer: `{"identity":{"lid":"100000000000002@lid","phoneJid":"15550002222@s.whatsapp.net","phoneNumber":"15550002222",` +
				`"name":"Bob","businessName":null,"firstSeenAt":null,"updatedAt":null},"groups":[]}`,
		}, getContact),
	}
}

// person refuses addresses of groups and channels.
func (c call) person() (types.JID, error) {
	if c.jid.Server != types.DefaultUserServer && c.jid.Server != types.HiddenUserServer {
		return types.JID{}, invalid("jid must be that of a person")
	}
	return c.jid, nil
}

// Picture is a picture as WhatsApp serves it; the URL ends after some time.
type Picture struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

func getContactPicture(ctx context.Context, c call, _ none) (Picture, error) {
	picture, err := c.session.Picture(ctx, c.jid, instance.PictureQuery{})
	return Picture{picture.ID, picture.URL}, err
}

// About is empty when a person wrote nothing or shows it to others only.
type About struct {
	About string `json:"about"`
}

func getContactAbout(ctx context.Context, c call, _ none) (About, error) {
	jid, err := c.person()
	if err != nil {
		return About{}, err
	}
	profile, err := c.session.Profile(ctx, jid)
	return About{profile.Status}, err
}

func blockContact(ctx context.Context, c call, _ none) (none, error) {
	jid, err := c.person()
	if err == nil {
		_, err = c.session.Block(ctx, jid)
	}
	return none{}, err
}

func unblockContact(ctx context.Context, c call, _ none) (none, error) {
	jid, err := c.person()
	if err == nil {
		_, err = c.session.Unblock(ctx, jid)
	}
	return none{}, err
}

// CheckRequest carries a number as people write it.
type CheckRequest struct {
	Phone string `query:"phone" check:"required"`
}

// Check repeats the number that was asked about; the JID is null when it has no WhatsApp.
type Check struct {
	IsOnWhatsApp bool    `json:"isOnWhatsApp"`
	JID          *string `json:"jid"`
	Query        string  `json:"query"`
}

func checkContact(ctx context.Context, c call, request CheckRequest) (Check, error) {
	phone, err := parsePhone(request.Phone)
	if err != nil {
		return Check{}, err
	}
	check, err := c.session.CheckWhatsApp(ctx, types.NewJID(phone, types.DefaultUserServer))
	return Check{check.Exists, waJID(check.Phone), request.Phone}, err
}

// Contact is what is stored of a person. Groups is always empty: memberships are not stored.
type Contact struct {
	Identity Identity `json:"identity"`
	Groups   []string `json:"groups"`
}

// Identity is null where nothing is known, and the two times always are: they are not stored.
type Identity struct {
	LID          string  `json:"lid"`
	PhoneJID     *string `json:"phoneJid"`
	PhoneNumber  *string `json:"phoneNumber"`
	Name         *string `json:"name"`
	BusinessName *string `json:"businessName"`
	FirstSeenAt  *int64  `json:"firstSeenAt"`
	UpdatedAt    *int64  `json:"updatedAt"`
}

func getContact(ctx context.Context, c call, _ none) (Contact, error) {
	if c.jid.Server != types.HiddenUserServer {
		return Contact{}, invalid("stored contacts are addressed by LID: <id>@lid")
	}
	known, err := c.session.StoredContact(ctx, c.jid)
	if err != nil {
		return Contact{}, err
	}
	return Contact{Groups: []string{}, Identity: Identity{
		LID: c.jid.String(), PhoneJID: waJID(instance.ChatIDOf(known.Number)), PhoneNumber: orNull(known.Number.User),
		Name: orNull(known.Name), BusinessName: orNull(known.BusinessName),
	}}, nil
}
