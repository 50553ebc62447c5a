package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
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
	if m.ProtocolMessage != nil || m.ReactionMessage != nil || m.PollUpdateMessage != nil || m.EditedMessage != nil ||
		m.GetMessageContextInfo().GetMessageSecret() != nil {
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
	readers, err := p.readers(to, m)
	if err != nil {
		return err
	}
	return p.sendTo(readers, to, id, p.withTimer(p.w.shownAs(to), m))
}

// shownAs is how phones name a chat: people by phone number.
func (w *World) shownAs(chat types.JID) types.JID {
	if a := w.account(chat); a != nil {
		return a.pn
	}
	return chat
}

// sendTo sends a message to the given devices in a chat; people are named by LID.
func (p *Phone) sendTo(readers []endpoint, to types.JID, id string, m *waE2E.Message) error {
	content, err := p.sealAll(readers, to, m)
	if err != nil {
		return err
	}
	p.mailbox.sent[id] = sentMessage{to, m}
	p.note(to, id, m)
	attrs := stanzaKind(m)
	attrs["id"], attrs["to"] = id, to
	p.w.relay(p.endpoint(), &waBinary.Node{Tag: "message", Attrs: attrs, Content: append(content, metaOf(m)...)})
	return nil
}

// note keeps a message that the phone wrote itself, as the phone shows it.
func (p *Phone) note(to types.JID, id string, m *waE2E.Message) {
	shown := (&events.Message{RawMessage: proto.CloneOf(m)}).UnwrapRaw().Message
	now := p.w.now()
	p.keep(Message{
		ID: id, From: p.account.pn, Chat: p.w.shownAs(to), FromMe: true, PushName: p.account.pushName, Time: now.Truncate(time.Second),
		Text: wordsOf(shown), Proto: shown, ArrivedAt: now, sender: p.account.lid,
	})
}

// sealAll encrypts a message for devices: for each of them, or in a group once, with the key to it for each.
func (p *Phone) sealAll(readers []endpoint, chat types.JID, m *waE2E.Message) ([]waBinary.Node, error) {
	if isMulti(chat) && !isViewOnce(m) {
		return p.sealShared(readers, chat, m)
	}
	return p.sealEach(readers, func(e endpoint) *waE2E.Message { return p.copyFor(e, chat, m) })
}

// readers are the devices that a message to a chat is for.
func (p *Phone) readers(chat types.JID, m *waE2E.Message) ([]endpoint, error) {
	if chat == types.StatusBroadcastJID {
		return p.statusReaders(m), nil
	}
	if g := p.w.groups[chat]; g != nil {
		return g.endpoints(), nil
	}
	a := p.w.account(chat)
	switch a {
	case nil:
		return nil, errUnknownChat
	case p.account:
		return a.endpoints(), nil
	}
	return append(a.endpoints(), p.account.endpoints()...), nil
}

func (p *Phone) sealShared(readers []endpoint, chat types.JID, m *waE2E.Message) ([]waBinary.Node, error) {
	key, err := p.distribution(chat)
	if err != nil {
		return nil, err
	}
	content, err := p.sealEach(readers, func(endpoint) *waE2E.Message { return key })
	if err != nil {
		return nil, err
	}
	plaintext, err := proto.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("marshal message: %w", err)
	}
	enc, err := encryptGroup(p.signal, chat, plaintext)
	if err != nil {
		return nil, err
	}
	maps.Copy(enc.Attrs, encKind(m))
	return append(content, enc), nil
}

// distribution hands the key to the phone's messages in a group to a member.
func (p *Phone) distribution(group types.JID) (*waE2E.Message, error) {
	key, err := senderKey(p.signal, group)
	return &waE2E.Message{SenderKeyDistributionMessage: &waE2E.SenderKeyDistributionMessage{
		GroupID: proto.String(group.String()), AxolotlSenderKeyDistributionMessage: key,
	}}, err
}

// sealEach makes the list of participants of a message. Companions are only told that there is something to view once.
func (p *Phone) sealEach(receivers []endpoint, message func(endpoint) *waE2E.Message) ([]waBinary.Node, error) {
	var list []waBinary.Node
	for _, e := range receivers {
		if e == p.endpoint() {
			continue
		}
		part, m := unavailable, message(e)
		if e.id == 0 || !isViewOnce(m) && !isViewOnce(m.GetDeviceSentMessage().GetMessage()) {
			var err error
			if part, err = p.seal(e, m); err != nil {
				return nil, err
			}
		}
		list = append(list, waBinary.Node{Tag: "to", Attrs: waBinary.Attrs{"jid": e.lid()}, Content: []waBinary.Node{part}})
	}
	return []waBinary.Node{{Tag: "participants", Content: list}}, nil
}

// unavailable stands for a message that a device does not get.
var unavailable = waBinary.Node{Tag: "unavailable", Attrs: waBinary.Attrs{"type": string(events.UnavailableTypeViewOnce)}}

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
	enc, err := encrypt(p.signal, to.lid(), plaintext)
	if err == nil {
		maps.Copy(enc.Attrs, encKind(m))
	}
	return enc, err
}

// openSession starts a Signal session with the keys that the network holds for a device.
func (p *Phone) openSession(to endpoint) error {
	bundle := p.w.preKeysOf(to.lid())
	return useKeys(p.signal, to.lid(), childBytes(&bundle, "registration"), &bundle)
}
