package store

import (
	"context"
	"fmt"
	"time"
)

// StateChange is one row of an instance's state history. Phone holds the digits of the account at that time, or nothing.
type StateChange struct {
	State string
	Phone string
	At    time.Time
}

// SetState stores an instance's state with the reason a person is told, and, when change is not nil, adds it to the history.
func (t *Tx) SetState(id int64, state, reason string, suspendedUntil time.Time, change *StateChange) error {
	_, err := t.exec("set state", `UPDATE instances SET state = $2, state_reason = $3, suspended_until = $4 WHERE id = $1`,
		id, state, reason, toUnix(suspendedUntil))
	if err == nil && change != nil {
		_, err = t.exec("set state", `INSERT INTO state_history (instance_id, state, phone, at) VALUES ($1, $2, $3, $4)`,
			id, change.State, change.Phone, change.At.Unix())
	}
	return err
}

// StateHistory lists the newest count changes of an instance, newest first.
func (s *Store) StateHistory(ctx context.Context, id int64, count int) ([]StateChange, error) {
	rows, err := s.db.QueryContext(ctx,
		`SELECT state, phone, at FROM state_history WHERE instance_id = $1 ORDER BY id DESC LIMIT $2`, id, count)
	if err != nil {
		return nil, fmt.Errorf("store: state history: %w", err)
	}
	defer rows.Close()
	list := []StateChange{}
	for rows.Next() {
		var change StateChange
		var at int64
		if err := rows.Scan(&change.State, &change.Phone, &at); err != nil {
			return nil, fmt.Errorf("store: state history: %w", err)
		}
		change.At = fromUnix(at)
		list = append(list, change)
	}
	return list, rows.Err()
}

// LastChanges returns for each state in an instance's history when it last came into it.
func (s *Store) LastChanges(ctx context.Context, id int64) (map[string]time.Time, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT state, MAX(at) FROM state_history WHERE instance_id = $1 GROUP BY state`, id)
	if err != nil {
		return nil, fmt.Errorf("store: last changes: %w", err)
	}
	defer rows.Close()
	changes := map[string]time.Time{}
	for rows.Next() {
		var state string
		var at int64
		if err := rows.Scan(&state, &at); err != nil {
			return nil, fmt.Errorf("store: last changes: %w", err)
		}
		changes[state] = fromUnix(at)
	}
	return changes, rows.Err()
}
