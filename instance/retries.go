package instance

import (
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// messageForRetry finds what was sent under an id, for a device that could not read it: whatsmeow itself remembers only the latest.
func (i *Instance) messageForRetry(_, _ types.JID, id types.MessageID) *waE2E.Message {
	rows, err := i.store.OutgoingMessages(i.ctx, int64(i.ID), id)
	if err != nil {
		i.log.Error("message to send again not found", "error", err)
		return nil
	}
	for _, row := range rows {
		message := &waE2E.Message{}
		if proto.Unmarshal(row.Content, message) == nil {
			return wrapped(message)
		}
	}
	return nil
}
