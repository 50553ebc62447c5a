package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// HistoryPiece is a piece of the phone's history that was announced and is not yet in the journal.
type HistoryPiece struct {
	Seq          int64 // given by AddHistoryPiece
	InstanceID   int64
	MessageID    string
	Notification []byte
	AnnouncedAt  time.Time
}

// AddHistoryPiece notes a piece; one that was announced by the same message is there already.
func (t *Tx) AddHistoryPiece(p HistoryPiece) error {
	_, err := t.exec("add history piece", `INSERT INTO history_pieces (instance_id, message_id, notification, announced_at)
		VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, p.InstanceID, p.MessageID, p.Notification, p.AnnouncedAt.Unix())
	return err
}

// NextHistoryPiece reads the oldest piece of an instance; ErrNotFound when there is none.
func (s *Store) NextHistoryPiece(ctx context.Context, instance int64) (HistoryPiece, error) {
	p := HistoryPiece{InstanceID: instance}
	var announced int64
	err := s.db.QueryRowContext(ctx, `SELECT seq, message_id, notification, announced_at FROM history_pieces
		WHERE instance_id = $1 ORDER BY seq LIMIT 1`, instance).Scan(&p.Seq, &p.MessageID, &p.Notification, &announced)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNotFound
	} else if err != nil {
		return p, fmt.Errorf("store: read history piece: %w", err)
	}
	p.AnnouncedAt = fromUnix(announced)
	return p, nil
}

// RemoveHistoryPiece forgets a piece that was dealt with. progress is how far the transfer has come with it, in percent; -1 leaves that
// as it is.
func (s *Store) RemoveHistoryPiece(ctx context.Context, p HistoryPiece, progress int) error {
	return s.Update(ctx, func(t *Tx) error {
		n, err := t.exec("remove history piece", `DELETE FROM history_pieces WHERE seq = $1`, p.Seq)
		if err == nil && n > 0 && progress >= 0 { // else another account was linked meanwhile
			_, err = t.exec("set history progress", `UPDATE history_progress SET progress = $2 WHERE instance_id = $1`, p.InstanceID, progress)
		}
		return err
	})
}

// LinkDevice remembers which whatsmeow device belongs to an instance from now on; the history of a former one is not waited for any more.
func (s *Store) LinkDevice(ctx context.Context, id int64, jid string, at time.Time) error {
	return s.Update(ctx, func(t *Tx) error {
		if _, err := t.exec("link device", `DELETE FROM history_pieces WHERE instance_id = $1`, id); err != nil {
			return err
		}
		if _, err := t.exec("link device", `INSERT INTO history_progress (instance_id, linked_at, progress) VALUES ($1, $2, -1)
			ON CONFLICT (instance_id) DO UPDATE SET linked_at = excluded.linked_at, progress = -1`, id, at.Unix()); err != nil {
			return err
		}
		n, err := t.exec("link device", `UPDATE instances SET device_jid = $2 WHERE id = $1`, id, jid)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// HistoryProgress reads how far the transfer of history has come, in percent, -1 while no piece has come, and when the account was linked;
// ErrNotFound when nobody noted that.
func (s *Store) HistoryProgress(ctx context.Context, instance int64) (progress int, linkedAt time.Time, err error) {
	var linked int64
	err = s.db.QueryRowContext(ctx, `SELECT progress, linked_at FROM history_progress WHERE instance_id = $1`, instance).Scan(&progress, &linked)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, time.Time{}, ErrNotFound
	} else if err != nil {
		return 0, time.Time{}, fmt.Errorf("store: read history progress: %w", err)
	}
	return progress, fromUnix(linked), nil
}
