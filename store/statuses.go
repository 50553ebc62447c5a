package store

import (
	"context"
	"database/sql"
	"time"
)

// StatusReceipt tells what became of a status at one of its viewers.
type StatusReceipt struct {
	Participant string
	Status      string
	At          time.Time
}

// AddStatusParticipants notes whom a status was sent to; who is noted already stays so.
func (t *Tx) AddStatusParticipants(instance int64, message string, participants ...string) error {
	for _, p := range participants {
		if _, err := t.exec("add status participant", `INSERT INTO status_participants (instance_id, message_id, participant)
			VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, instance, message, p); err != nil {
			return err
		}
	}
	return nil
}

// StatusParticipants lists whom a status was sent to.
func (s *Store) StatusParticipants(ctx context.Context, instance int64, message string) ([]string, error) {
	scan := func(rows *sql.Rows) (p string, err error) { return p, rows.Scan(&p) }
	return list(ctx, s.db, "list status participants", scan, `SELECT participant FROM status_participants
		WHERE instance_id = $1 AND message_id = $2 ORDER BY participant`, instance, message)
}

// AddStatusReceipt notes what became of a status at a viewer; the first one of its kind counts.
func (t *Tx) AddStatusReceipt(instance int64, message string, r StatusReceipt) error {
	_, err := t.exec("add status receipt", `INSERT INTO status_receipts (instance_id, message_id, participant, status, at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, instance, message, r.Participant, r.Status, r.At.Unix())
	return err
}

// StatusReceipts lists what became of a status, in the order in which it happened.
func (s *Store) StatusReceipts(ctx context.Context, instance int64, message string) ([]StatusReceipt, error) {
	scan := func(rows *sql.Rows) (r StatusReceipt, err error) {
		var at int64
		err = rows.Scan(&r.Participant, &r.Status, &at)
		r.At = fromUnix(at)
		return r, err
	}
	return list(ctx, s.db, "list status receipts", scan, `SELECT participant, status, at FROM status_receipts
		WHERE instance_id = $1 AND message_id = $2 ORDER BY at, participant, status`, instance, message)
}

// RemoveStatuses deletes an instance's statuses in both directions that are older than before, with all that is known of them.
func (s *Store) RemoveStatuses(ctx context.Context, instance int64, before time.Time) error {
	const old = `SELECT message_id FROM messages WHERE instance_id = $1 AND chat_id = 'status@broadcast' AND sent_at < $2`
	return s.Update(ctx, func(t *Tx) error {
		for _, query := range []string{
			`DELETE FROM status_participants WHERE instance_id = $1 AND message_id IN (` + old + `)`,
			`DELETE FROM status_receipts WHERE instance_id = $1 AND message_id IN (` + old + `)`,
			`DELETE FROM messages WHERE instance_id = $1 AND chat_id = 'status@broadcast' AND sent_at < $2`,
		} {
			if _, err := t.exec("remove statuses", query, instance, before.Unix()); err != nil {
				return err
			}
		}
		return nil
	})
}
