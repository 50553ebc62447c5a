package sandbox

import (
	"context"
	"slices"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// Typing tells a phone that somebody began or stopped writing to it.
type Typing struct {
	From  types.JID // by phone number
	Chat  types.JID // the same, or the group
	State types.ChatPresence
	Media types.ChatPresenceMedia
}

// presence is who of an account is there, and who wants to know.
type presence struct {
	online   map[endpoint]bool
	lastSeen time.Time
	watchers map[*session]types.JID // the account's address as each has asked for it
}

func newPresence() presence {
	return presence{online: map[endpoint]bool{}, watchers: map[*session]types.JID{}}
}

// SetOnline opens the app on the phone or closes it.
func (p *Phone) SetOnline(online bool) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.setOnline(p.endpoint(), online)
}

// Online reports whether a person has the app open on any device, and otherwise when that was last so.
func (p *Phone) Online(person types.JID) (online bool, lastSeen time.Time) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	a := p.w.account(person)
	if a == nil {
		return false, time.Time{}
	}
	return len(a.presence.online) > 0, a.presence.lastSeen
}

// Type shows the other side that the phone's user writes, records or has stopped to.
func (p *Phone) Type(chat types.JID, state types.ChatPresence, media types.ChatPresenceMedia) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if a := p.w.account(chat); a != nil {
		chat = a.lid
	}
	p.w.relayChatState(p.endpoint(), chat, chatState(state, media))
}

// NextTyping returns the oldest sign of writing that it has not returned yet, and waits for one until ctx ends.
func (p *Phone) NextTyping(ctx context.Context) (Typing, error) {
	return next(ctx, p.w, &p.mailbox.typing)
}

func chatState(state types.ChatPresence, media types.ChatPresenceMedia) waBinary.Node {
	n := waBinary.Node{Tag: string(state)}
	if media != "" {
		n.Attrs = waBinary.Attrs{"media": string(media)}
	}
	return n
}

func (w *World) addPresenceRoutes() {
	w.router.stanzas["presence"] = w.handlePresence
	w.router.stanzas["chatstate"] = w.handleChatState
	w.router.onGone = append(w.router.onGone, w.forgetWatcher)
}

func (w *World) handlePresence(s *session, node *waBinary.Node) error {
	switch attr(node, "type") {
	case "available":
		if name := attr(node, "name"); name != "" {
			s.device.account.pushName = name
		}
		w.setOnline(s.device.endpoint(), true)
	case "unavailable":
		w.setOnline(s.device.endpoint(), false)
	case "subscribe":
		a := w.account(attrJID(node, "to"))
		if a == nil {
			return errItemNotFound
		}
		a.presence.watchers[s] = attrJID(node, "to").ToNonAD()
		a.presence.tell(s)
	default:
		w.countUnknown(node)
	}
	return nil
}

func (w *World) setOnline(e endpoint, online bool) {
	p := &e.account.presence
	if p.online[e] == online {
		return
	}
	if online {
		p.online[e] = true
	} else {
		delete(p.online, e)
		p.lastSeen = w.now()
	}
	for s := range p.watchers {
		p.tell(s)
	}
}

// tell sends the state to one watcher. It is not kept for later: it would no longer be true.
func (p *presence) tell(s *session) {
	attrs := waBinary.Attrs{"from": p.watchers[s]}
	if len(p.online) == 0 {
		attrs["type"] = "unavailable"
		if !p.lastSeen.IsZero() {
			attrs["last"] = unix(p.lastSeen)
		}
	}
	s.send(waBinary.Node{Tag: "presence", Attrs: attrs})
}

// forgetWatcher ends what a connection has asked for and what it has said of its device.
func (w *World) forgetWatcher(s *session) {
	for _, a := range w.accounts {
		delete(a.presence.watchers, s)
	}
	if s.device.session == nil {
		w.setOnline(s.device.endpoint(), false)
	}
}

func (w *World) handleChatState(s *session, node *waBinary.Node) error {
	states := node.GetChildren()
	if len(states) != 1 {
		return errBadRequest
	}
	w.relayChatState(s.device.endpoint(), attrJID(node, "to"), states[0])
	return nil
}

func (w *World) relayChatState(from endpoint, chat types.JID, state waBinary.Node) {
	for _, to := range w.listeners(from, chat) {
		attrs := waBinary.Attrs{"from": from.account.address(chat.Server)}
		if isMulti(chat) {
			attrs = participantAttrs(from, chat)
		}
		w.handNow(to, waBinary.Node{Tag: "chatstate", Attrs: attrs, Content: []waBinary.Node{state}})
	}
}

// listeners are the devices of others in a chat that hear what a device says there.
func (w *World) listeners(from endpoint, chat types.JID) []endpoint {
	var list []endpoint
	if g := w.groups[chat]; g != nil && g.member(from.account) != nil {
		list = g.endpoints()
	} else if a := w.account(chat); a != nil && !a.blocked[from.account.lid] {
		list = a.endpoints()
	}
	return slices.DeleteFunc(list, func(e endpoint) bool { return e.account == from.account })
}

// handNow gives a stanza to a phone, or to a companion if it is there at this moment.
func (w *World) handNow(to endpoint, node waBinary.Node) {
	if to.id == 0 {
		to.account.phone.take(&node)
	} else if s := to.account.devices[to.id].session; s != nil && s.active {
		s.send(node)
	}
}

func (p *Phone) takeChatState(node *waBinary.Node) {
	from, chat := p.sender(node), attrJID(node, "from")
	if !isMulti(chat) {
		chat = from.account.pn
	}
	for _, state := range node.GetChildren() {
		p.mailbox.typing.add(Typing{
			From: from.account.pn, Chat: chat, State: types.ChatPresence(state.Tag), Media: types.ChatPresenceMedia(attr(&state, "media")),
		})
	}
}
