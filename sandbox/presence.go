package sandbox

import (
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

func (w *World) addPresenceRoutes() {
	w.router.stanzas["presence"] = handlePresence
}

// handlePresence notes whether a companion is in use and under which name, or subscribes it to the presence of another account.
func handlePresence(s *session, n *waBinary.Node) error {
	switch attr(n, "type") {
	case "available", "":
		if name := attr(n, "name"); name != "" {
			s.device.account.pushName = name
		}
		s.setAvailable(true)
	case "unavailable":
		s.setAvailable(false)
	case "subscribe":
		return s.subscribe(attrJID(n, "to"))
	default:
		s.w.countUnknown(n)
	}
	return nil
}

func (s *session) setAvailable(available bool) {
	if s.available == available {
		return
	}
	a := s.device.account
	before := a.online()
	s.available = available
	a.announce(s.w, before)
}

// SetOnline opens or closes WhatsApp on the phone; others who have subscribed see that the account is online.
func (p *Phone) SetOnline(online bool) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	before := p.account.online()
	p.inUse = online
	p.account.announce(p.w, before)
}

// Online tells whether others see the account as being in use, on the phone or a companion.
func (p *Phone) Online() bool {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.account.online()
}

// online tells whether the account's phone or one of its companions is in use.
func (a *account) online() bool {
	if a.phone.inUse {
		return true
	}
	for _, d := range a.devices {
		if d.session != nil && d.session.available {
			return true
		}
	}
	return false
}

// announce tells the subscribers of an account if its presence is not what it was before.
func (a *account) announce(w *World, before bool) {
	if a.online() == before {
		return
	}
	if before {
		a.lastSeen = w.now()
	}
	for s := range w.sessions {
		for _, jid := range []types.JID{a.pn, a.lid} {
			if s.subscribed[jid] {
				s.send(a.presence(jid))
			}
		}
	}
}

// presence is what subscribers see; from is the address they have subscribed to.
func (a *account) presence(from types.JID) waBinary.Node {
	attrs := waBinary.Attrs{"from": from}
	if !a.online() {
		attrs["type"] = "unavailable"
		attrs["last"] = "deny"
		if !a.lastSeen.IsZero() {
			attrs["last"] = unixText(a.lastSeen)
		}
	}
	return waBinary.Node{Tag: "presence", Attrs: attrs}
}

func (s *session) subscribe(to types.JID) error {
	a := s.w.account(to)
	if a == nil {
		return errItemNotFound
	}
	s.subscribed[to] = true
	s.send(a.presence(to))
	return nil
}
