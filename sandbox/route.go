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

// router is a network's whole table of what it understands; anything else is counted as unknown. It is filled once, in New.
type router struct {
	iqs        map[iqRoute]iqHandler
	stanzas    map[string]stanzaHandler
	pairingIQs map[iqRoute]iqHandler // before login
	onLinked   []func(d *device)     // a companion has just been paired; it is not connected yet
	onActive   []func(s *session)    // a session has become active, before its stored stanzas are sent
	onUnlinked []func(d *device)     // a companion has just been removed
}

// addRoutes fills the table. Each subject's file adds its own rows: w.router.iqs[iqRoute{...}] = w.handlePicture, and so on.
func (w *World) addRoutes() {
	w.router = router{
		iqs:        make(map[iqRoute]iqHandler),
		stanzas:    make(map[string]stanzaHandler),
		pairingIQs: make(map[iqRoute]iqHandler),
	}
	w.addLoginRoutes()
	w.addPresenceRoutes()
	w.addPictureRoutes()
	w.addMediaRoutes()
	w.addUsyncRoutes()
	w.addPrivacyRoutes()
	w.addBlocklistRoutes()
	w.addAboutRoutes()
	w.addBusinessRoutes()
	w.addContactCodeRoutes()
	w.addGroupRoutes()
	w.addMexRoutes()
	w.addServiceRoutes()
	w.addPairCodeRoutes()
	w.addPreKeyRoutes()
	w.addMessageRoutes()
	w.addAppStateRoutes()
	w.addDeviceListHooks()
	w.addHistoryRoutes()
}

// find returns the handler of an IQ, by its first child or for any child.
func find(table map[iqRoute]iqHandler, iq *waBinary.Node) iqHandler {
	route := iqRoute{xmlns: attr(iq, "xmlns"), typ: attr(iq, "type")}
	if children := iq.GetChildren(); len(children) > 0 {
		route.child = children[0].Tag
	}
	if h := table[route]; h != nil {
		return h
	}
	route.child = ""
	return table[route]
}

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
	errInternal      = &iqError{500, "internal-server-error"}
	errUnknownIQ     = &iqError{501, "feature-not-implemented"}
)

// textOfCode has the texts that WhatsApp puts beside its codes.
var textOfCode = map[int]string{
	400: "bad-request",
	401: "not-authorized",
	403: "forbidden",
	404: "item-not-found",
	405: "not-allowed",
	406: "not-acceptable",
	410: "gone",
	419: "resource-limit",
	423: "locked",
	429: "rate-overlimit",
	500: "internal-server-error",
	503: "service-unavailable",
}
