package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// sentMessage is kept for devices that cannot read their copy.
type sentMessage struct {
	chat    types.JID // empty for a peer message
	message *waE2E.Message
}

var errUnknownChat = errors.New("the chat is not on this network")

// SendText sends a text to a person or a group and returns the message's id. Any JID of a person will do.
func (p *Phone) SendText(ctx context.Context, to types.JID, text string) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{Conversation: proto.String(text)})
}

// Send sends any message, encrypted for every device of the receivers and of the sender, and returns its id.
func (p *Phone) Send(ctx context.Context, to types.JID, m *waE2E.Message) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	id := p.w.newID()
	if err := p.send(to, id, withSecret(m)); err != nil {
		return "", err
	}
	return id, nil
}

// withSecret gives a message the key that votes and encrypted reactions to it are sealed with, as WhatsApp's own apps do.
func withSecret(m *waE2E.Message) *waE2E.Message {
	if m.ProtocolMessage != nil || m.ReactionMessage != nil || m.EditedMessage != nil || m.GetMessageContextInfo().GetMessageSecret() != nil {
		return m
	}
	m = proto.CloneOf(m)
	if m.MessageContextInfo == nil {
		m.MessageContextInfo = &waE2E.MessageContextInfo{}
	}
	m.MessageContextInfo.MessageSecret = make([]byte, 32)
	_, _ = rand.Read(m.MessageContextInfo.MessageSecret)
	return m
}

func (p *Phone) send(to types.JID, id string, m *waE2E.Message) error {
	if a := p.w.account(to); a != nil {
		to = a.lid
	}
	if refusal := p.w.refuses(p.endpoint(), to); refusal != nil {
		return refusal
	}
	content, err := p.sealAll(to, m)
	if err != nil {
		return err
	}
	p.mailbox.sent[id] = sentMessage{to, m}
	attrs := stanzaKind(m)
	attrs["id"], attrs["to"] = id, to
	p.w.relay(p.endpoint(), &waBinary.Node{Tag: "message", Attrs: attrs, Content: content})
	return nil
}

// sealAll encrypts a message for all devices in a chat: for each of them, or in a group once, with the key to it for each.
func (p *Phone) sealAll(chat types.JID, m *waE2E.Message) ([]waBinary.Node, error) {
	if g := p.w.groups[chat]; g != nil {
		return p.sealGroup(g, m)
	}
	a := p.w.account(chat)
	if a == nil {
		return nil, errUnknownChat
	}
	receivers := a.endpoints()
	if a != p.account {
		receivers = append(receivers, p.account.endpoints()...)
	}
	return p.sealEach(receivers, func(e endpoint) *waE2E.Message { return p.copyFor(e, chat, m) })
}

func (p *Phone) sealGroup(g *group, m *waE2E.Message) ([]waBinary.Node, error) {
	key, err := p.distribution(g.jid)
	if err != nil {
		return nil, err
	}
	content, err := p.sealEach(g.endpoints(), func(endpoint) *waE2E.Message { return key })
	if err != nil {
		return nil, err
	}
	plaintext, err := proto.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("marshal message: %w", err)
	}
	enc, err := encryptGroup(p.signal, g.jid, plaintext)
	return append(content, enc), err
}

// distribution hands the key to the phone's messages in a group to a member.
func (p *Phone) distribution(group types.JID) (*waE2E.Message, error) {
	key, err := senderKey(p.signal, group)
	return &waE2E.Message{SenderKeyDistributionMessage: &waE2E.SenderKeyDistributionMessage{
		GroupID: proto.String(group.String()), AxolotlSenderKeyDistributionMessage: key,
	}}, err
}

// sealEach makes the list of participants of a message.
func (p *Phone) sealEach(receivers []endpoint, message func(endpoint) *waE2E.Message) ([]waBinary.Node, error) {
	var list []waBinary.Node
	for _, e := range receivers {
		if e == p.endpoint() {
			continue
		}
		enc, err := p.seal(e, message(e))
		if err != nil {
			return nil, err
		}
		list = append(list, waBinary.Node{Tag: "to", Attrs: waBinary.Attrs{"jid": e.lid()}, Content: []waBinary.Node{enc}})
	}
	return []waBinary.Node{{Tag: "participants", Content: list}}, nil
}

// copyFor wraps a message for the sender's own devices, which have to be told the chat.
func (p *Phone) copyFor(e endpoint, chat types.JID, m *waE2E.Message) *waE2E.Message {
	if e.account != p.account {
		return m
	}
	return &waE2E.Message{
		DeviceSentMessage:  &waE2E.DeviceSentMessage{DestinationJID: proto.String(chat.String()), Message: m},
		MessageContextInfo: m.MessageContextInfo,
	}
}

// seal encrypts a message for one device, opening a session with it first if there is none.
func (p *Phone) seal(to endpoint, m *waE2E.Message) (waBinary.Node, error) {
	known, err := p.signal.ContainsSession(context.Background(), to.lid().SignalAddress())
	if err == nil && !known {
		err = p.openSession(to)
	}
	if err != nil {
		return waBinary.Node{}, err
	}
	plaintext, err := proto.Marshal(m)
	if err != nil {
		return waBinary.Node{}, fmt.Errorf("marshal message: %w", err)
	}
	return encrypt(p.signal, to.lid(), plaintext)
}

// openSession starts a Signal session with the keys that the network holds for a device.
func (p *Phone) openSession(to endpoint) error {
	bundle := p.w.preKeysOf(to.lid())
	return useKeys(p.signal, to.lid(), childBytes(&bundle, "registration"), &bundle)
}

// stanzaKind makes the attributes by which the network tells messages apart without reading them.
func stanzaKind(m *waE2E.Message) waBinary.Attrs {
	attrs := waBinary.Attrs{"type": "text"}
	switch {
	case m.ReactionMessage != nil, m.EncReactionMessage != nil:
		attrs["type"] = "reaction"
	case m.PollCreationMessage != nil, m.PollCreationMessageV3 != nil, m.PollUpdateMessage != nil:
		attrs["type"] = "poll"
	case m.Conversation == nil && m.ExtendedTextMessage == nil && m.ProtocolMessage == nil && m.EditedMessage == nil:
		attrs["type"] = "media"
	case m.EditedMessage != nil, m.ProtocolMessage.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT:
		attrs["edit"] = string(types.EditAttributeMessageEdit)
	case m.ProtocolMessage != nil && m.ProtocolMessage.GetType() == waE2E.ProtocolMessage_REVOKE:
		attrs["edit"] = string(types.EditAttributeSenderRevoke)
	}
	return attrs
}
