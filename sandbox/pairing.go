package sandbox

// pairing is a connection that waits for a phone to link it.
type pairing struct {
	session *session
}

func (s *session) beginPairing(h *hello) {
	s.pairing = &pairing{session: s}
}

func (p *pairing) end() {}
