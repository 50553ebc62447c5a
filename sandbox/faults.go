package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of faults.
const (
	FaultIQError          FaultKind = "iq_error"          // a query is refused with Code and Text
	FaultIQDelay          FaultKind = "iq_delay"          // a query is answered after Delay
	FaultIQDrop           FaultKind = "iq_drop"           // a query is never answered
	FaultIQDisconnect     FaultKind = "iq_disconnect"     // the line is cut at a query
	FaultMessageError     FaultKind = "message_error"     // a sent message is refused with Code
	FaultMessageDrop      FaultKind = "message_drop"      // a sent message gets no answer
	FaultMessageDelay     FaultKind = "message_delay"     // a sent message is taken after Delay
	FaultMediaError       FaultKind = "media_error"       // a media request is answered with the HTTP status Code
	FaultHandshakeClose   FaultKind = "handshake_close"   // the line is cut before the server's hello
	FaultHandshakeGarbage FaultKind = "handshake_garbage" // the server's hello makes no sense
	FaultConnect          FaultKind = "connect_failure"   // a login is refused with Code (503) and Text
)

var faultKinds = []FaultKind{
	FaultIQError, FaultIQDelay, FaultIQDrop, FaultIQDisconnect, FaultMessageError, FaultMessageDrop, FaultMessageDelay,
	FaultMediaError, FaultHandshakeClose, FaultHandshakeGarbage, FaultConnect,
}

// Fault is one thing that goes wrong on purpose, for the next Count times that it applies. A fault of the handshake applies
// to everyone, since nobody is known yet.
type Fault struct {
	Kind   FaultKind
	Number string // only the account with this number; empty: any
	// Match narrows down further by what is asked for: for queries namespace, type and first child, as in
	// "w:profile:picture set picture", for media direction and type, as in "upload image"; a first part of it is enough.
	Match string
	Count int // 0: once; negative: until ClearFaults
	Code  int // 0: what fits the kind
	Text  string
	Delay time.Duration
	After bool // a faulty query takes effect, and only its answer suffers
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

// fault uses up one count of the first fault of a kind that applies to an account (nil: not known) and to what is asked for; nil if
// there is none.
func (w *World) fault(kind FaultKind, a *account, key string) *Fault {
	return w.takeFault(a, key, func(k FaultKind) bool { return k == kind })
}

func (w *World) takeFault(a *account, key string, kind func(FaultKind) bool) *Fault {
	for i, f := range w.faults {
		if !kind(f.Kind) || f.Number != "" && (a == nil || a.pn.User != f.Number) || !strings.HasPrefix(key+" ", f.matchPrefix()) {
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

// iqFault finds the fault of a query, if it has one.
func (s *session) iqFault(n *waBinary.Node) *Fault {
	if len(s.w.faults) == 0 {
		return nil
	}
	var a *account
	if s.device != nil {
		a = s.device.account
	}
	key := attr(n, "xmlns") + " " + attr(n, "type")
	if children := n.GetChildren(); len(children) > 0 {
		key += " " + children[0].Tag
	}
	return s.w.takeFault(a, key, func(kind FaultKind) bool { return strings.HasPrefix(string(kind), "iq_") })
}

// answerFaulty handles a query as its fault wants it.
func (s *session) answerFaulty(n *waBinary.Node, f *Fault) {
	answer := func() waBinary.Node { return s.answer(n) }
	if f.After {
		done := s.answer(n)
		answer = func() waBinary.Node { return done }
	}
	switch f.Kind {
	case FaultIQError:
		text := f.Text
		if text == "" {
			text = "fault-" + strconv.Itoa(f.code(500))
		}
		s.send(iqFailure(n, &iqError{f.code(500), text}))
	case FaultIQDelay:
		s.w.after(f.Delay, func() {
			if s.alive() {
				s.send(answer())
			}
		})
	case FaultIQDisconnect:
		s.cut()
	}
}
