package wahost

import (
	"context"
	"net/http"

	"greengate/handlers/document"
	"greengate/instance"
)

func connectionRoutes() []Route {
	return []Route{
		route(Manage, document.Row{
			Name: "stopSession", Verb: http.MethodPost, Path: sessionPath + ":stop",
			Summary: "Disconnect a session and keep its account linked",
			Answer:  exampleSession,
		}, stopSession),
		route(Manage, document.Row{
			Name: "startSession", Verb: http.MethodPost, Path: sessionPath + ":start",
			Summary: "Connect a stopped session again",
			Answer:  exampleSession,
		}, startSession),
		route(Manage, document.Row{
			Name: "logoutSession", Verb: http.MethodPost, Path: sessionPath + ":logout",
			Summary: "Unlink a session's account and keep the session",
			Answer:  exampleSession,
		}, logoutSession),
		route(Manage, document.Row{
			Name: "getSessionQr", Verb: http.MethodGet, Path: sessionPath + "/qr", Pending: http.StatusNotFound,
			Summary: "Start pairing and get the QR code; 404 until there is one",
			Answer:  `{"code":"https://wa.me/settings/linked_devices#2@...","expiresAt":1767225660000}`,
		}, getQR),
		route(Manage, document.Row{
			Name: "createPairingCode", Verb: http.MethodPost, Path: sessionPath + "/pairing-code",
			Summary: "Start pairing and get the code to type on the phone",
			Example: `{"phoneNumber":"{{phone}}"}`, Answer: `{"code":"ABCD1234"}`,
		}, createPairingCode),
		route(Manage, document.Row{
			Name: "deleteSession", Verb: http.MethodDelete, Path: sessionPath,
			Summary: "Unlink a session's account and delete the session",
		}, deleteSession),
	}
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

func deleteSession(ctx context.Context, c call, _ none) (none, error) {
	if err := c.session.Logout(ctx); err != nil {
		return none{}, err
	}
	return none{}, c.manager.Delete(ctx, c.session.ID)
}
