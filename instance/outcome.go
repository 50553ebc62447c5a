package instance

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

// outcome is what became of an entry of the outbox.
type outcome struct {
	status      MessageStatus
	description string
	message     *waE2E.Message // as it was sent; nil for what is no message or was not sent
	at          time.Time      // when WhatsApp took it, as it says
}

// conclude commits the end of an entry, all at once: the queue, the journal and the notifications.
func (i *Instance) conclude(ctx context.Context, row store.Outgoing, end outcome) error {
	var content []byte
	var announced string
	if end.status == StatusSent {
		i.noteSent(time.Now())
	}
	if end.message != nil {
		var err error
		end.at = cmp.Or(end.at, time.Now())
		if content, err = proto.Marshal(end.message); err != nil {
			return err
		}
		if announced, err = i.announcementOf(ctx, row, end); err != nil {
			return err
		}
	}
	own, tell := string(i.own()), i.statusTeller()
	err := i.store.Update(ctx, func(tx *store.Tx) error {
		if there, err := tx.RemoveOutgoing(row); err != nil || !there {
			return err
		}
		m, err := tx.Message(row.InstanceID, row.ChatID, row.MessageID)
		if errors.Is(err, store.ErrNotFound) {
			return nil // it was no message
		} else if err != nil {
			return err
		}
		if end.message != nil {
			m.SenderID, m.SentAt, m.Type, m.Content = own, end.at, string(contentOf(end.message).typ), content
		}
		statuses, err := end.statuses(&m, tell)
		if err == nil {
			err = tx.UpdateMessage(m)
		}
		if err == nil && end.message != nil {
			err = applyChange(tx, m, end.message)
		}
		return errors.Join(err, i.notifyUser(tx, append([]string{announced}, statuses...)...))
	})
	if err == nil {
		i.kickNotifications()
		if end.message != nil {
			i.readOnReply(row)
		}
	}
	return err
}

// statuses moves a message on to its status, and to that of a receipt that came first, and renders the notifications of both.
func (end outcome) statuses(m *store.Message, tell statusTeller) ([]string, error) {
	steps := []MessageStatus{end.status}
	if early := statusOrder[MessageStatus(m.Detail)]; early > 0 {
		steps, end.description = []MessageStatus{StatusSent, StatusDelivered, StatusRead}[:early], ""
	}
	var bodies []string
	m.Detail = ""
	for _, step := range steps {
		m.Status = string(step)
		body, err := tell.body(*m, time.Now(), end.description)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return bodies, nil
}

// announcementOf renders the notification that a message was sent.
func (i *Instance) announcementOf(ctx context.Context, row store.Outgoing, end outcome) (string, error) {
	m, err := i.store.Message(ctx, row.InstanceID, row.ChatID, row.MessageID)
	if err != nil {
		return "", err
	}
	m.SenderID, m.SentAt, m.Type = string(i.own()), end.at, string(contentOf(end.message).typ)
	return i.messageNotification(ctx, m, end.message)
}
