package instance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
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
	KindBusy                          // not possible just now; Detail says why, RetryAfter
	KindRateOverLimit                 // our limit or WhatsApp's; RetryAfter when known
	KindNotAcceptable                 // WhatsApp refuses the content
	KindForbidden                     // WhatsApp refuses the account this action
	KindNotFound                      // WhatsApp knows no such thing
	KindTimeout                       // WhatsApp did not answer in time
	KindUnchanged                     // the caller's copy of a picture is still the present one
	KindPushed                        // notifications go to webhookUrl, so they cannot be asked for
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

// kindOfCode maps the error codes of WhatsApp's answers. The texts beside them vary and are not looked at.
var kindOfCode = map[int]Kind{
	401: KindForbidden,
	403: KindForbidden,
	404: KindNotFound,
	406: KindNotAcceptable,
	429: KindRateOverLimit,
}

// fromWhatsApp turns an error of a whatsmeow call into ours.
func fromWhatsApp(err error) error {
	var own *Error
	var iq *whatsmeow.IQError
	var graph types.GraphQLError
	var disconnected *whatsmeow.DisconnectedError
	switch {
	case err == nil, errors.As(err, &own):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, whatsmeow.ErrIQTimedOut), errors.Is(err, whatsmeow.ErrMessageTimedOut):
		return &Error{Kind: KindTimeout, Detail: "WhatsApp did not answer in time", Err: err}
	case errors.Is(err, whatsmeow.ErrNotConnected), errors.As(err, &disconnected):
		return &Error{Kind: KindStarting, Detail: "the connection to WhatsApp was lost", Err: err}
	case errors.Is(err, whatsmeow.ErrNotLoggedIn):
		return &Error{Kind: KindNotAuthorized, Err: err}
	case errors.Is(err, whatsmeow.ErrProfilePictureNotSet):
		return &Error{Kind: KindNotFound, Detail: "no picture", Err: err}
	case errors.As(err, &iq):
		return refused(iq.Code, iq.Text, err)
	case errors.As(err, &graph):
		return refused(graph.Extensions.ErrorCode, graph.Message, err)
	case errors.Is(err, whatsmeow.ErrServerReturnedError):
		return refused(refusalCode(err), "message refused", err)
	}
	return &Error{Kind: KindInternal, Err: err}
}

func refused(code int, text string, err error) error {
	kind, ok := kindOfCode[code]
	if !ok {
		kind = KindRefused
	}
	return &Error{Kind: kind, Detail: fmt.Sprintf("%d %s", code, text), Err: err}
}
