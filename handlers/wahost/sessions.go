package wahost

import (
	"context"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"greengate/handlers/document"
	"greengate/instance"
)

func sessionRoutes() []Route {
	return []Route{
		route(Read, document.Row{
			Name: "listSessions", Verb: http.MethodGet, Path: sessionsPath,
			Summary: "List the sessions of the organisation",
			Answer:  "[" + exampleSession + "]",
		}, listSessions),
		route(Manage, document.Row{
			Name: "createSession", Verb: http.MethodPost, Path: sessionsPath, Status: http.StatusCreated,
			Summary: "Create a session, not yet linked to an account",
			Example: `{"label":"Shop"}`, Answer: exampleSession,
		}, createSession),
		route(Read, document.Row{
			Name: "getSession", Verb: http.MethodGet, Path: sessionPath,
			Summary: "Get a session",
			Answer:  exampleSession,
		}, getSession),
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
		PhoneNumber: orNull(account.Phone), WaJID: waJID(account.ChatID), WaLID: waJID(account.LID),
		OrganizationID: i.Owner(), GatewayID: gatewayID,
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
