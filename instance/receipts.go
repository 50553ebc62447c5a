package instance

import (
	"context"
	"errors"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"greengate/store"
)

// order of statuses: a receipt never takes a message back. In a group, the first member's receipt counts.
var statusOrder = map[MessageStatus]int{StatusPending: 0, StatusSent: 1, StatusDelivered: 2, StatusRead: 3}

func statusOf(receipt types.ReceiptType) MessageStatus {
	switch receipt {
	case types.ReceiptTypeDelivered, types.ReceiptTypeInactive:
		return StatusDelivered
	case types.ReceiptTypeRead, types.ReceiptTypePlayed:
		return StatusRead
	}
	return ""
}

// receiveReceipt follows what became of outgoing messages, and what of the incoming ones was read on another device.
func (i *Instance) receiveReceipt(ctx context.Context, e *events.Receipt) error {
	status := statusOf(e.Type)
	switch {
	case e.IsFromMe && (e.Type == types.ReceiptTypeRead || e.Type == types.ReceiptTypeReadSelf):
		chat := string(i.chatOf(ctx, e.Chat, e.RecipientAlt))
		return i.store.Update(ctx, func(tx *store.Tx) error { return tx.MarkRead(int64(i.ID), chat, e.MessageIDs...) })
	case e.IsFromMe, status == "":
		return nil
	}
	i.sending.await(ctx, e.MessageIDs)
	tell := i.statusTeller()
	viewer := store.StatusReceipt{Participant: string(i.chatOf(ctx, e.Sender, e.SenderAlt)), Status: string(status), At: e.Timestamp}
	err := i.store.Update(ctx, func(tx *store.Tx) error {
		for _, id := range e.MessageIDs {
			rows, err := tx.OutgoingMessages(int64(i.ID), id)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if ChatID(row.ChatID) == storyChat {
					if err := tx.AddStatusReceipt(row.InstanceID, id, viewer); err != nil {
						return err
					}
				}
				if err := i.advance(tx, tell, row, status, e.Timestamp); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		i.kickNotifications()
	}
	return err
}

// advance moves a message on to a status and tells of it. After a crash a receipt can come before it is known here that the message was
// sent; then it is kept for the end of sending, so that all is told in order.
func (i *Instance) advance(tx *store.Tx, tell statusTeller, row store.Message, status MessageStatus, at time.Time) error {
	before := MessageStatus(row.Status)
	if before == StatusPending {
		if statusOrder[status] > statusOrder[MessageStatus(row.Detail)] {
			row.Detail = string(status)
		}
		return tx.UpdateMessage(row)
	}
	if order, moves := statusOrder[before]; !moves || order >= statusOrder[status] {
		return nil
	}
	row.Status = string(status)
	body, err := tell.body(row, at, "")
	return errors.Join(err, tx.UpdateMessage(row), i.notifyUser(tx, body))
}
