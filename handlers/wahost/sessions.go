package wahost

import (
	"context"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"greengate/instance"
)

func sessionRoutes() []Route {
	return []Route{
		route(Route{
			Name: "listSessions", Verb: http.MethodGet, Path: sessionsPath, Capability: Read,
			Summary: "List the sessions of the organisation",
			Answer:  "[" + exampleSession + "]",
		}, listSessions),
		route(Route{
			Name: "createSession", Verb: http.MethodPost, Path: sessionsPath, Capability: Manage, Status: http.StatusCreated,
			Summary: "Create a session, not yet linked to an account",
			Example: `{"label":"Shop"}`, Answer: exampleSession,
		}, createSession),
		route(Route{
			Name: "getSession", Verb: http.MethodGet, Path: sessionPath, Capability: Read,
			Summary: "Get a session",
			Answer:  exampleSession,
		}, getSession),
		route(Route{
			Name: "deleteSession", Verb: http.MethodDelete, Path: sessionPath, Capability: Manage,
			Summary: "Unlink a session's account and delete the session",
		}, deleteSession),
		route(Route{
			Name: "startSession", Verb: http.MethodPost, Path: sessionPath + ":start", Capability: Manage,
			Summary: "Connect a stopped session again",
			Answer:  exampleSession,
		}, startSession),
		route(Route{
			Name: "stopSession", Verb: http.MethodPost, Path: sessionPath + ":stop", Capability: Manage,
			Summary: "Disconnect a session and keep its account linked",
			Answer:  exampleSession,
		}, stopSession),
		route(Route{
			Name: "logoutSession", Verb: http.MethodPost, Path: sessionPath + ":logout", Capability: Manage,
			Summary: "Unlink a session's account and keep the session",
			Answer:  exampleSession,
		}, logoutSession),
		route(Route{
			Name: "getSessionQr", Verb: http.MethodGet, Path: sessionPath + "/qr", Capability: Manage,
			Summary: "Start pairing and get the QR code; 404 until there is one",
			Answer:  `{"code":"https://wa.me/settings/linked_devices#2@...","expiresAt":1767225660000}`,
		}, getQR),
		route(Route{
			Name: "createPairingCode", Verb: http.MethodPost, Path: sessionPath + "/pairing-code", Capability: Manage,
			Summary: "Start pairing and get the code to type on the phone",
			Example: `{"phoneNumber":"{{phone}}"}`, Answer: `{"code":"ABCD1234"}`,
		}, createPairingCode),
	}
}

const exampleSession = `{"id":"1101000001","label":"Shop","status":"connected","phoneNumber":"15550001111",` +
	`"waJid":"15550001111@s.whatsapp.net","waLid":"100000000000001@lid","organizationId":"acme","gatewayId":"greengate",` +
	`"createdByUserId":null,"isAdminSession":false,"autoRead":false,"presenceTyping":false,"ratePerMin":120,"ratePerHour":7200,` +
	`"createdAt":1767225600000,"updatedAt":1767225600000,"lastConnectedAt":1767225600000}`

// gatewayID is the one gateway there is.
const gatewayID = "greengate"

// Session is an instance as wahost shows it; times are Unix milliseconds. What is known of no account or connection is null, and so
// is createdByUserId, since users are not kept; isAdminSession is always false. The rates follow from the delay between messages.
type Session struct {
	ID              string  `json:"id"`
	Label           string  `json:"label"`
	Status          string  `json:"status"`
	PhoneNumber     *string `json:"phoneNumber"`
	WaJID           *string `json:"waJid"`
	WaLID           *string `json:"waLid"`
	OrganizationID  string  `json:"organizationId"`
	GatewayID       string  `json:"gatewayId"`
	CreatedByUserID *string `json:"createdByUserId"`
	IsAdminSession  bool    `json:"isAdminSession"`
	AutoRead        bool    `json:"autoRead"`
	PresenceTyping  bool    `json:"presenceTyping"`
	RatePerMin      int     `json:"ratePerMin"`
	RatePerHour     int     `json:"ratePerHour"`
	CreatedAt       int64   `json:"createdAt"`
	UpdatedAt       int64   `json:"updatedAt"`
	LastConnectedAt *int64  `json:"lastConnectedAt"`
}

