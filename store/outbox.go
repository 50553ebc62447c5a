package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// Outgoing is one accepted thing to send. Body is JSON; Message is its row of the journal, nil for what is no message.
type Outgoing struct {
	Seq        int64 // given by AddOutgoing
	InstanceID int64
	ChatID     string
	MessageID  string
	Kind       string
	Body       string
	AcceptedAt time.Time
	Message    *Message
}

const outgoingColumns = `seq, instance_id, chat_id, message_id, kind, body, accepted_at`

// AddOutgoing puts something at the end of an instance's queue, and its message into the journal.
func (t *Tx) AddOutgoing(o Outgoing) error {
	if o.Message != nil {
		if _, err := t.AddMessage(*o.Message); err != nil {
			return err
		}
	}
	_, err := t.exec("add to outbox", `INSERT INTO outbox (instance_id, chat_id, message_id, kind, body, accepted_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, o.InstanceID, o.ChatID, o.MessageID, o.Kind, o.Body, o.AcceptedAt.Unix())
	return err
}

// RemoveOutgoing takes one entry out of the queue; false when it is not there any more. Its number alone does not tell: a number can be
// given again once the queue was empty.
func (t *Tx) RemoveOutgoing(o Outgoing) (bool, error) {
	n, err := t.exec("remove from outbox", `DELETE FROM outbox WHERE seq = $1 AND message_id = $2`, o.Seq, o.MessageID)
	return n > 0, err
}

// Withdraw takes the entry of a message out of an instance's queue, but for one entry, 0 for none; false when it is not there (any more).
func (t *Tx) Withdraw(instance int64, id string, but int64) (bool, error) {
	n, err := t.exec("withdraw from outbox", `DELETE FROM outbox WHERE instance_id = $1 AND message_id = $2 AND seq <> $3`, instance, id, but)
	return n > 0, err
}

// ClearOutbox empties an instance's queue but for one entry, 0 for none, and marks the messages that were in it as failed.
func (t *Tx) ClearOutbox(instance, but int64) error {
	_, err := t.exec("clear outbox", `UPDATE messages SET status = 'failed' WHERE instance_id = $1 AND status = 'pending'
		AND message_id IN (SELECT message_id FROM outbox WHERE instance_id = $1 AND seq <> $2)`, instance, but)
	if err == nil {
		_, err = t.exec("clear outbox", `DELETE FROM outbox WHERE instance_id = $1 AND seq <> $2`, instance, but)
	}
	return err
}

// Outbox lists the oldest count entries of an instance's queue.
func (s *Store) Outbox(ctx context.Context, instance int64, count int) ([]Outgoing, error) {
	return list(ctx, s.db, "list outbox", scanOutgoing,
		`SELECT `+outgoingColumns+` FROM outbox WHERE instance_id = $1 ORDER BY seq LIMIT $2`, instance, count)
}

// NextOutgoing reads the oldest count entries that have their turn, with their messages: those whose chat is not held, or that were
// accepted before a time.
func (s *Store) NextOutgoing(ctx context.Context, instance int64, now, acceptedBefore time.Time, count int) ([]Outgoing, error) {
	entries, err := list(ctx, s.db, "next outgoing", scanOutgoing, `SELECT `+outgoingColumns+` FROM outbox WHERE instance_id = $1
		AND (accepted_at <= $3 OR chat_id NOT IN (SELECT chat_id FROM holds WHERE instance_id = $1 AND until > $2)) ORDER BY seq LIMIT $4`,
		instance, now.Unix(), acceptedBefore.Unix(), count)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	messages, err := list(ctx, s.db, "next outgoing", rowsMessage, `SELECT `+messageColumns+` FROM messages WHERE instance_id = $1
		AND message_id IN (SELECT message_id FROM outbox WHERE instance_id = $1 AND seq BETWEEN $2 AND $3)`,
		instance, entries[0].Seq, entries[len(entries)-1].Seq)
	for n := range entries {
		e := &entries[n]
		if at := slices.IndexFunc(messages, func(m Message) bool { return m.ID == e.MessageID && m.ChatID == e.ChatID }); at >= 0 {
			e.Message = &messages[at]
		}
	}
	return entries, err
}

// InOutbox tells whether an entry is still queued.
func (s *Store) InOutbox(ctx context.Context, o Outgoing) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM outbox WHERE seq = $1 AND message_id = $2`, o.Seq, o.MessageID).Scan(&n)
	if err != nil {
		err = fmt.Errorf("store: look into outbox: %w", err)
	}
	return n > 0, err
}

// OutboxSize counts an instance's queue.
func (s *Store) OutboxSize(ctx context.Context, instance int64) (n int, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM outbox WHERE instance_id = $1`, instance).Scan(&n)
	if err != nil {
		err = fmt.Errorf("store: count outbox: %w", err)
	}
	return n, err
}

// LastSent tells when something was sent for an instance through the API last; the zero time for never.
func (s *Store) LastSent(ctx context.Context, instance int64) (time.Time, error) {
	var sent int64
	err := s.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(sent_at), 0) FROM messages
		WHERE instance_id = $1 AND by_api AND status <> 'pending' AND sent_at > $2`, instance, time.Now().Add(-time.Hour).Unix()).Scan(&sent)
	return fromUnix(sent), err
}

func scanOutgoing(rows *sql.Rows) (o Outgoing, err error) {
	var accepted int64
	err = rows.Scan(&o.Seq, &o.InstanceID, &o.ChatID, &o.MessageID, &o.Kind, &o.Body, &accepted)
	o.AcceptedAt = fromUnix(accepted)
	return o, err
}
