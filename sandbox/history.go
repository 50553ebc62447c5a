package sandbox

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// A phone that has chats gives a new companion what was written before it was linked: first all chats with their newest messages,
// then statuses, names, and at last older messages. Each piece is a file on the media host of which a peer message tells.

const (
	firstMessages  = 20             // of each chat that come in the first piece
	recentMessages = 1000           // of each chat that come at all
	statusLife     = 24 * time.Hour // after which a status is gone
)

func (w *World) addHistoryRoutes() {
	w.router.onLinked = append(w.router.onLinked, func(d *device) { d.past = len(d.account.phone.mailbox.log) })
}

// sendHistory gives a companion what was in the phone's chats when it was linked; nothing if there were none.
func (p *Phone) sendHistory(d *device) {
	logs := p.chatLogs(d.past)
	if p.account.devices[d.id] != d || len(logs) == 0 {
		return
	}
	first := &waHistorySync.HistorySync{
		SyncType: waHistorySync.HistorySync_INITIAL_BOOTSTRAP.Enum(), ChunkOrder: proto.Uint32(1), Progress: proto.Uint32(100),
		GlobalSettings: &waHistorySync.GlobalSettings{DisappearingModeDuration: proto.Int32(int32(p.account.disappearing.Seconds()))},
	}
	recent := &waHistorySync.HistorySync{
		SyncType: waHistorySync.HistorySync_RECENT.Enum(), ChunkOrder: proto.Uint32(1), Progress: proto.Uint32(100),
	}
	for _, s := range p.settingsOf(appstate.IndexCallLog) {
		recent.CallLogRecords = append(recent.CallLogRecords, s.value.GetCallLogAction().GetCallLogRecord())
	}
	names := map[*account]bool{}
	for _, l := range logs {
		cut := max(0, len(l.messages)-firstMessages)
		first.Conversations = append(first.Conversations, p.conversation(l, l.messages[cut:]))
		if older := l.messages[max(0, cut-recentMessages):cut]; len(older) > 0 {
			recent.Conversations = append(recent.Conversations, p.conversation(l, older))
		}
		for _, a := range p.w.peopleIn(l) {
			names[a] = true
		}
	}
	pushNames := &waHistorySync.HistorySync{SyncType: waHistorySync.HistorySync_PUSH_NAME.Enum()}
	for a := range names {
		first.PhoneNumberToLidMappings = append(first.PhoneNumberToLidMappings, &waHistorySync.PhoneNumberToLIDMapping{
			PnJID: proto.String(a.pn.String()), LidJID: proto.String(a.lid.String()),
		})
		pushNames.Pushnames = append(pushNames.Pushnames, &waHistorySync.Pushname{ID: proto.String(a.pn.String()), Pushname: &a.pushName})
	}
	for _, piece := range []*waHistorySync.HistorySync{first, p.statusHistory(d.past), pushNames, recent} {
		p.sendPiece(d.endpoint(), piece, &waE2E.HistorySyncNotification{})
	}
}

// peopleIn lists who writes, or may write, in a chat.
func (w *World) peopleIn(l chatLog) []*account {
	var list []*account
	if a := w.account(l.jid); a != nil {
		list = append(list, a)
	}
	if g := w.groups[l.jid]; g != nil {
		for _, m := range g.members {
			list = append(list, m.account)
		}
	}
	return list
}

// statusHistory lists the statuses that are not over yet.
func (p *Phone) statusHistory(until int) *waHistorySync.HistorySync {
	piece := &waHistorySync.HistorySync{SyncType: waHistorySync.HistorySync_INITIAL_STATUS_V3.Enum()}
	for _, m := range p.mailbox.log[:until] {
		if m.Chat == types.StatusBroadcastJID && isContent(m.Proto) && p.w.now().Sub(m.Time) < statusLife {
			piece.StatusV3Messages = append(piece.StatusV3Messages, p.webMessage(m))
		}
	}
	return piece
}

// conversation describes a chat with some of its messages, which come newest first.
func (p *Phone) conversation(l chatLog, messages []Message) *waHistorySync.Conversation {
	c := &waHistorySync.Conversation{
		ID: proto.String(l.jid.String()), Name: textOrNil(p.nameOf(l.jid)),
		UnreadCount:              proto.Uint32(uint32(p.unread(l))),
		Archived:                 proto.Bool(p.settingOf(appstate.IndexArchive, l.jid).GetArchiveChatAction().GetArchived()),
		EndOfHistoryTransferType: waHistorySync.Conversation_COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY.Enum(),
	}
	if len(l.messages) > len(messages) && len(messages) > 0 && messages[0].ID != l.messages[0].ID {
		c.EndOfHistoryTransferType = waHistorySync.Conversation_COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY.Enum()
	}
	if a := p.w.account(l.jid); a != nil {
		c.ID, c.PnJID, c.AccountLid = proto.String(a.lid.String()), proto.String(a.pn.String()), proto.String(p.account.lid.String())
	}
	p.describeSettings(c, l.jid)
	p.describeGroup(c, p.w.groups[l.jid])
	if last := l.last(); !last.IsZero() {
		c.ConversationTimestamp, c.LastMsgTimestamp = proto.Uint64(uint64(last.Unix())), proto.Uint64(uint64(last.Unix()))
	}
	for i, m := range slices.Backward(messages) {
		if viewedOnce(m.Proto) {
			continue
		}
		c.Messages = append(c.Messages, &waHistorySync.HistorySyncMsg{Message: p.webMessage(m), MsgOrderID: proto.Uint64(uint64(i + 1))})
	}
	return c
}

