package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

// Message is a message as a phone shows it. People are named by their phone numbers, without a device.
type Message struct {
	ID       string
	From     types.JID
	Chat     types.JID // the other side, or the group
	FromMe   bool      // written on the phone or one of its companions
	PushName string
	Time     time.Time
	Text     string         // what a person reads first, such as a text, a caption or a question; empty for other kinds
	Proto    *waE2E.Message // all of it, without the wrappings of ephemeral and edited messages
	// ArrivedAt is when the phone got or wrote the message; Time is the network's and has whole seconds.
	ArrivedAt time.Time
	sender    types.JID // as the network named it
}

// mailbox is what a phone has written and received. Maps are by message id, but for timers, which are by chat.
type mailbox struct {
	inbox     feed[Message]
	receipts  feed[Receipt]
	typing    feed[Typing]
	calls     feed[Call]
	log       []Message // all of the inbox and what the phone wrote itself, in order
	sent      map[string]sentMessage
	asked     map[string]int // how often a message was asked for again
	failNext  int            // how many messages to find unreadable
	read      map[string]bool
	dropped   map[string]bool       // messages whose files the phone has deleted
	audiences map[string][]*account // who got a status
	timers    map[types.JID]timer
}

func newMailbox() mailbox {
	return mailbox{
		sent: map[string]sentMessage{}, asked: map[string]int{}, read: map[string]bool{}, dropped: map[string]bool{},
		audiences: map[string][]*account{}, timers: map[types.JID]timer{},
	}
}

// Messages lists what the phone has received, oldest first, with the copies of what its companions sent.
func (p *Phone) Messages() []Message {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return slices.Clone(p.mailbox.inbox.all)
}

// Next returns the oldest message that Next has not returned yet, and waits for one until ctx ends.
func (p *Phone) Next(ctx context.Context) (Message, error) {
	return next(ctx, p.w, &p.mailbox.inbox)
}

// take gives the phone a stanza that another device has sent to it. Phones are always there.
func (p *Phone) take(node *waBinary.Node) {
	switch node.Tag {
	case "message":
		p.takeMessage(node)
	case "receipt":
		p.takeReceipt(node)
	case "chatstate":
		p.takeChatState(node)
	case "call":
		p.takeCall(node)
	}
}

func (p *Phone) takeMessage(node *waBinary.Node) {
	from, chat := p.sender(node), attrJID(node, "from")
	m, err := p.open(from, chat, node)
	if p.mailbox.failNext > 0 || err != nil {
		p.mailbox.failNext = max(p.mailbox.failNext-1, 0)
		p.w.log.Debug("phone cannot read a message", "error", err)
		p.askAgain(node)
		return
	}
	if attr(node, "category") == "peer" {
		p.takePeerMessage(from, attr(node, "id"), m)
		return
	}
	shown := p.show(from, chat, node, m)
	p.mailbox.inbox.add(shown)
	p.keep(shown)
	p.confirm(from, node)
}

// Message finds a message that the phone has received or sent by its id.
func (p *Phone) Message(id string) (Message, bool) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.find(id)
}

func (p *Phone) find(id string) (Message, bool) {
	i := slices.IndexFunc(p.mailbox.log, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return p.mailbox.log[i], true
}

// sender finds the device that a stanza comes from.
func (p *Phone) sender(node *waBinary.Node) endpoint {
	from, _ := p.w.endpoint(wireSender(node))
	return from
}

func wireSender(node *waBinary.Node) types.JID {
	if from := attrJID(node, "from"); !isMulti(from) {
		return from
	}
	return attrJID(node, "participant")
}

// open decrypts all parts of a message. A group message may bring the key for its second part in its first.
func (p *Phone) open(from endpoint, chat types.JID, node *waBinary.Node) (*waE2E.Message, error) {
	m := &waE2E.Message{}
	for _, enc := range node.GetChildrenByTag("enc") {
		plaintext, err := decrypt(p.signal, from.lid(), chat, &enc)
		if err != nil {
			return nil, err
		}
		part := &waE2E.Message{}
		if err := proto.Unmarshal(plaintext, part); err != nil {
			return nil, fmt.Errorf("parse message: %w", err)
		}
		if key := part.GetSenderKeyDistributionMessage(); key != nil {
			if err := learnSenderKey(p.signal, from.lid(), chat, key.GetAxolotlSenderKeyDistributionMessage()); err != nil {
				return nil, err
			}
		}
		proto.Merge(m, part)
	}
	return m, nil
}

// show makes an entry of the inbox.
func (p *Phone) show(from endpoint, chat types.JID, node *waBinary.Node, m *waE2E.Message) Message {
	unwrapped := (&events.Message{RawMessage: m}).UnwrapRaw().Message
	if !isMulti(chat) {
		chat = from.account.pn
		if other := p.w.account(attrJID(node, "recipient")); other != nil {
			chat = other.pn
		}
	}
	seconds, _ := strconv.ParseInt(attr(node, "t"), 10, 64)
	return Message{
		ID: attr(node, "id"), From: from.account.pn, Chat: chat, FromMe: from.account == p.account,
		PushName: attr(node, "notify"), Time: time.Unix(seconds, 0), Text: wordsOf(unwrapped), Proto: unwrapped,
		ArrivedAt: p.w.now(), sender: wireSender(node),
	}
}

// wordsOf is what a person reads in a message.
func wordsOf(m *waE2E.Message) string {
	m = unwrap(m)
	if text := cmp.Or(
		m.GetConversation(), m.GetExtendedTextMessage().GetText(), m.GetImageMessage().GetCaption(), m.GetVideoMessage().GetCaption(),
		m.GetDocumentMessage().GetCaption(), m.GetReactionMessage().GetText(), m.GetLocationMessage().GetName(),
		m.GetContactMessage().GetDisplayName(), m.GetContactsArrayMessage().GetDisplayName(), m.GetGroupInviteMessage().GetCaption(),
		m.GetButtonsMessage().GetContentText(), m.GetButtonsResponseMessage().GetSelectedDisplayText(),
		m.GetListMessage().GetDescription(), m.GetListResponseMessage().GetTitle(),
		m.GetTemplateMessage().GetHydratedTemplate().GetHydratedContentText(), m.GetTemplateButtonReplyMessage().GetSelectedDisplayText(),
		m.GetInteractiveMessage().GetBody().GetText(), m.GetInteractiveResponseMessage().GetBody().GetText(),
	); text != "" {
		return text
	}
	if isPoll(m) {
		_, part := body(m)
		poll, _ := part.Interface().(*waE2E.PollCreationMessage)
		return poll.GetName()
	}
	if edited := m.GetProtocolMessage().GetEditedMessage(); edited != nil {
		return wordsOf(edited)
	}
	return ""
}
