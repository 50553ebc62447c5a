package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Notification is one undelivered notification of an instance. Body is JSON.
type Notification struct {
	ReceiptID int64
	Body      string
	CreatedAt time.Time
}

// AddNotification puts a notification at the end of an instance's queue, under the next receipt id.
func (t *Tx) AddNotification(instance int64, body string, at time.Time) error {
	var receipt int64
	err := t.tx.QueryRowContext(t.ctx, `INSERT INTO last_receipts (instance_id, receipt_id) VALUES ($1, 1)
		ON CONFLICT (instance_id) DO UPDATE SET receipt_id = last_receipts.receipt_id + 1 RETURNING receipt_id`, instance).Scan(&receipt)
	if err != nil {
		return fmt.Errorf("store: next receipt id: %w", err)
	}
	_, err = t.exec("add notification", `INSERT INTO notifications (instance_id, receipt_id, body, created_at) VALUES ($1, $2, $3, $4)`,
		instance, receipt, body, at.Unix())
	return err
}

// FirstNotification reads the oldest notification that is not older than since; ErrNotFound when there is none.
func (s *Store) FirstNotification(ctx context.Context, instance int64, since time.Time) (Notification, error) {
	var n Notification
	var created int64
	err := s.db.QueryRowContext(ctx, `SELECT receipt_id, body, created_at FROM notifications
		WHERE instance_id = $1 AND created_at >= $2 ORDER BY receipt_id LIMIT 1`, instance, since.Unix()).Scan(&n.ReceiptID, &n.Body, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return n, ErrNotFound
	} else if err != nil {
		return n, fmt.Errorf("store: read notification: %w", err)
	}
	n.CreatedAt = time.Unix(created, 0).UTC()
	return n, nil
}

// RemoveNotification deletes a delivered notification; gone is false when it was not there any more.
func (s *Store) RemoveNotification(ctx context.Context, instance, receipt int64) (gone bool, err error) {
	err = s.Update(ctx, func(t *Tx) error {
		n, err := t.exec("remove notification", `DELETE FROM notifications WHERE instance_id = $1 AND receipt_id = $2`, instance, receipt)
		gone = n > 0
		return err
	})
	return gone, err
}

// RemoveNotifications deletes those of an instance that are older than before.
func (s *Store) RemoveNotifications(ctx context.Context, instance int64, before time.Time) error {
	return s.Update(ctx, func(t *Tx) error {
		_, err := t.exec("remove notifications", `DELETE FROM notifications WHERE instance_id = $1 AND created_at < $2`, instance, before.Unix())
		return err
	})
}

// NotificationCount counts those of an instance that are not older than since.
func (s *Store) NotificationCount(ctx context.Context, instance int64, since time.Time) (n int, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM notifications WHERE instance_id = $1 AND created_at >= $2`, instance, since.Unix()).Scan(&n)
	return n, err
}
