package sandbox

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// What a person sets about a chat; Chat and Chats show it.

// Archive moves a chat to the archive or back.
func (p *Phone) Archive(chat types.JID, archived bool) error {
	return p.set(appstate.BuildArchive(chat, archived, time.Time{}, nil))
}

// Mute silences a chat for some time, forever if that is 0, or ends the silence.
func (p *Phone) Mute(chat types.JID, muted bool, d time.Duration) error {
	return p.set(appstate.BuildMute(chat, muted, d))
}

// Pin puts a chat on top of the list or lets it go.
func (p *Phone) Pin(chat types.JID, pinned bool) error { return p.set(appstate.BuildPin(chat, pinned)) }

// MarkChat marks a whole chat as read or as unread on the account's devices; others are not told, see Read.
func (p *Phone) MarkChat(chat types.JID, read bool) error {
	return p.set(appstate.BuildMarkChatAsRead(chat, read, time.Time{}, nil))
}

// DeleteForMe hides a message on the account's devices.
func (p *Phone) DeleteForMe(m Message) error {
	key := p.keyOf(m)
	fromMe, author := "0", "0"
	if m.FromMe {
		fromMe = "1"
	} else if isMulti(m.Chat) {
		author = key.GetParticipant()
	}
	return p.set(appstate.PatchInfo{Type: appstate.WAPatchRegularHigh, Mutations: []appstate.MutationInfo{{
		Index:   []string{appstate.IndexDeleteMessageForMe, key.GetRemoteJID(), m.ID, fromMe, author},
		Version: 3,
		Value: &waSyncAction.SyncActionValue{DeleteMessageForMeAction: &waSyncAction.DeleteMessageForMeAction{
			DeleteMedia: proto.Bool(false), MessageTimestamp: proto.Int64(m.Time.Unix()),
		}},
	}}})
}

// DeletedForMe tells whether a device of the account has hidden a message.
func (p *Phone) DeletedForMe(id string) bool {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.hidden()[id]
}

func (p *Phone) hidden() map[string]bool {
	ids := map[string]bool{}
	for _, s := range p.settingsOf(appstate.IndexDeleteMessageForMe) {
		if len(s.index) > 2 {
			ids[s.index[2]] = true
		}
	}
	return ids
}

// SetChatTimer makes messages in the chat with a person disappear after a time; 0 turns that off. See SetGroupTimer for groups.
func (p *Phone) SetChatTimer(ctx context.Context, chat types.JID, d time.Duration) error {
	_, err := p.Send(ctx, chat, &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type:                      waE2E.ProtocolMessage_EPHEMERAL_SETTING.Enum(),
		EphemeralExpiration:       proto.Uint32(uint32(d.Seconds())),
		EphemeralSettingTimestamp: proto.Int64(p.w.now().Unix()),
	}})
	return err
}

// timer is how long what is written in a chat stays, and since when this is so.
type timer struct {
	length time.Duration
	since  time.Time
}

// timerOf is the timer of a chat, which is named by phone number.
func (p *Phone) timerOf(chat types.JID) timer {
	if g := p.w.groups[chat]; g != nil {
		return timer{length: g.ephemeral}
	}
	return p.mailbox.timers[chat]
}

// withTimer lets what people write in a chat with a timer say after how many seconds it disappears.
func (p *Phone) withTimer(chat types.JID, m *waE2E.Message) *waE2E.Message {
	t := p.timerOf(chat)
	if t.length == 0 || !isContent(m) || m.EditedMessage != nil {
		return m
	}
	m = proto.CloneOf(m)
	if c := contextOf(m); c != nil {
		c.Expiration = proto.Uint32(uint32(t.length.Seconds()))
		if !t.since.IsZero() {
			c.EphemeralSettingTimestamp = proto.Int64(t.since.Unix())
		}
	}
	return m
}
