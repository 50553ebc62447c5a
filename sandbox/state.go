package sandbox

import (
	"time"

	"go.mau.fi/whatsmeow/appstate"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// account is one WhatsApp user: a phone number, its LID, and everything the network keeps for it.
type account struct {
	phone         *Phone
	pn, lid       types.JID // device 0
	pushName      string
	about         string
	aboutSet      time.Time
	avatar        avatar
	business      *Business // nil: a private person
	privacy       map[string]string
	statusPrivacy statusPrivacy
	hidden        bool               // others get to see the LID only
	trusted       map[types.JID]bool // by LID: who holds a token of trust
	blocked       map[types.JID]bool // by LID
	disappearing  time.Duration      // timer of new chats, 0: off
	contactCode   string             // of the account's wa.me/qr link, "": never asked for
	devices       map[uint16]*device // companions, never 0
	banned        bool
	patches       map[appstate.WAPatchName][][]byte // app state; the first of a collection is its version 1

	lastSeen time.Time // when the account was last online; zero: never
	banCode  int       // of a ban that ends
	banUntil time.Time // zero: for good
}

// device is one linked companion of an account.
type device struct {
	account  *account
	id       uint16
	jid, lid types.JID // with the device number
	noiseKey [32]byte
	identity [32]byte
	keys     keyBundle
	platform string
	linkedAt time.Time
	past     int      // how much of the phone's log is from before it was linked
	welcomed bool     // has been sent the app state keys
	session  *session // nil while offline
	pending  []*pendingStanza
}

// pendingStanza was sent to a device and is delivered again at its next login unless the device has confirmed it.
type pendingStanza struct {
	id    string
	class string // message, notification, receipt, call
	node  waBinary.Node
}

// keyBundle is what a device has uploaded for others to open Signal sessions with it.
type keyBundle struct {
	registrationID uint32
	signedPreKey   preKey
	oneTime        []preKey
	uploaded       bool // at least once since it was linked
}

// preKey is a public Signal prekey; signature is set on signed ones only.
type preKey struct {
	id        uint32
	public    [32]byte
	signature [64]byte
}
