package store

import (
	"context"
	"fmt"
	"time"
)

// Hold keeps what is queued for a chat from being sent before a time, or, for the empty chat, notes that the account as such is locked
// until then. Until a lock ends no other hold ends either.
func (t *Tx) Hold(instance int64, chat string, until time.Time) error {
	_, err := t.exec("hold chat", `INSERT INTO holds (instance_id, chat_id, until) VALUES ($1, $2, $3)
		ON CONFLICT (instance_id, chat_id) DO UPDATE SET until = excluded.until`, instance, chat, until.Unix())
	if err == nil {
		_, err = t.exec("hold chat", `UPDATE holds SET until = account.until FROM holds AS account WHERE holds.instance_id = $1
			AND account.instance_id = $1 AND account.chat_id = '' AND holds.until < account.until`, instance)
	}
	return err
}

// EndHolds forgets the holds that are over and have nothing left to wait for, and returns how many are left.
func (t *Tx) EndHolds(instance int64, now time.Time) (left int, err error) {
	_, err = t.exec("end holds", `DELETE FROM holds WHERE instance_id = $1 AND until <= $2
		AND chat_id NOT IN (SELECT chat_id FROM outbox WHERE instance_id = $1)`, instance, now.Unix())
	if err == nil {
		left, err = countHolds(t.ctx, t.tx, instance)
	}
	return left, err
}

// RemoveHolds lets everything go at once.
func (t *Tx) RemoveHolds(instance int64) error {
	_, err := t.exec("remove holds", `DELETE FROM holds WHERE instance_id = $1`, instance)
	return err
}

// Holds counts an instance's holds.
func (s *Store) Holds(ctx context.Context, instance int64) (int, error) {
	return countHolds(ctx, s.db, instance)
}

func countHolds(ctx context.Context, db querier, instance int64) (n int, err error) {
	if err = db.QueryRowContext(ctx, `SELECT COUNT(*) FROM holds WHERE instance_id = $1`, instance).Scan(&n); err != nil {
		err = fmt.Errorf("store: count holds: %w", err)
	}
	return n, err
}
