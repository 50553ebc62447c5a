package sandbox

import (
	"maps"
	"strconv"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waWa6"
)

// grace is how long a connection stays open after its last words. The client reads nodes and the end of the connection from two
// queues and may look at the end first; without this time it would miss why it was sent away.
const grace = time.Second

// begin decides by the handshake's payload whether a client wants to pair or to log in.
func (s *session) begin(h *hello) {
	if s.w.closed {
		s.cut()
		return
	}
	s.w.sessions[s] = struct{}{}
	a := s.w.accounts[strconv.FormatUint(h.payload.GetUsername(), 10)]
	if f := s.w.fault(FaultConnect, a, ""); f != nil {
		s.fail(f.code(503), waBinary.Attrs{"message": f.Text})
		return
	}
	switch {
	case s.w.outdated:
		s.fail(405, nil)
	case h.payload.DevicePairingData != nil:
		s.beginPairing(h)
	case a != nil && a.banned:
		s.failBanned(a)
	default:
		s.login(a, h.payload, h.clientKey)
	}
}

// login lets a device in that is linked and has the key it was linked with. The same device is connected once: an older connection
// is told that it was replaced.
func (s *session) login(a *account, payload *waWa6.ClientPayload, key [32]byte) {
	var d *device
	if a != nil {
		d = a.devices[uint16(payload.GetDevice())]
	}
	if d == nil || d.noiseKey != key {
		s.fail(401, nil)
		return
	}
	if d.session != nil {
		d.session.replaced()
	}
	s.device, d.session = d, s
	s.send(waBinary.Node{Tag: "success", Attrs: waBinary.Attrs{
		"t":        unixText(s.w.now()),
		"lid":      d.lid,
		"location": "sandbox",
	}})
}

// end forgets a connection that is over.
func (s *session) end() {
	delete(s.w.sessions, s)
	if s.pairing != nil {
		s.pairing.end()
	}
	if s.device != nil && s.device.session == s {
		s.setAvailable(false)
		s.device.session = nil
	}
}

// fail refuses a login for a reason and ends the connection. What the client sends before it knows, is not listened to.
func (s *session) fail(reason int, more waBinary.Attrs) {
	attrs := waBinary.Attrs{"reason": strconv.Itoa(reason), "location": "sandbox"}
	maps.Copy(attrs, more)
	s.send(waBinary.Node{Tag: "failure", Attrs: attrs})
	s.silent = true
	s.w.after(grace, s.cut)
}

func (w *World) addLoginRoutes() {
	r := &w.router
	r.iqs[iqRoute{"passive", "set", "active"}] = setActive
	r.iqs[iqRoute{"passive", "set", "passive"}] = setPassive
	r.iqs[iqRoute{"w:p", "get", ""}] = answerEmpty
	r.iqs[iqRoute{"urn:xmpp:whatsapp:dirty", "set", "clean"}] = answerEmpty
	r.iqs[iqRoute{"urn:xmpp:whatsapp:push", "set", "config"}] = answerEmpty
	r.iqs[iqRoute{"urn:xmpp:whatsapp:push", "get", "settings"}] = pushSettings
	r.iqs[iqRoute{"md", "set", "remove-companion-device"}] = removeOwnDevice
	r.pairingIQs[iqRoute{"w:p", "get", ""}] = answerEmpty
	r.stanzas["ack"] = confirmAck
	r.stanzas["ib"] = func(*session, *waBinary.Node) error { return nil } // telemetry
}

func answerEmpty(*session, *waBinary.Node) ([]waBinary.Node, error) { return nil, nil }

func pushSettings(*session, *waBinary.Node) ([]waBinary.Node, error) {
	return []waBinary.Node{{Tag: "settings"}}, nil
}

func confirmAck(s *session, n *waBinary.Node) error {
	s.device.confirm(attr(n, "class"), attr(n, "id"))
	return nil
}

// setActive answers before the stored stanzas follow, since the client waits for the answer to call itself connected.
func setActive(s *session, _ *waBinary.Node) ([]waBinary.Node, error) {
	s.w.after(0, func() {
		if s.active || s.device.session != s || !s.alive() {
			return
		}
		s.active = true
		for _, f := range s.w.router.onActive {
			f(s)
		}
		s.sendPending()
	})
	return nil, nil
}

func setPassive(s *session, _ *waBinary.Node) ([]waBinary.Node, error) {
	s.active = false
	return nil, nil
}

// removeOwnDevice is a client's logout. It is not told that it was removed: it has asked for that and is leaving.
func removeOwnDevice(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	if attrJID(child(iq, "remove-companion-device"), "jid") != s.device.jid {
		return nil, errForbidden
	}
	s.w.forget(s.device)
	s.w.after(grace, s.cut)
	return nil, nil
}
