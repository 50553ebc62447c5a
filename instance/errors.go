package instance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
)

// Kind says what went wrong in terms of the core. Each dialect has one table from Kind to its status and body.
type Kind int

// The kinds of failure. Detail and RetryAfter of an Error belong to the ones that say so.
const (
	KindInternal          Kind = iota // our fault; Detail is empty
	KindInvalid                       // the caller's input; Detail says what
	KindUnknownInstance               // no such instance
	KindDeleted                       // the instance was deleted
	KindNotAuthorized                 // no account is linked; Detail is the state's reason
	KindStarting                      // linked, but not connected yet or any more; Detail is the state's reason
	KindSuspended                     // WhatsApp has suspended or banned the account; Detail is the state's reason
	KindAlreadyAuthorized             // pairing asked for while an account is linked
	KindPasskeyRequired               // WhatsApp wants a passkey for this pairing; Detail explains
	KindFileEmpty                     // no file, or one of no bytes
	KindUnsupportedMedia              // not an image we take; Detail says why
	KindTooLarge                      // beyond a limit; Detail names it
	KindBusy                          // no memory for another picture now; RetryAfter
	KindRateOverLimit                 // our limit or WhatsApp's; RetryAfter when known
	KindNotAcceptable                 // WhatsApp refuses the content
	KindForbidden                     // WhatsApp refuses the account this action
	KindNotFound                      // WhatsApp knows no such thing
	KindTimeout                       // WhatsApp did not answer in time
	KindRefused                       // WhatsApp answered with another error; Detail is its text
)

// Error is the only error type that leaves the core's methods. Detail is for the caller and carries no secrets, Err for the log.
type Error struct {
	Kind       Kind
	Detail     string
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Detail, e.Err)
	}
	return e.Detail
}

func (e *Error) Unwrap() error { return e.Err }

// AsError returns err as *Error; any other error becomes KindInternal.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: KindInternal, Err: err}
}

func fail(kind Kind, detail string) *Error { return &Error{Kind: kind, Detail: detail} }

// whatsAppKinds maps what whatsmeow returns to our kinds; the first match wins.
var whatsAppKinds = []struct {
	err  error
	kind Kind
}{
	{context.DeadlineExceeded, KindTimeout},
	{whatsmeow.ErrIQTimedOut, KindTimeout},
	{whatsmeow.ErrIQRateOverLimit, KindRateOverLimit},
	{whatsmeow.ErrIQNotAcceptable, KindNotAcceptable},
	{whatsmeow.ErrIQNotAuthorized, KindForbidden},
	{whatsmeow.ErrIQForbidden, KindForbidden},
	{whatsmeow.ErrIQNotFound, KindNotFound},
	{whatsmeow.ErrNotConnected, KindStarting},
	{whatsmeow.ErrIQDisconnected, KindStarting},
	{whatsmeow.ErrNotLoggedIn, KindNotAuthorized},
}

// fromWhatsApp turns an error of a whatsmeow call into ours.
func fromWhatsApp(err error) error {
	if err == nil {
		return nil
	}
	for _, row := range whatsAppKinds {
		if errors.Is(err, row.err) {
			return &Error{Kind: row.kind, Detail: row.err.Error(), Err: err}
		}
	}
	var disconnected *whatsmeow.DisconnectedError
	if errors.As(err, &disconnected) {
		return &Error{Kind: KindStarting, Detail: "the connection was lost", Err: err}
	}
	var iq *whatsmeow.IQError
	if errors.As(err, &iq) {
		return &Error{Kind: KindRefused, Detail: fmt.Sprintf("%d %s", iq.Code, iq.Text), Err: err}
	}
	return &Error{Kind: KindInternal, Err: err}
}
