package sandbox

import (
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"google.golang.org/protobuf/proto"
)

// settleCall lets both phones write down a call that has just ended, after ringing or after it was accepted.
func (w *World) settleCall(c *call, rang bool) {
	switch {
	case c.state == CallAccepted:
		c.accepted = w.now()
	case c.state == CallRejected:
		w.logCall(c, waSyncAction.CallLogRecord_REJECTED, waSyncAction.CallLogRecord_REJECTED)
	case rang:
		w.logCall(c, waSyncAction.CallLogRecord_CANCELLED, waSyncAction.CallLogRecord_MISSED)
	default:
		w.logCall(c, waSyncAction.CallLogRecord_CONNECTED, waSyncAction.CallLogRecord_CONNECTED)
	}
}

// logCall writes a call down with what became of it for its caller and for the other side.
func (w *World) logCall(c *call, forCaller, forCalled waSyncAction.CallLogRecord_CallResult) {
	c.from.phone.writeCall(c, forCaller)
	if !c.unheard {
		c.to.phone.writeCall(c, forCalled)
	}
}

// writeCall puts a call into the account's app state. Times in the record are Unix seconds.
func (p *Phone) writeCall(c *call, result waSyncAction.CallLogRecord_CallResult) {
	record := &waSyncAction.CallLogRecord{
		CallResult: result.Enum(), StartTime: proto.Int64(c.began.Unix()), Duration: proto.Int64(0),
		IsIncoming: proto.Bool(p.account != c.from), IsVideo: &c.video, CallID: &c.id, CallCreatorJID: proto.String(c.from.lid.String()),
		CallType: waSyncAction.CallLogRecord_REGULAR.Enum(), SilenceReason: waSyncAction.CallLogRecord_NONE.Enum(),
	}
	if result == waSyncAction.CallLogRecord_CONNECTED {
		record.Duration = proto.Int64(int64(p.w.now().Sub(c.accepted).Seconds()))
	}
	peer, fromMe := "", "0"
	if p.account == c.from {
		fromMe = "1"
	}
	if c.group != nil {
		peer = c.group.jid.String()
		record.GroupJID = &peer
		for _, m := range c.group.members {
			if m.account != c.from {
				record.Participants = append(record.Participants, participantInfo(m.account, c.guestResult(m.account)))
			}
		}
	} else {
		peer = c.other(p.account).lid.String()
		record.Participants = []*waSyncAction.CallLogRecord_ParticipantInfo{participantInfo(c.other(p.account), result)}
	}
	if err := p.apply(appstate.PatchInfo{Type: appstate.WAPatchRegular, Mutations: []appstate.MutationInfo{{
		Index: []string{appstate.IndexCallLog, peer, c.id, fromMe}, Version: 8,
		Value: &waSyncAction.SyncActionValue{CallLogAction: &waSyncAction.CallLogAction{CallLogRecord: record}},
	}}}); err != nil {
		p.w.log.Error("phone cannot write down a call", "error", err)
	}
}

func participantInfo(a *account, result waSyncAction.CallLogRecord_CallResult) *waSyncAction.CallLogRecord_ParticipantInfo {
	return &waSyncAction.CallLogRecord_ParticipantInfo{UserJID: proto.String(a.lid.String()), CallResult: result.Enum()}
}
