package sandbox

import (
	"slices"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// faultOf finds the fault of a stanza, if it has one.
func (s *session) faultOf(n *waBinary.Node) *Fault {
	if len(s.w.faults) == 0 {
		return nil
	}
	var a *account
	if s.device != nil {
		a = s.device.account
	}
	if isFanout(n) {
		return s.w.fault("message_", a, attr(n, "type"))
	}
	key := attr(n, "xmlns") + " " + attr(n, "type")
	if children := n.GetChildren(); len(children) > 0 {
		key += " " + children[0].Tag
	}
	return s.w.fault("iq_", a, key)
}

// answerFaulty answers a query as its fault wants it.
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
			text = textOfCode[f.code(500)]
		}
		s.send(iqFailure(n, &iqError{f.code(500), text}))
	case FaultIQDelay:
		s.later(f, func() { s.send(answer()) })
	case FaultIQDisconnect:
		s.cut()
	}
}

// takeFaulty takes a message as its fault wants it.
func (s *session) takeFaulty(n *waBinary.Node, f *Fault) {
	if f.After && f.Kind != FaultMessageDelay {
		if _, fresh := s.w.accept(s.device.endpoint(), n); fresh {
			s.w.relay(s.device.endpoint(), n)
		}
	}
	switch f.Kind {
	case FaultMessageError:
		s.send(messageAck(n, s.w.now(), "", &iqError{code: f.code(500)}))
	case FaultMessageDelay:
		s.later(f, func() { s.take(n) })
	case FaultMessageCut:
		s.cut()
	}
}

// later runs what a fault delays, if the connection is still there then.
func (s *session) later(f *Fault, do func()) {
	s.w.after(f.Delay, func() {
		if s.alive() {
			do()
		}
	})
}

// garbled is a message that nobody can decrypt: what seals each of its parts is wrong.
func garbled(message waBinary.Node) waBinary.Node {
	parts := slices.Clone(message.GetChildren())
	for i, part := range parts {
		if sealed, ok := part.Content.([]byte); ok && part.Tag == "enc" {
			sealed = slices.Clone(sealed)
			sealed[len(sealed)-1]++
			parts[i].Content = sealed
		}
	}
	message.Content = parts
	return message
}
