package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of faults.
const (
	FaultIQError          FaultKind = "iq_error"           // a query is refused with Code and Text
	FaultIQDelay          FaultKind = "iq_delay"           // a query is answered after Delay
	FaultIQDrop           FaultKind = "iq_drop"            // a query is never answered
	FaultIQDisconnect     FaultKind = "iq_disconnect"      // the line is cut at a query
	FaultMessageError     FaultKind = "message_error"      // a sent message is refused with Code
	FaultMessageDrop      FaultKind = "message_drop"       // a sent message gets no answer
	FaultMessageDelay     FaultKind = "message_delay"      // a sent message is taken after Delay
	FaultMessageCut       FaultKind = "message_disconnect" // the line is cut at a message
	FaultMediaError       FaultKind = "media_error"        // a media request is answered with the HTTP status Code
	FaultHandshakeClose   FaultKind = "handshake_close"    // the line is cut before the server's hello
	FaultHandshakeGarbage FaultKind = "handshake_garbage"  // the server's hello makes no sense
	FaultPairingDrop      FaultKind = "pairing_drop"       // a linked device is not told to reconnect
	FaultConnect          FaultKind = "connect_failure"    // a login is refused with Code (503) and Text
	FaultGarble           FaultKind = "garble"             // a message for a companion of the account arrives unreadable
)

var faultKinds = []FaultKind{
	FaultIQError, FaultIQDelay, FaultIQDrop, FaultIQDisconnect, FaultMessageError, FaultMessageDrop, FaultMessageDelay,
	FaultMessageCut, FaultMediaError, FaultHandshakeClose, FaultHandshakeGarbage, FaultPairingDrop, FaultConnect,
	FaultGarble,
}

// Fault is one thing that goes wrong on purpose, for the next Count times that it applies. A fault of the handshake applies
// to everyone, since nobody is known yet.
type Fault struct {
	Kind   FaultKind
	Number string // only the account with this number; empty: any
	// Match narrows down further by what is asked for: for queries namespace, type and first child, as in
	// "w:profile:picture set picture", for messages their type, as in "text", for media "upload" with a type, as in
	// "upload image", "download image" or "download picture". A first part of it, in whole words, is enough.
	Match string
	Count int // 0: once; negative: until ClearFaults
	Code  int // 0: what fits the kind
	Text  string
	Delay time.Duration
	After bool // a query or message takes effect, and only its answer suffers
}

// Inject adds a fault behind those that are there; of several that apply the first one is used.
func (w *World) Inject(f Fault) error {
	switch {
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("unknown kind of fault: %q", f.Kind)
	case f.Delay < 0:
		return errors.New("the delay of a fault is negative")
	case f.Count == 0:
		f.Count = 1
	}
	f.Number = onlyDigits(f.Number)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, &f)
	return nil
}

// Faults lists the faults that are still to come, with how often each still will.
func (w *World) Faults() []Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]Fault, len(w.faults))
	for i, f := range w.faults {
		list[i] = *f
	}
	return list
}

// ClearFaults takes back all faults that are still to come.
func (w *World) ClearFaults() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = nil
}

// fault uses up one count of the first fault that applies to an account (nil: not known) and to what is asked for, and whose kind is
// this or, if this ends in "_", begins with it; nil if there is none.
func (w *World) fault(kind FaultKind, a *account, key string) *Fault {
	for i, f := range w.faults {
		family := strings.HasSuffix(string(kind), "_") && strings.HasPrefix(string(f.Kind), string(kind))
		if f.Kind != kind && !family || f.Number != "" && (a == nil || a.pn.User != f.Number) || !strings.HasPrefix(key+" ", f.matchPrefix()) {
			continue
		}
		if f.Count > 0 {
			if f.Count--; f.Count == 0 {
				w.faults = slices.Delete(w.faults, i, i+1)
			}
		}
		return f
	}
	return nil
}

func (f *Fault) matchPrefix() string {
	if f.Match == "" {
		return ""
	}
	return f.Match + " "
}

func (f *Fault) code(otherwise int) int {
	if f.Code != 0 {
		return f.Code
	}
	return otherwise
}
