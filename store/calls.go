package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// maxCalls is how many calls of an instance are kept.
const maxCalls = 10_000

// Call is one call. At is the time of its end, or of the offer while it rings.
type Call struct {
	InstanceID   int64
	ID           string
	ChatID       string // the peer, or a group
	PeerID       string // who called or was called
	Outgoing     bool
	Video        bool
	Status       string
	Duration     time.Duration // to the second
	At           time.Time
	Participants string // JSON
}

const callColumns = `instance_id, call_id, chat_id, peer_id, outgoing, video, status, duration, at, participants`

// PutCall stores a call or replaces what is known of it. Beyond the newest 10 000 of an instance calls are deleted.
func (t *Tx) PutCall(c Call) error {
	_, err := t.exec("put call", `INSERT INTO calls (`+callColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (instance_id, call_id) DO UPDATE SET chat_id = excluded.chat_id, peer_id = excluded.peer_id, outgoing = excluded.outgoing,
		video = excluded.video, status = excluded.status, duration = excluded.duration, at = excluded.at, participants = excluded.participants`,
		c.InstanceID, c.ID, c.ChatID, c.PeerID, c.Outgoing, c.Video, c.Status, int64(c.Duration/time.Second), c.At.Unix(), c.Participants)
	if err == nil {
		_, err = t.exec("trim calls", `DELETE FROM calls WHERE instance_id = $1 AND at <
			(SELECT at FROM calls WHERE instance_id = $1 ORDER BY at DESC LIMIT 1 OFFSET $2)`, c.InstanceID, maxCalls-1)
	}
	return err
}

// Call reads one call; ErrNotFound when there is none.
func (t *Tx) Call(instance int64, id string) (Call, error) {
	c, err := scanCall(t.tx.QueryRowContext(t.ctx, `SELECT `+callColumns+` FROM calls WHERE instance_id = $1 AND call_id = $2`, instance, id))
	if errors.Is(err, sql.ErrNoRows) {
		return c, ErrNotFound
	} else if err != nil {
		return c, fmt.Errorf("store: read call: %w", err)
	}
	return c, nil
}

// CallsSince lists the calls of one direction that have ended since a time, newest first.
func (s *Store) CallsSince(ctx context.Context, instance int64, outgoing bool, since time.Time) ([]Call, error) {
	scan := func(rows *sql.Rows) (Call, error) { return scanCall(rows) }
	return list(ctx, s.db, "list calls", scan, `SELECT `+callColumns+` FROM calls
		WHERE instance_id = $1 AND outgoing = $2 AND status <> 'offer' AND at >= $3 ORDER BY at DESC, seq DESC`, instance, outgoing, since.Unix())
}

func scanCall(row interface{ Scan(...any) error }) (Call, error) {
	var c Call
	var duration, at int64
	err := row.Scan(&c.InstanceID, &c.ID, &c.ChatID, &c.PeerID, &c.Outgoing, &c.Video, &c.Status, &duration, &at, &c.Participants)
	c.Duration, c.At = time.Duration(duration)*time.Second, fromUnix(at)
	return c, err
}
