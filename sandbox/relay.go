package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// sentID names a message as its sender's device did.
type sentID struct {
	from endpoint
	id   string
}

// letter is the part of a message that is meant for one device: ciphertexts, or that there is none for it.
type letter struct {
	to   endpoint
	encs []waBinary.Node
}

func (w *World) addMessageRoutes() {
	w.router.stanzas["message"] = w.handleMessage
	w.router.stanzas["receipt"] = w.handleReceipt
	w.router.stanzas["chatstate"] = w.handleChatState
	w.router.stanzas["call"] = w.handleCall
}

func (w *World) handleMessage(s *session, node *waBinary.Node) error {
	if attr(node, "id") == "" || attrJID(node, "to").IsEmpty() {
		return errBadRequest
	}
	ack, fresh := w.accept(s.device.endpoint(), node)
	s.send(ack)
	if fresh {
		w.relay(s.device.endpoint(), node)
	}
	return nil
}

// accept makes the acknowledgement of a message and tells whether the message has to go out. Under an id that its device has used
// before it is acknowledged as the first one was and goes no further; Repeats counts it.
func (w *World) accept(from endpoint, node *waBinary.Node) (ack waBinary.Node, fresh bool) {
	to := attrJID(node, "to")
	if refusal := w.refuses(from, to); refusal != nil {
		return messageAck(node, w.now(), "", refusal), false
	}
	if !isFanout(node) {
		return messageAck(node, w.now(), "", nil), true
	}
	name := sentID{from, attr(node, "id")}
	at, again := w.sent[name]
	if again {
		w.repeats++
	} else {
		at = w.now()
		w.sent[name] = at
	}
	return messageAck(node, at, w.messageHash(from, to), nil), !again
}

// isFanout tells a message that is written to a chat from one between two devices, which repeats its id or is seen by nobody.
func isFanout(node *waBinary.Node) bool {
	return node.Tag == "message" && child(node, "participants") != nil
}

// Repeats counts the messages that a device sent under an id it had used before. They are delivered once.
func (w *World) Repeats() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.repeats
}

func messageAck(message *waBinary.Node, at time.Time, phash string, refusal *iqError) waBinary.Node {
	attrs := waBinary.Attrs{"class": "message", "id": attr(message, "id"), "from": attrJID(message, "to"), "t": unixText(at)}
	if phash != "" {
		attrs["phash"] = phash
	}
	if refusal != nil {
		attrs["error"] = strconv.Itoa(refusal.code)
	}
	return waBinary.Node{Tag: "ack", Attrs: attrs}
}

// refuses says why an account may not write to a chat; nil if it may.
func (w *World) refuses(from endpoint, to types.JID) *iqError {
	switch to.Server {
	case types.DefaultUserServer, types.HiddenUserServer:
		if w.account(to) == nil {
			return errItemNotFound
		}
	case types.GroupServer:
		g := w.groups[to]
		if g == nil {
			return errItemNotFound
		}
		m := g.member(from.account)
		if m == nil {
			return errForbidden
		}
		if g.announce && !m.admin() {
			return errNotAllowed
		}
	case types.BroadcastServer:
	default:
		return errItemNotFound
	}
	return nil
}

// messageHash is the hash of the devices that a message to this chat has to reach; empty where WhatsApp sends none.
func (w *World) messageHash(from endpoint, to types.JID) string {
	var reached []endpoint
	server := types.HiddenUserServer
	if g := w.groups[to]; g != nil {
		reached = g.endpoints()
	} else if a := w.account(to); a != nil && a != from.account {
		reached, server = slices.Concat(a.endpoints(), from.account.endpoints()), to.Server
	}
	if len(reached) == 0 {
		return ""
	}
	return devicesHash(addresses(reached, server))
}

// relay hands a message to every device it is meant for.
func (w *World) relay(from endpoint, node *waBinary.Node) {
	at := w.now()
	for _, l := range w.letters(node) {
		if l.to == from || w.turnsAway(l.to.account, from.account, node) {
			continue
		}
		content := slices.Concat(l.encs, enclosures(node, l.encs))
		if l.to.account == from.account && attrJID(node, "to").Server == types.BroadcastServer {
			content = append(content, w.recipients(from, node)...)
		}
		w.hand(l.to, "message", waBinary.Node{Tag: "message", Attrs: w.postmark(from, l.to, node, at), Content: content})
	}
}

