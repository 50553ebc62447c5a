package sandbox

import (
	"context"
	"encoding/binary"
	"strconv"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// maxRetries is how often a phone asks for one message again before it gives up, as WhatsApp's apps do.
const maxRetries = 5

// FailNextDecrypt makes the phone find the next message unreadable, so that it asks its sender to send it again.
func (p *Phone) FailNextDecrypt() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.mailbox.failNext++
}

// askAgain sends a retry receipt. From the second on it brings keys for a new session.
func (p *Phone) askAgain(node *waBinary.Node) {
	id := attr(node, "id")
	p.mailbox.asked[id]++
	count := p.mailbox.asked[id]
	if count > maxRetries {
		return
	}
	content := []waBinary.Node{
		{Tag: "retry", Attrs: waBinary.Attrs{"count": strconv.Itoa(count), "id": id, "t": attr(node, "t"), "v": "1"}},
		{Tag: "registration", Content: binary.BigEndian.AppendUint32(nil, p.signal.RegistrationID)},
	}
	if count > 1 {
		content = append(content, waBinary.Node{Tag: "keys", Content: freshKeys(p.signal).take(*p.identity.Pub)})
	}
	attrs := answerAttrs(node)
	attrs["type"] = string(types.ReceiptTypeRetry)
	if category := attr(node, "category"); category != "" {
		attrs["category"] = category
	}
	p.w.relayReceipt(p.endpoint(), &waBinary.Node{Tag: "receipt", Attrs: attrs, Content: content})
}

// sendAgain answers a retry receipt of a device with the message in a fresh session.
func (p *Phone) sendAgain(to endpoint, receipt *waBinary.Node) {
	sent, ok := p.mailbox.sent[attr(receipt, "id")]
	if !ok {
		return
	}
	enc, err := p.sealAgain(to, sent, receipt)
	if err != nil {
		p.w.log.Error("phone cannot answer a retry receipt", "error", err)
		return
	}
	attrs := stanzaKind(sent.message)
	attrs["id"], attrs["to"], attrs["device_fanout"] = attr(receipt, "id"), to.lid(), "false"
	switch {
	case sent.chat.IsEmpty():
		attrs["category"] = "peer"
	case isMulti(sent.chat):
		attrs["to"], attrs["participant"] = sent.chat, to.lid()
	case to.account == p.account:
		attrs["recipient"] = sent.chat
	}
	p.w.relay(p.endpoint(), &waBinary.Node{Tag: "message", Attrs: attrs, Content: []waBinary.Node{enc}})
}

func (p *Phone) sealAgain(to endpoint, sent sentMessage, receipt *waBinary.Node) (waBinary.Node, error) {
	if err := p.signal.Sessions.DeleteSession(context.Background(), to.lid().SignalAddress().String()); err != nil {
		return waBinary.Node{}, err
	}
	if keys := child(receipt, "keys"); keys != nil {
		if err := useKeys(p.signal, to.lid(), childBytes(receipt, "registration"), keys); err != nil {
			return waBinary.Node{}, err
		}
	}
	m, err := p.secondCopy(to, sent)
	if err != nil {
		return waBinary.Node{}, err
	}
	enc, err := p.seal(to, m)
	if count := child(receipt, "retry"); count != nil {
		enc.Attrs["count"] = attr(count, "count")
	}
	return enc, err
}

// secondCopy is what one device gets of a message that it could not read. In a group it gets the sender's key again, too.
func (p *Phone) secondCopy(to endpoint, sent sentMessage) (*waE2E.Message, error) {
	switch {
	case sent.chat.IsEmpty():
		return sent.message, nil
	case !isMulti(sent.chat):
		return p.copyFor(to, sent.chat, sent.message), nil
	}
	m, err := p.distribution(sent.chat)
	if err != nil {
		return nil, err
	}
	proto.Merge(m, sent.message)
	return m, nil
}
