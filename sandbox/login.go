package sandbox

import (
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
	if h.payload.DevicePairingData != nil {
		s.beginPairing(h)
		return
	}
	s.login(h.payload, h.clientKey)
}

func (s *session) end() {
	delete(s.w.sessions, s)
	if s.pairing != nil {
		s.pairing.end()
	}
	if s.device == nil {
		return
	}
	if s.device.session == s {
		s.device.session = nil
	}
	for _, f := range s.w.router.onGone {
		f(s)
	}
}

func (s *session) login(payload *waWa6.ClientPayload, key [32]byte) {
	a := s.w.accounts[strconv.FormatUint(payload.GetUsername(), 10)]
	var d *device
	if a != nil {
		d = a.devices[uint16(payload.GetDevice())]
	}
	if d == nil || d.noiseKey != key {
		s.fail("401", nil)
		return
	}
	s.device, d.session = d, s
	s.send(waBinary.Node{Tag: "success", Attrs: waBinary.Attrs{
		"t":        strconv.FormatInt(s.w.now().Unix(), 10),
		"lid":      d.lid,
		"location": "sandbox",
	}})
}

// fail refuses a login for a reason and ends the connection.
func (s *session) fail(reason string, more waBinary.Attrs) {
	attrs := waBinary.Attrs{"reason": reason, "location": "sandbox"}
	for key, value := range more {
		attrs[key] = value
	}
	s.send(waBinary.Node{Tag: "failure", Attrs: attrs})
	s.w.after(grace, s.cut)
}

// streamError tells a client why its connection is about to end.
func (s *session) streamError(attrs waBinary.Attrs, content ...waBinary.Node) {
	n := waBinary.Node{Tag: "stream:error", Attrs: attrs}
	if len(content) > 0 {
		n.Content = content
	}
	s.send(n)
}

func (w *World) addSessionRoutes() {
	r := &w.router
	r.iqs[iqRoute{"passive", "set", "active"}] = setActive
	r.iqs[iqRoute{"passive", "set", "passive"}] = setPassive
	r.iqs[iqRoute{"w:p", "get", ""}] = answerEmpty
	r.iqs[iqRoute{"urn:xmpp:whatsapp:dirty", "set", "clean"}] = answerEmpty
	r.iqs[iqRoute{"urn:xmpp:whatsapp:push", "set", "config"}] = answerEmpty
	r.pairingIQs[iqRoute{"w:p", "get", ""}] = answerEmpty
	r.stanzas["ack"] = confirmAck
	r.stanzas["ib"] = func(*session, *waBinary.Node) error { return nil } // telemetry
}

func answerEmpty(*session, *waBinary.Node) ([]waBinary.Node, error) { return nil, nil }

func confirmAck(s *session, n *waBinary.Node) error {
	s.device.confirm(attr(n, "class"), attr(n, "id"))
	return nil
}

// setActive answers before the stored stanzas follow, since the client waits for the answer to call itself connected.
func setActive(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	s.w.after(0, func() {
		if s.active || s.device.session != s {
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
