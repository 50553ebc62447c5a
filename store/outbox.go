package store

import (
	"context"
	"database/sql"
	"time"
)

// Outgoing is one accepted thing to send. Body is JSON.
type Outgoing struct {
	Seq        int64 // given by AddOutgoing
	InstanceID int64
	MessageID  string
	Kind       string
	Body       string
	AcceptedAt time.Time
}

// AddOutgoing puts something at the end of an instance's queue.
func (t *Tx) AddOutgoing(o Outgoing) error {
	_, err := t.exec("add to outbox", `INSERT INTO outbox (instance_id, message_id, kind, body, accepted_at) VALUES ($1, $2, $3, $4, $5)`,
		o.InstanceID, o.MessageID, o.Kind, o.Body, o.AcceptedAt.Unix())
	return err
}

// RemoveOutgoing takes one entry out of the queue, if it is still there.
func (t *Tx) RemoveOutgoing(seq int64) error {
	_, err := t.exec("remove from outbox", `DELETE FROM outbox WHERE seq = $1`, seq)
	return err
}

// ClearOutbox empties an instance's queue and returns what was in it.
func (t *Tx) ClearOutbox(instance int64) ([]Outgoing, error) {
	all, err := list(t.ctx, t.tx, "clear outbox", scanOutgoing,
		`SELECT seq, instance_id, message_id, kind, body, accepted_at FROM outbox WHERE instance_id = $1 ORDER BY seq`, instance)
	if err == nil {
		_, err = t.exec("clear outbox", `DELETE FROM outbox WHERE instance_id = $1`, instance)
	}
	return all, err
}

// Outbox lists the oldest count entries of an instance's queue.
func (s *Store) Outbox(ctx context.Context, instance int64, count int) ([]Outgoing, error) {
	return list(ctx, s.db, "list outbox", scanOutgoing,
		`SELECT seq, instance_id, message_id, kind, body, accepted_at FROM outbox WHERE instance_id = $1 ORDER BY seq LIMIT $2`, instance, count)
}

// OutboxSize counts an instance's queue.
func (s *Store) OutboxSize(ctx context.Context, instance int64) (n int, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM outbox WHERE instance_id = $1`, instance).Scan(&n)
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
	err = rows.Scan(&o.Seq, &o.InstanceID, &o.MessageID, &o.Kind, &o.Body, &accepted)
	o.AcceptedAt = time.Unix(accepted, 0).UTC()
	return o, err
}
