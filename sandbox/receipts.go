package sandbox

import (
	"context"
	"slices"
	"strconv"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// Receipt tells a phone what became of messages sent from its account.
type Receipt struct {
	IDs  []string
	From types.JID // whose receipt it is, by phone number
	Chat types.JID // the other side by phone number, or the group
	Type string    // "" for delivered, else inactive, read, played, ...
	Time time.Time
}

// Receipts lists the receipts the phone has got, oldest first.
func (p *Phone) Receipts() []Receipt {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return slices.Clone(p.mailbox.receipts.all)
}

// NextReceipt returns the oldest receipt that NextReceipt has not returned yet, and waits for one until ctx ends.
func (p *Phone) NextReceipt(ctx context.Context) (Receipt, error) {
	return next(ctx, p.w, &p.mailbox.receipts)
}

// Read tells the senders of these messages that they were read. Ids that the phone has not received are left out.
func (p *Phone) Read(ids ...string) { p.mark(types.ReceiptTypeRead, ids) }

// Played tells the senders of these voice messages that they were listened to.
func (p *Phone) Played(ids ...string) { p.mark(types.ReceiptTypePlayed, ids) }

func (p *Phone) mark(typ types.ReceiptType, ids []string) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if typ == types.ReceiptTypeRead && p.account.privacy["readreceipts"] == "none" {
		typ = types.ReceiptTypeReadSelf
	}
	for _, m := range p.mailbox.inbox.all {
		if !m.FromMe && slices.Contains(ids, m.ID) {
			p.mailbox.read[m.ID] = true
			p.w.relayReceipt(p.endpoint(), receiptFor(m, string(typ)))
		}
	}
}

func receiptFor(m Message, typ string) *waBinary.Node {
	attrs := waBinary.Attrs{"id": m.ID, "type": typ, "to": m.sender.ToNonAD()}
	if isMulti(m.Chat) {
		attrs["to"], attrs["participant"] = m.Chat, m.sender
	}
	return &waBinary.Node{Tag: "receipt", Attrs: attrs}
}

// confirm says that a message has arrived.
func (p *Phone) confirm(from endpoint, node *waBinary.Node) {
	attrs := answerAttrs(node)
	if from.account == p.account {
		attrs["type"] = string(types.ReceiptTypeSender)
	}
	p.w.relayReceipt(p.endpoint(), &waBinary.Node{Tag: "receipt", Attrs: attrs})
}

// answerAttrs addresses a receipt for a message.
func answerAttrs(message *waBinary.Node) waBinary.Attrs {
	attrs := waBinary.Attrs{"id": attr(message, "id"), "to": attrJID(message, "from")}
	for _, key := range []string{"participant", "recipient"} {
		if jid := attrJID(message, key); !jid.IsEmpty() {
			attrs[key] = jid
		}
	}
	return attrs
}

func (p *Phone) takeReceipt(node *waBinary.Node) {
	from, chat := p.sender(node), attrJID(node, "from")
	switch types.ReceiptType(attr(node, "type")) {
	case types.ReceiptTypeRetry:
		p.sendAgain(from, node)
		return
	case types.ReceiptTypeServerError:
		p.uploadAgain(from, node)
		return
	}
	if !isMulti(chat) {
		chat = from.account.pn
	}
	if other := p.w.account(attrJID(node, "recipient")); other != nil {
		chat = other.pn
	}
	if from.account == p.account {
		for _, id := range receiptIDs(node) {
			p.mailbox.read[id] = true
		}
	}
	seconds, _ := strconv.ParseInt(attr(node, "t"), 10, 64)
	p.mailbox.receipts.add(Receipt{
		IDs: receiptIDs(node), From: from.account.pn, Chat: chat, Type: attr(node, "type"), Time: time.Unix(seconds, 0),
	})
}

func receiptIDs(node *waBinary.Node) []string {
	ids := []string{attr(node, "id")}
	if list := child(node, "list"); list != nil {
		for _, item := range list.GetChildrenByTag("item") {
			ids = append(ids, attr(&item, "id"))
		}
	}
	return ids
}

// handleReceipt takes a receipt of a companion. One that says a message has arrived also ends its delivery to that companion.
func (w *World) handleReceipt(s *session, node *waBinary.Node) error {
	typ := types.ReceiptType(attr(node, "type"))
	ack := waBinary.Attrs{"class": "receipt", "id": attr(node, "id"), "from": attrJID(node, "to")}
	if typ != "" {
		ack["type"] = string(typ)
	}
	s.send(waBinary.Node{Tag: "ack", Attrs: ack})
	switch typ {
	case types.ReceiptTypeDelivered, types.ReceiptTypeInactive, types.ReceiptTypeSender, types.ReceiptTypePeerMsg, types.ReceiptTypeHistorySync:
		s.device.confirm("message", attr(node, "id"))
	}
	w.relayReceipt(s.device.endpoint(), node)
	return nil
}

// relayReceipt passes a receipt on: retries to the one device that has to act, what was read also to the reader's other devices,
// what concerns only the reader's own devices to them alone, and that a file is missing to the own phone.
func (w *World) relayReceipt(from endpoint, node *waBinary.Node) {
	author, ok := w.endpoint(receiptTarget(node))
	if !ok {
		return
	}
	switch types.ReceiptType(attr(node, "type")) {
	case types.ReceiptTypeSender, types.ReceiptTypePeerMsg, types.ReceiptTypeHistorySync:
	case types.ReceiptTypeServerError:
		w.handReceipt(from, from.account.phone.endpoint(), node)
	case types.ReceiptTypeRetry:
		w.handReceipt(from, author, node)
	case types.ReceiptTypeReadSelf, types.ReceiptTypePlayedSelf:
		w.handReceiptTo(from, from.account, node)
	case types.ReceiptTypeRead, types.ReceiptTypePlayed:
		w.handReceiptTo(from, from.account, node)
		w.handReceiptTo(from, author.account, node)
	default:
		w.handReceiptTo(from, author.account, node)
	}
}

// receiptTarget is the author of the messages that a receipt is about.
func receiptTarget(node *waBinary.Node) types.JID {
	if participant := attrJID(node, "participant"); !participant.IsEmpty() {
		return participant
	}
	return attrJID(node, "to")
}

func (w *World) handReceiptTo(from endpoint, a *account, node *waBinary.Node) {
	for _, to := range a.endpoints() {
		if to != from {
			w.handReceipt(from, to, node)
		}
	}
}

func (w *World) handReceipt(from, to endpoint, node *waBinary.Node) {
	chat := attrJID(node, "to")
	attrs := waBinary.Attrs{"id": attr(node, "id"), "t": unixText(w.now()), "from": from.address(chat.Server)}
	if typ := attr(node, "type"); typ != "" {
		attrs["type"] = typ
	}
	if isMulti(chat) {
		attrs["from"], attrs["participant"] = chat, from.address(attrJID(node, "participant").Server)
	} else if recipient := attrJID(node, "recipient"); !recipient.IsEmpty() {
		attrs["recipient"] = recipient
	} else if from.account == to.account {
		attrs["recipient"] = chat.ToNonAD()
	}
	w.hand(to, "receipt", waBinary.Node{Tag: "receipt", Attrs: attrs, Content: node.Content})
}
