package sandbox

import (
	"fmt"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"google.golang.org/protobuf/proto"
)

// Peer messages: what the devices of one account tell each other and nobody sees.

// sendPeer sends a protocol message to a companion of the phone's own.
func (p *Phone) sendPeer(to endpoint, m *waE2E.ProtocolMessage) error {
	message := &waE2E.Message{ProtocolMessage: m}
	enc, err := p.seal(to, message)
	if err != nil {
		return err
	}
	id := p.w.newID()
	p.mailbox.sent[id] = sentMessage{message: message}
	p.w.relay(p.endpoint(), &waBinary.Node{
		Tag:     "message",
		Attrs:   waBinary.Attrs{"id": id, "to": to.lid(), "type": "text", "category": "peer"},
		Content: []waBinary.Node{enc},
	})
	return nil
}

// takePeerMessage answers a companion that lacks app state keys, could not read a message or wants older ones.
func (p *Phone) takePeerMessage(from endpoint, id string, m *waE2E.Message) {
	d := p.account.devices[from.id]
	if from.account != p.account || d == nil {
		return
	}
	switch m.GetProtocolMessage().GetType() {
	case waE2E.ProtocolMessage_APP_STATE_SYNC_KEY_REQUEST:
		p.shareKeys(d)
	case waE2E.ProtocolMessage_PEER_DATA_OPERATION_REQUEST_MESSAGE:
		request := m.GetProtocolMessage().GetPeerDataOperationRequestMessage()
		switch request.GetPeerDataOperationRequestType() {
		case waE2E.PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND:
			p.resendPlaceholders(from, id, request.GetPlaceholderMessageResendRequest())
		case waE2E.PeerDataOperationRequestType_HISTORY_SYNC_ON_DEMAND:
			p.sendOlder(from, id, request.GetHistorySyncOnDemandRequest())
		}
	}
}

type placeholderRequest = waE2E.PeerDataOperationRequestMessage_PlaceholderMessageResendRequest

// resendPlaceholders gives a companion the phone's own copies of messages. It says nothing of those that it does not have or that
// can be viewed once.
func (p *Phone) resendPlaceholders(to endpoint, requestID string, requests []*placeholderRequest) {
	answer := &waE2E.PeerDataOperationRequestResponseMessage{
		PeerDataOperationRequestType: waE2E.PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND.Enum(),
		StanzaID:                     proto.String(requestID),
	}
	for _, request := range requests {
		result, err := p.placeholder(request.GetMessageKey())
		if err != nil {
			p.w.log.Debug("phone has no copy of a message", "error", err)
			continue
		}
		answer.PeerDataOperationResult = append(answer.PeerDataOperationResult, result)
	}
	if len(answer.PeerDataOperationResult) == 0 {
		return
	}
	if err := p.sendPeer(to, &waE2E.ProtocolMessage{
		Type:                                    waE2E.ProtocolMessage_PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE.Enum(),
		PeerDataOperationRequestResponseMessage: answer,
	}); err != nil {
		p.w.log.Error("phone cannot answer a companion", "error", err)
	}
}

type placeholderResult = waE2E.PeerDataOperationRequestResponseMessage_PeerDataOperationResult

func (p *Phone) placeholder(key *waCommon.MessageKey) (*placeholderResult, error) {
	m, found := p.find(key.GetID())
	if !found || viewedOnce(m.Proto) {
		return nil, fmt.Errorf("message %s", key.GetID())
	}
	raw, err := proto.Marshal(&waWeb.WebMessageInfo{
		Key: key, Message: m.Proto, MessageTimestamp: proto.Uint64(uint64(m.Time.Unix())), PushName: proto.String(m.PushName),
	})
	if err != nil {
		return nil, fmt.Errorf("marshal message: %w", err)
	}
	return &placeholderResult{
		PlaceholderMessageResendResponse: &waE2E.PeerDataOperationRequestResponseMessage_PeerDataOperationResult_PlaceholderMessageResendResponse{
			WebMessageInfoBytes: raw,
		},
	}, nil
}
