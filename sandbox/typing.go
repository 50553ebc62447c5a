package sandbox

import (
	"context"
	"slices"

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