// hand gives a stanza to a phone, or to a companion as soon as it is there.
func (w *World) hand(to endpoint, class string, node waBinary.Node) {
	if to.id == 0 {
		to.account.phone.take(&node)
		return
	}
	w.deliver(to.account.devices[to.id], class, node)
}

// turnsAway reports a private message or a status of someone whom its receiver has blocked. The sender is not told.
func (w *World) turnsAway(to, from *account, node *waBinary.Node) bool {
	return to.blocked[from.lid] && attrJID(node, "to").Server != types.GroupServer
}

// isMulti tells a group or a broadcast list from a person.
func isMulti(chat types.JID) bool {
	return chat.Server == types.GroupServer || chat.Server == types.BroadcastServer
}

// letters sorts a message by the devices it goes to. Without a list of participants it is for one device: a peer message, or the
// answer to a retry receipt. In a group, the list names those who need the key; all members get what they share.
func (w *World) letters(node *waBinary.Node) []letter {
	to, shared := attrJID(node, "to"), node.GetChildrenByTag("enc")
	participants := child(node, "participants")
	if participants == nil {
		if participant := attrJID(node, "participant"); !participant.IsEmpty() {
			to = participant
		}
		e, ok := w.endpoint(to)
		if !ok {
			return nil
		}
		return []letter{{e, shared}}
	}
	var list []letter
	named := map[endpoint]bool{}
	g := w.groups[to]
	for _, entry := range participants.GetChildrenByTag("to") {
		if e, ok := w.endpoint(attrJID(&entry, "jid")); ok && (g == nil || g.member(e.account) != nil) {
			list, named[e] = append(list, letter{e, slices.Concat(entry.GetChildren(), shared)}), true
		}
	}
	if g != nil {
		for _, e := range g.endpoints() {
			if !named[e] {
				list = append(list, letter{e, shared})
			}
		}
	}
	return list
}

// postmark makes the attributes a message has for one of its receivers.
func (w *World) postmark(from, to endpoint, node *waBinary.Node, at time.Time) waBinary.Attrs {
	attrs := waBinary.Attrs{"id": attr(node, "id"), "type": attr(node, "type"), "t": unixText(at), "notify": from.account.pushName}
	for _, key := range []string{"category", "edit"} {
		if value := attr(node, key); value != "" {
			attrs[key] = value
		}
	}
	chat := attrJID(node, "to")
	switch {
	case isMulti(chat):
		maps.Copy(attrs, participantAttrs(from, chat))
	case to.account == from.account:
		attrs["from"] = from.lid()
		if recipient := recipientOf(node); !recipient.IsEmpty() {
			attrs["recipient"] = recipient
			if a := w.account(recipient); a != nil && !a.hidden {
				attrs["peer_recipient_pn"] = a.pn
			}
		}
	default:
		attrs["from"] = from.lid()
		if !from.account.hidden {
			attrs["sender_pn"] = from.account.pn
		}
	}
	return attrs
}

// participantAttrs name the sender of something in a group. Every group addresses its members by LID.
func participantAttrs(from endpoint, chat types.JID) waBinary.Attrs {
	attrs := waBinary.Attrs{"from": chat, "participant": from.lid(), "addressing_mode": string(types.AddressingModeLID)}
	if !from.account.hidden {
		attrs["participant_pn"] = from.account.pn
	}
	return attrs
}

// recipientOf is the chat that a copy for the sender's own devices belongs to; empty for peer messages, which belong to none.
func recipientOf(node *waBinary.Node) types.JID {
	if attr(node, "category") == "peer" {
		return types.EmptyJID
	}
	if recipient := attrJID(node, "recipient"); !recipient.IsEmpty() {
		return recipient
	}
	return attrJID(node, "to").ToNonAD()
}

// enclosures are the parts of a message beside its ciphertext that its receivers get to see.
func enclosures(node *waBinary.Node, encs []waBinary.Node) []waBinary.Node {
	var list []waBinary.Node
	for _, part := range node.GetChildren() {
		switch part.Tag {
		case "enc", "unavailable", "participants", "tctoken", "cstoken":
		case "device-identity":
			if slices.ContainsFunc(encs, func(n waBinary.Node) bool { return attr(&n, "type") == "pkmsg" }) {
				list = append(list, part)
			}
		default:
			list = append(list, part)
		}
	}
	return list
}
