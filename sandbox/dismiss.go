package sandbox

import (
	"fmt"
	"strconv"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// streamError tells a client why its connection is about to end.
func (s *session) streamError(code int, content ...waBinary.Node) {
	n := waBinary.Node{Tag: "stream:error", Attrs: waBinary.Attrs{}}
	if code != 0 {
		n.Attrs["code"] = strconv.Itoa(code)
	}
	if len(content) > 0 {
		n.Content = content
	}
	s.send(n)
}

// dismiss ends a connection after telling the client why.
func (s *session) dismiss(code int, content ...waBinary.Node) {
	s.active = false
	s.streamError(code, content...)
	s.w.after(grace, s.cut)
}

func (s *session) replaced() {
	s.dismiss(0, waBinary.Node{Tag: "conflict", Attrs: waBinary.Attrs{"type": "replaced"}})
}

// Kick is a way to end a device's connection.
type Kick string

// The ways to end a connection.
const (
	KickCut      Kick = "cut"      // the line is cut without a word
	KickSilence  Kick = "silence"  // the line stays and nothing is said or heard on it any more
	KickReplaced Kick = "replaced" // as if the device had logged in elsewhere
	Kick503      Kick = "503"      // the server restarts
	Kick515      Kick = "515"      // the client shall reconnect
)

// Kick ends the connection of a linked device in one of the ways. The device stays linked and may come back.
func (p *Phone) Kick(id uint16, how Kick) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	d := p.account.devices[id]
	if d == nil || d.session == nil {
		return errNoDevice
	}
	s := d.session
	switch how {
	case KickCut:
		s.cut()
	case KickSilence:
		s.silent = true
	case KickReplaced:
		s.replaced()
	case Kick503:
		s.dismiss(503)
	case Kick515:
		s.dismiss(515)
	default:
		return fmt.Errorf("no such way to end a connection: %q", how)
	}
	return nil
}

// unlink removes a device and, if it is online, tells it so.
func (w *World) unlink(d *device) {
	if d.session != nil {
		d.session.dismiss(401, waBinary.Node{Tag: "conflict", Attrs: waBinary.Attrs{"type": "device_removed"}})
	}
	w.forget(d)
}

// forget removes a device from its account.
func (w *World) forget(d *device) {
	delete(d.account.devices, d.id)
	for _, f := range w.router.onUnlinked {
		f(d)
	}
}

// Ban locks an account out for good: its connections are cut and its devices refused with 403, as if logged out.
func (w *World) Ban(number string) error {
	return w.ban(number, func(*account) {})
}

// BanFor locks an account out for a time with 402; code is one of WhatsApp's reasons, such as 101 for messages to too many
// strangers.
func (w *World) BanFor(number string, d time.Duration, code int) error {
	return w.ban(number, func(a *account) {
		a.banCode, a.banUntil = code, w.now().Add(d)
		w.after(d, func() { a.liftBan() })
	})
}

func (w *World) ban(number string, set func(*account)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.accounts[onlyDigits(number)]
	if a == nil {
		return errNoPhone
	}
	a.liftBan()
	a.banned = true
	set(a)
	for _, d := range a.devices {
		if d.session != nil {
			d.session.cut()
		}
	}
	return nil
}

// Unban lets an account in again.
func (w *World) Unban(number string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.accounts[onlyDigits(number)]
	if a == nil {
		return errNoPhone
	}
	a.liftBan()
	return nil
}

func (a *account) liftBan() { a.banned, a.banCode, a.banUntil = false, 0, time.Time{} }

func (s *session) failBanned(a *account) {
	if a.banUntil.IsZero() {
		s.fail(403, nil)
		return
	}
	left := a.banUntil.Sub(s.w.now())
	s.fail(402, waBinary.Attrs{"code": strconv.Itoa(a.banCode), "expire": strconv.Itoa(int(left.Seconds()))})
}

// Outdate makes the network refuse every login and pairing with 405, which tells clients that their version is too old; false
// ends that.
func (w *World) Outdate(outdated bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outdated = outdated
}
