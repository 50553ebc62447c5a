package instance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mau.fi/whatsmeow"
)

// codeHeld is how WhatsApp refuses an account that may not write to new people for some time.
const codeHeld = 463

var errNoAccount = &Error{Kind: KindNotFound, Detail: "the number is not on WhatsApp"}

// verdict is what becomes of something that could not be sent.
type verdict struct {
	status      MessageStatus // empty: it is worth another try
	description string
	patient     bool // any number of tries: it is not the message's fault
	held        bool // not now, but other chats can be written to
}

func verdictOn(err error, chat ChatID) verdict {
	code := refusalCode(err)
	switch {
	case errors.Is(err, context.Canceled): // the end of the process, or a failure of our own database
		return verdict{patient: true}
	case errors.Is(err, errNoAccount), code == 404 && !isGroup(chat):
		return verdict{status: StatusNoAccount}
	case isGroup(chat) && (code == 401 || code == 403 || code == 404):
		return verdict{status: StatusNotInGroup}
	case code == codeHeld:
		return verdict{held: true}
	case code == 429:
		return verdict{patient: true}
	case code >= 500:
		return verdict{description: fmt.Sprintf("WhatsApp could not take the message (%d)", code)}
	case code != 0:
		return verdict{status: StatusFailed, description: fmt.Sprintf("WhatsApp refuses the message (%d)", code)}
	}
	switch known := AsError(err); known.Kind {
	case KindStarting, KindTimeout, KindNotAuthorized, KindBusy, KindSuspended, KindRateOverLimit:
		return verdict{patient: true}
	case KindInternal:
		return verdict{description: "not possible to send"}
	default:
		return verdict{status: StatusFailed, description: known.Detail}
	}
}

// refusalCode is the code with which WhatsApp refused a message or a query for it, 0 for none.
func refusalCode(err error) int {
	var iq *whatsmeow.IQError
	if errors.As(err, &iq) {
		return iq.Code
	}
	if !errors.Is(err, whatsmeow.ErrServerReturnedError) {
		return 0
	}
	var code int
	if _, after, ok := strings.Cut(err.Error(), whatsmeow.ErrServerReturnedError.Error()); ok {
		_, _ = fmt.Sscan(after, &code) // 0 where there is none
	}
	return code
}
