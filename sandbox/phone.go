package sandbox

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

var errNoPhone = errors.New("no phone has this number")

// Phone is the primary device of an account, as a person holds it: it scans codes, sends, reads and unlinks.
type Phone struct {
	w        *World
	account  *account
	identity *keys.KeyPair
	signal   *store.Device
	mailbox  mailbox
	settings settings

	lastDevice      uint16     // the highest number given to a companion
	waiting         []*pairing // clients that show a code for this phone
	passkeyRequired bool
	inUse           bool // WhatsApp is open on the phone
}

// AddPhone registers an account for an international number ("+" and separators are ignored, 7 to 15 digits remain) and
// returns its phone. name is the push name others see. A number can be registered once.
func (w *World) AddPhone(number, name string) (*Phone, error) {
	digits := onlyDigits(number)
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return nil, errors.New("a phone number has 7 to 15 digits and does not begin with 0")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, errClosed
	}
	if w.accounts[digits] != nil {
		return nil, fmt.Errorf("a phone with the number ending in %s exists already", digits[len(digits)-4:])
	}
	a := &account{
		pn:       types.NewJID(digits, types.DefaultUserServer),
		lid:      types.NewJID(w.newLID(digits), types.HiddenUserServer),
		pushName: name,
		privacy:  make(map[string]string),
		trusted:  make(map[types.JID]bool),
		blocked:  make(map[types.JID]bool),
		devices:  make(map[uint16]*device),
		patches:  make(map[appstate.WAPatchName][][]byte),
	}
	identity := keys.NewKeyPair()
	a.phone = &Phone{w: w, account: a, identity: identity, signal: newSignalDevice(identity, a.lid), mailbox: newMailbox()}
	w.accounts[digits], w.byLID[a.lid.User] = a, a
	if err := a.phone.startSettings(); err != nil {
		return nil, err
	}
	return a.phone, nil
}

// Phone finds a phone by its number; nil if there is none.
func (w *World) Phone(number string) *Phone {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := w.accounts[onlyDigits(number)]; a != nil {
		return a.phone
	}
	return nil
}

// Number is the phone's number, digits only.
func (p *Phone) Number() string { return p.account.pn.User }

// JID is the account's address by phone number.
func (p *Phone) JID() types.JID { return p.account.pn }

// LID is the account's address by hidden identity.
func (p *Phone) LID() types.JID { return p.account.lid }

// newLID gives a number the same LID in every world, 15 digits that tell nothing of it.
func (w *World) newLID(digits string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(digits))
	for n := h.Sum64() % 9e14; ; n++ {
		if lid := strconv.FormatUint(1e14+n%9e14, 10); w.byLID[lid] == nil {
			return lid
		}
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
