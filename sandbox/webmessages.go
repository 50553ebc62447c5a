package sandbox

import (
	"slices"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// webMessage writes a message as history carries it, with what has become of it since.
func (p *Phone) webMessage(m Message) *waWeb.WebMessageInfo {
	info := &waWeb.WebMessageInfo{
		Key: p.key(m), Message: m.Proto, MessageTimestamp: proto.Uint64(uint64(m.Time.Unix())), PushName: textOrNil(m.PushName),
		MessageSecret: m.Proto.GetMessageContextInfo().GetMessageSecret(),
	}
	if isMulti(m.Chat) {
		info.Participant = proto.String(m.sender.ToNonAD().String())
	}
	if m.FromMe {
		info.Status = p.progress(m.ID).Enum()
	}
	if c := expirationOf(m.Proto); c > 0 {
		info.EphemeralDuration, info.EphemeralStartTimestamp = &c, info.MessageTimestamp
	}
	for _, later := range p.mailbox.log {
		if later.Chat == m.Chat {
			p.amend(info, m, later)
		}
	}
	p.addVotes(info, m)
	return info
}

// progress is how far a message of the account has come.
func (p *Phone) progress(id string) waWeb.WebMessageInfo_Status {
	status := waWeb.WebMessageInfo_SERVER_ACK
	for _, r := range p.mailbox.receipts.all {
		if r.From == p.account.pn || !slices.Contains(r.IDs, id) {
			continue
		}
		switch types.ReceiptType(r.Type) {
		case types.ReceiptTypeDelivered, types.ReceiptTypeInactive:
			status = max(status, waWeb.WebMessageInfo_DELIVERY_ACK)
		case types.ReceiptTypeRead:
			status = max(status, waWeb.WebMessageInfo_READ)
		case types.ReceiptTypePlayed:
			status = waWeb.WebMessageInfo_PLAYED
		}
	}
	return status
}

// amend lets a later message of the chat change an earlier one: an edit stands in its place, a deletion leaves a note, a reaction
// replaces the former one of the same person.
func (p *Phone) amend(info *waWeb.WebMessageInfo, m, later Message) {
	change, reaction := later.Proto.GetProtocolMessage(), later.Proto.GetReactionMessage()
	switch {
	case reaction.GetKey().GetID() == m.ID:
		p.setReaction(info, later)
	case change == nil || change.GetKey().GetID() != m.ID:
	case later.From != m.From && !p.w.isAdmin(m.Chat, p.w.account(later.From)):
	case change.GetType() == waE2E.ProtocolMessage_REVOKE:
		info.Message, info.MessageStubType = nil, waWeb.WebMessageInfo_REVOKE.Enum()
	case change.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT && info.Message != nil:
		info.Key.ID = proto.String(later.ID)
		info.Message = &waE2E.Message{EditedMessage: &waE2E.FutureProofMessage{Message: later.Proto}}
	}
}

func (p *Phone) setReaction(info *waWeb.WebMessageInfo, later Message) {
	key, reaction := p.key(later), later.Proto.GetReactionMessage()
	kept := info.Reactions[:0]
	for _, r := range info.Reactions {
		if r.GetKey().GetFromMe() != later.FromMe || r.GetKey().GetParticipant() != key.GetParticipant() {
			kept = append(kept, r)
		}
	}
	info.Reactions = kept
	if reaction.GetText() != "" {
		info.Reactions = append(kept, &waWeb.Reaction{Key: key, Text: reaction.Text, SenderTimestampMS: reaction.SenderTimestampMS})
	}
}

// addVotes lists the votes in a poll.
func (p *Phone) addVotes(info *waWeb.WebMessageInfo, poll Message) {
	votes, err := p.castVotes(poll)
	if err != nil {
		p.w.log.Warn("phone cannot read the votes of a poll", "error", err)
	}
	for _, v := range votes {
		info.PollUpdates = append(info.PollUpdates, &waWeb.PollUpdate{
			PollUpdateMessageKey: p.key(v.Message), Vote: v.vote, SenderTimestampMS: v.Proto.GetPollUpdateMessage().SenderTimestampMS,
		})
	}
}