// statuses are our words, since wahost's are not published.
var statuses = map[instance.State]string{
	instance.StateNotAuthorized: "logged_out",
	instance.StateStarting:      "connecting",
	instance.StateAuthorized:    "connected",
	instance.StateYellowCard:    "connected",
	instance.StateSleepMode:     "stopped",
	instance.StateBlocked:       "banned",
	instance.StateSuspended:     "banned",
}

func describe(ctx context.Context, i *instance.Instance) (Session, error) {
	account, settings := i.Account(), i.Settings()
	session := Session{
		ID: strconv.FormatInt(int64(i.ID), 10), Label: i.Name(), Status: statuses[i.Status().State],
		PhoneNumber: orNull(account.Phone), WaJID: waJID(account.ChatID), WaLID: waJID(account.LID), OrganizationID: i.Owner(), GatewayID: gatewayID,
		AutoRead: bool(settings.MarkIncomingMessagesReaded), PresenceTyping: settings.AutoTyping > 0,
		RatePerMin:  int(time.Minute.Milliseconds()) / settings.DelaySendMessagesMilliseconds,
		RatePerHour: int(time.Hour.Milliseconds()) / settings.DelaySendMessagesMilliseconds,
		CreatedAt:   i.CreatedAt().UnixMilli(), UpdatedAt: i.CreatedAt().UnixMilli(),
	}
	changes, err := i.LastChanges(ctx)
	for state, at := range changes {
		ms := at.UnixMilli()
		session.UpdatedAt = max(session.UpdatedAt, ms)
		if state == instance.StateAuthorized {
			session.LastConnectedAt = &ms
		}
	}
	return session, err
}

func listSessions(ctx context.Context, c call, _ none) ([]Session, error) {
	sessions := []Session{}
	for _, i := range c.manager.Owned(c.organization) {
		session, err := describe(ctx, i)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, session)
	}
	return sessions, nil
}

const maxLabel = 100 // characters

// CreateSessionRequest may leave the label out.
type CreateSessionRequest struct {
	Label string `json:"label"`
}

func createSession(ctx context.Context, c call, request CreateSessionRequest) (Session, error) {
	if utf8.RuneCountInString(request.Label) > maxLabel {
		return Session{}, invalid("label must have at most %d characters", maxLabel)
	}
	i, _, err := c.manager.Create(ctx, instance.New{Name: request.Label, Owner: c.organization})
	if err != nil {
		return Session{}, err
	}
	return describe(ctx, i)
}

func getSession(ctx context.Context, c call, _ none) (Session, error) {
	return describe(ctx, c.session)
}

func deleteSession(ctx context.Context, c call, _ none) (none, error) {
	if err := c.session.Logout(ctx); err != nil {
		return none{}, err
	}
	return none{}, c.manager.Delete(ctx, c.session.ID)
}

func startSession(ctx context.Context, c call, _ none) (Session, error) {
	if c.session.Status().State == instance.StateSleepMode {
		c.session.Reboot()
	}
	return describe(ctx, c.session)
}

func stopSession(ctx context.Context, c call, _ none) (Session, error) {
	c.session.Sleep()
	return describe(ctx, c.session)
}

func logoutSession(ctx context.Context, c call, _ none) (Session, error) {
	if err := c.session.Logout(ctx); err != nil {
		return Session{}, err
	}
	return describe(ctx, c.session)
}

// QR is what a phone scans; ExpiresAt is in Unix milliseconds.
type QR struct {
	Code      string `json:"code"`
	ExpiresAt int64  `json:"expiresAt"`
}

// getQR looks for a code with a context that has ended: that starts pairing and waits for nothing.
func getQR(ctx context.Context, c call, _ none) (QR, error) {
	ended, end := context.WithCancel(ctx)
	end()
	code, err := c.session.QR(ended)
	if err != nil && instance.AsError(err).Kind == instance.KindTimeout {
		return QR{}, reply{http.StatusNotFound, "not_found", "no code yet; ask again in a second"}
	}
	return QR{code.Text, code.ExpiresAt.UnixMilli()}, err
}

// PairingCodeRequest names the phone that will be linked, international.
type PairingCodeRequest struct {
	PhoneNumber string `json:"phoneNumber"`
}

// PairingCode is eight characters to type on the phone.
type PairingCode struct {
	Code string `json:"code"`
}

func createPairingCode(ctx context.Context, c call, request PairingCodeRequest) (PairingCode, error) {
	phone, err := parsePhone(request.PhoneNumber)
	if err != nil {
		return PairingCode{}, err
	}
	code, err := c.session.PairCode(ctx, phone)
	return PairingCode{code}, err
}
