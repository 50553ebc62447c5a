package sandbox

import (
	"slices"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types"
)

// Chat is a chat as the phone lists it, with what any of the account's devices has set.
type Chat struct {
	JID          types.JID     `json:"id"`           // by phone number, or the group
	Name         string        `json:"name"`         // from the address book or the person, or the group's subject
	Unread       int           `json:"unread"`       // messages
	MarkedUnread bool          `json:"markedUnread"` // by hand
	Archived     bool          `json:"archived"`
	Pinned       bool          `json:"pinned"`
	Muted        bool          `json:"muted"`
	Timer        time.Duration `json:"timer"` // of disappearing messages, 0: off; in JSON nanoseconds
	Last         time.Time     `json:"last"`  // message, zero: none
}

// Chats lists the phone's chats, those with the newest messages first.
func (p *Phone) Chats() []Chat {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var list []Chat
	for _, l := range p.chatLogs(len(p.mailbox.log)) {
		list = append(list, p.chat(l))
	}
	return list
}

// Chat shows one chat, also one without messages.
func (p *Phone) Chat(jid types.JID) Chat {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	jid = p.w.shownAs(jid)
	logs := p.chatLogs(len(p.mailbox.log))
	if i := slices.IndexFunc(logs, func(l chatLog) bool { return l.jid == jid }); i >= 0 {
		return p.chat(logs[i])
	}
	return p.chat(chatLog{jid: jid})
}

func (p *Phone) chat(l chatLog) Chat {
	mute, read := p.settingOf(appstate.IndexMute, l.jid).GetMuteAction(), p.settingOf(appstate.IndexMarkChatAsRead, l.jid)
	return Chat{
		JID: l.jid, Name: p.nameOf(l.jid), Unread: p.unread(l), MarkedUnread: read != nil && !read.GetMarkChatAsReadAction().GetRead(),
		Archived: p.settingOf(appstate.IndexArchive, l.jid).GetArchiveChatAction().GetArchived(),
		Pinned:   p.settingOf(appstate.IndexPin, l.jid).GetPinAction().GetPinned(),
		Muted:    mute.GetMuted() && (mute.GetMuteEndTimestamp() < 0 || time.UnixMilli(mute.GetMuteEndTimestamp()).After(p.w.now())),
		Timer:    p.timerOf(l.jid).length, Last: l.last(),
	}
}

// chatLog is what was written in a chat, oldest first, without what only changes other messages.
type chatLog struct {
	jid      types.JID
	messages []Message
}

func (l chatLog) last() time.Time {
	if len(l.messages) == 0 {
		return time.Time{}
	}
	return l.messages[len(l.messages)-1].Time
}

// chatLogs sorts the first entries of the phone's log by chats, those with the newest messages first. A group is a chat even while
// nobody has written in it.
func (p *Phone) chatLogs(until int) []chatLog {
	byChat := map[types.JID]*chatLog{}
	var order []types.JID // by last message, oldest first
	hidden := p.hidden()
	for _, m := range p.mailbox.log[:until] {
		if m.Chat == types.StatusBroadcastJID || !isContent(m.Proto) || hidden[m.ID] {
			continue
		}
		l := byChat[m.Chat]
		if l == nil {
			l = &chatLog{jid: m.Chat}
			byChat[m.Chat] = l
		}
		l.messages = append(l.messages, m)
		order = append(slices.DeleteFunc(order, func(jid types.JID) bool { return jid == m.Chat }), m.Chat)
	}
	var list []chatLog
	for _, jid := range slices.Backward(order) {
		list = append(list, *byChat[jid])
	}
	for _, g := range p.w.groupsOf(p.account) {
		if byChat[g.jid] == nil {
			list = append(list, chatLog{jid: g.jid})
		}
	}
	return list
}

// isContent tells what people write from what only changes or answers an earlier message.
func isContent(m *waE2E.Message) bool {
	switch name, _ := body(m); name {
	case "protocolMessage", "reactionMessage", "encReactionMessage", "pollUpdateMessage", "pinInChatMessage", "keepInChatMessage":
		return false
	}
	return true
}

// unread counts the messages of others since the last one that was read.
func (p *Phone) unread(l chatLog) int {
	count := 0
	for _, m := range slices.Backward(l.messages) {
		if p.mailbox.read[m.ID] {
			break
		}
		if !m.FromMe {
			count++
		}
	}
	return count
}

// readChat notes that all of a chat was read.
func (p *Phone) readChat(chat string) {
	jid, err := types.ParseJID(chat)
	if err != nil {
		return
	}
	for _, m := range p.mailbox.log {
		if m.Chat == p.w.shownAs(jid) && !m.FromMe {
			p.mailbox.read[m.ID] = true
		}
	}
}

// nameOf is what the phone writes above a chat.
func (p *Phone) nameOf(chat types.JID) string {
	if g := p.w.groups[chat]; g != nil {
		return g.subject.text
	}
	if contact := p.settingOf(appstate.IndexContact, chat).GetContactAction(); contact.GetFullName() != "" {
		return contact.GetFullName()
	}
	if a := p.w.account(chat); a != nil {
		return a.pushName
	}
	return ""
}

// settingOf returns the app state of a chat, which devices may have set under either address; nil if it is not set.
func (p *Phone) settingOf(word string, chat types.JID) *waSyncAction.SyncActionValue {
	var newest *waSyncAction.SyncActionValue
	for _, jid := range p.w.addressesOf(chat) {
		if value := p.settings.values[settingKey(word, jid.String())].value; value.GetTimestamp() >= newest.GetTimestamp() && value != nil {
			newest = value
		}
	}
	return newest
}

// keep adds a message to the phone's log, with what it changes there.
func (p *Phone) keep(m Message) {
	p.mailbox.log = append(p.mailbox.log, m)
	if change := m.Proto.GetProtocolMessage(); change.GetType() == waE2E.ProtocolMessage_EPHEMERAL_SETTING {
		p.mailbox.timers[m.Chat] = timer{time.Duration(change.GetEphemeralExpiration()) * time.Second, m.Time}
	}
}