func (p *Phone) describeSettings(c *waHistorySync.Conversation, chat types.JID) {
	if pin := p.settingOf(appstate.IndexPin, chat); pin.GetPinAction().GetPinned() {
		c.Pinned = proto.Uint32(uint32(pin.GetTimestamp() / 1000))
	}
	if mute := p.settingOf(appstate.IndexMute, chat).GetMuteAction(); mute.GetMuted() {
		end := mute.GetMuteEndTimestamp() / 1000
		if end <= 0 {
			end = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix() // for ever
		}
		c.MuteEndTime = proto.Uint64(uint64(end))
	}
	if read := p.settingOf(appstate.IndexMarkChatAsRead, chat); read != nil {
		c.MarkedAsUnread = proto.Bool(!read.GetMarkChatAsReadAction().GetRead())
	}
	if t := p.timerOf(chat); t.length > 0 {
		c.EphemeralExpiration = proto.Uint32(uint32(t.length.Seconds()))
		if !t.since.IsZero() {
			c.EphemeralSettingTimestamp = proto.Int64(t.since.Unix())
		}
	}
}

func (p *Phone) describeGroup(c *waHistorySync.Conversation, g *group) {
	if g == nil {
		return
	}
	c.CreatedAt, c.CreatedBy = proto.Uint64(uint64(g.created.Unix())), proto.String(g.creator.lid.String())
	c.Description, c.IsParentGroup, c.IsDefaultSubgroup = textOrNil(g.description.text), proto.Bool(g.parent), proto.Bool(g.defaultSub)
	c.ReadOnly = proto.Bool(g.member(p.account) == nil)
	if !g.linkedParent.IsEmpty() {
		c.ParentGroupID = proto.String(g.linkedParent.String())
	}
	ranks := map[string]waHistorySync.GroupParticipant_Rank{
		"admin": waHistorySync.GroupParticipant_ADMIN, "superadmin": waHistorySync.GroupParticipant_SUPERADMIN,
	}
	for _, m := range g.members {
		c.Participant = append(c.Participant, &waHistorySync.GroupParticipant{UserJID: proto.String(m.account.lid.String()), Rank: ranks[m.rank].Enum()})
	}
}

// sendPiece puts a piece of history on the media host and tells a companion where it is.
func (p *Phone) sendPiece(to endpoint, piece *waHistorySync.HistorySync, notice *waE2E.HistorySyncNotification) {
	raw, err := proto.Marshal(piece)
	if err == nil {
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		_, _ = z.Write(raw) // into memory, cannot fail
		_ = z.Close()
		err = p.w.sealFile(notice, packed.Bytes())
	}
	if err == nil {
		notice.SyncType = waE2E.HistorySyncType(piece.GetSyncType()).Enum()
		notice.ChunkOrder, notice.Progress = piece.ChunkOrder, piece.Progress
		err = p.sendPeer(to, &waE2E.ProtocolMessage{
			Type: waE2E.ProtocolMessage_HISTORY_SYNC_NOTIFICATION.Enum(), HistorySyncNotification: notice,
		})
	}
	if err != nil {
		p.w.log.Error("phone cannot send its history", "error", fmt.Errorf("%s: %w", piece.GetSyncType(), err))
	}
}

// sendOlder answers a companion that asks for the messages of a chat before one that it has.
func (p *Phone) sendOlder(to endpoint, requestID string, request *waE2E.PeerDataOperationRequestMessage_HistorySyncOnDemandRequest) {
	chat, err := types.ParseJID(request.GetChatJID())
	if err != nil {
		return
	}
	for _, l := range p.chatLogs(len(p.mailbox.log)) {
		end := slices.IndexFunc(l.messages, func(m Message) bool { return m.ID == request.GetOldestMsgID() })
		if l.jid != p.w.shownAs(chat) || end < 0 {
			continue
		}
		begin := max(0, end-int(max(0, request.GetOnDemandMsgCount())))
		p.sendPiece(to, &waHistorySync.HistorySync{
			SyncType: waHistorySync.HistorySync_ON_DEMAND.Enum(), ChunkOrder: proto.Uint32(1), Progress: proto.Uint32(100),
			Conversations: []*waHistorySync.Conversation{p.conversation(l, l.messages[begin:end])},
		}, &waE2E.HistorySyncNotification{PeerDataRequestSessionID: &requestID})
	}
}
