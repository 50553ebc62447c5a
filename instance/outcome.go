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

// conclude commits the end of an entry, all at once: the queue, the journal and the notifications. Where there is nothing to
// notify of, a power failure may undo it: then the entry is sent again under its id.
func (i *Instance) conclude(ctx context.Context, row store.Outgoing, end outcome) error {
	if end.status == StatusSent {
		i.noteSent(time.Now())
	}
	var announced string
	ended := row.Message
	if ended != nil {
		m := *ended
		ended = &m
	}
	if ended != nil && end.message != nil {
		content, err := proto.Marshal(end.message)
		if err != nil {
			return err
		}
		ended.SenderID, ended.SentAt, ended.Type, ended.Content =
			string(i.own()), cmp.Or(end.at, time.Now()), string(contentOf(end.message).typ), content
		if announced, err = i.messageNotification(ctx, *ended, end.message); err != nil {
			return err
		}
	}
	update, tell := i.store.Update, i.statusTeller()
	if announced == "" && !tell.wanted && end.status == StatusSent {
		update = i.store.UpdateRelaxed
	}
	err := update(ctx, func(tx *store.Tx) error {
		if there, err := tx.RemoveOutgoing(row); err != nil || !there || ended == nil {
			return err
		}
		statuses, err := end.settle(tx, *ended, tell)
		if err == nil && end.message != nil {
			err = applyChange(tx, *ended, end.message)
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

// settle writes the end of a message, and renders the notifications of its status, and of that of a receipt that came first.
func (end outcome) settle(tx *store.Tx, m store.Message, tell statusTeller) ([]string, error) {
	statuses, err := end.statuses(&m, tell)
	if err != nil {
		return nil, err
	}
	if done, err := tx.UpdatePending(m); err != nil || done {
		return statuses, err
	}
	now, err := tx.Message(m.InstanceID, m.ChatID, m.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil // a story whose day is over
	} else if err != nil {
		return nil, err
	}
	m.Detail, m.EditedID, m.DeletedID = now.Detail, now.EditedID, now.DeletedID
	if statuses, err = end.statuses(&m, tell); err != nil {
		return nil, err
	}
	return statuses, tx.UpdateMessage(m)
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
