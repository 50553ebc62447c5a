package sandbox

import (
	"fmt"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// iqHandler answers one IQ of a logged-in session. What it returns becomes the content of the result; an *iqError becomes
// an error answer. It runs under World.mu.
type iqHandler func(s *session, iq *waBinary.Node) ([]waBinary.Node, error)

// stanzaHandler takes one stanza that is not an IQ: message, receipt, ack, presence, chatstate, call. It runs under World.mu.
type stanzaHandler func(s *session, node *waBinary.Node) error

// iqRoute names an IQ by namespace, type and the tag of its first child; an empty child stands for any.
type iqRoute struct{ xmlns, typ, child string }

// iqError is an error answer with WhatsApp's code and text, such as 429 rate-overlimit.
type iqError struct {
	code int
	text string
}

func (e *iqError) Error() string { return fmt.Sprintf("%d %s", e.code, e.text) }

var (
	errBadRequest    = &iqError{400, "bad-request"}
	errNotAuthorized = &iqError{401, "not-authorized"}
	errForbidden     = &iqError{403, "forbidden"}
	errItemNotFound  = &iqError{404, "item-not-found"}
	errNotAllowed    = &iqError{405, "not-allowed"}
	errNotAcceptable = &iqError{406, "not-acceptable"}
	errRateOverLimit = &iqError{429, "rate-overlimit"}
)

// iqRoutes and stanzaRoutes are the network's whole table of what it understands; anything else is counted as unknown.
// Each subject's file adds its rows in its own function: picturesRoutes, groupsRoutes, ...
var (
	iqRoutes     = map[iqRoute]iqHandler{}
	stanzaRoutes = map[string]stanzaHandler{}
)
