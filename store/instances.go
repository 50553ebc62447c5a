package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Instance is the stored part of one instance. Times are in UTC; a zero time stands for never.
type Instance struct {
	ID               int64
	Name             string
	Owner            string // tenant; empty for none
	TokenHash        []byte
	TokenSalt        []byte
	Settings         string // JSON
	DeviceJID        string // empty while no device is paired
	State            string
	StateReason      string
	SuspendedUntil   time.Time
	PictureChangedAt time.Time // to the millisecond
	Proxy            string    // a URL; empty for none
	CreatedAt        time.Time
	DeletedAt        time.Time
}

const instanceColumns = `id, name, owner, token_hash, token_salt, settings, device_jid, state, state_reason, suspended_until,
	picture_changed_at, proxy, created_at, deleted_at`

// CreateInstance inserts a new row. A zero ID takes the next free one, firstID when the table is empty.
func (s *Store) CreateInstance(ctx context.Context, in Instance, firstID int64) (int64, error) {
	values := storable([]any{firstID, in.Name, in.Owner, in.TokenHash, in.TokenSalt, in.Settings, in.State, in.CreatedAt.Unix()})
	err := s.Update(ctx, func(t *Tx) error {
		return t.tx.QueryRowContext(ctx, `INSERT INTO instances
			(id, name, owner, token_hash, token_salt, settings, state, created_at)
			VALUES ((SELECT COALESCE(MAX(id) + 1, $1) FROM instances), $2, $3, $4, $5, $6, $7, $8) RETURNING id`, values...).Scan(&in.ID)
	})
	if err != nil {
		return 0, fmt.Errorf("store: create instance: %w", err)
	}
	return in.ID, nil
}

// Instances lists all rows, deleted ones included, by ID.
func (s *Store) Instances(ctx context.Context) ([]Instance, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+instanceColumns+` FROM instances ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("store: list instances: %w", err)
	}
	defer rows.Close()
	list := []Instance{}
	for rows.Next() {
		in, err := scanInstance(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, in)
	}
	return list, rows.Err()
}

// Instance reads one row; ErrNotFound when there is none.
func (s *Store) Instance(ctx context.Context, id int64) (Instance, error) {
	return scanInstance(s.db.QueryRowContext(ctx, `SELECT `+instanceColumns+` FROM instances WHERE id = $1`, id))
}

func scanInstance(row interface{ Scan(...any) error }) (Instance, error) {
	var in Instance
	var suspended, picture, created, deleted int64
	err := row.Scan(&in.ID, &in.Name, &in.Owner, &in.TokenHash, &in.TokenSalt, &in.Settings, &in.DeviceJID, &in.State, &in.StateReason,
		&suspended, &picture, &in.Proxy, &created, &deleted)
	if errors.Is(err, sql.ErrNoRows) {
		return in, ErrNotFound
	} else if err != nil {
		return in, fmt.Errorf("store: read instance: %w", err)
	}
	in.SuspendedUntil, in.CreatedAt, in.DeletedAt = fromUnix(suspended), fromUnix(created), fromUnix(deleted)
	if picture != 0 {
		in.PictureChangedAt = time.UnixMilli(picture).UTC()
	}
	return in, nil
}

// SetSettings replaces the settings of an instance, a JSON object.
func (s *Store) SetSettings(ctx context.Context, id int64, settings string) error {
	return s.update(ctx, `UPDATE instances SET settings = $2 WHERE id = $1`, id, settings)
}

// SetToken replaces the hash and salt of an instance's API token.
func (s *Store) SetToken(ctx context.Context, id int64, hash, salt []byte) error {
	return s.update(ctx, `UPDATE instances SET token_hash = $2, token_salt = $3 WHERE id = $1`, id, hash, salt)
}

// SetDevice remembers which whatsmeow device belongs to an instance; empty for none.
func (s *Store) SetDevice(ctx context.Context, id int64, jid string) error {
	return s.update(ctx, `UPDATE instances SET device_jid = $2 WHERE id = $1`, id, jid)
}

// SetPictureChanged remembers when the profile picture was last changed, the zero time for never.
func (s *Store) SetPictureChanged(ctx context.Context, id int64, at time.Time) error {
	var ms int64
	if !at.IsZero() {
		ms = at.UnixMilli()
	}
	return s.update(ctx, `UPDATE instances SET picture_changed_at = $2 WHERE id = $1`, id, ms)
}

// SetProxy replaces an instance's proxy, a URL; empty for none.
func (s *Store) SetProxy(ctx context.Context, id int64, proxy string) error {
	return s.update(ctx, `UPDATE instances SET proxy = $2 WHERE id = $1`, id, proxy)
}

// DeleteInstance marks an instance as deleted; its row stays for listings.
func (s *Store) DeleteInstance(ctx context.Context, id int64, at time.Time) error {
	return s.update(ctx, `UPDATE instances SET deleted_at = $2, device_jid = '' WHERE id = $1 AND deleted_at = 0`, id, at.Unix())
}

func (s *Store) update(ctx context.Context, query string, args ...any) error {
	return s.Update(ctx, func(t *Tx) error {
		n, err := t.exec("update instance", query, args...)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

func fromUnix(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func toUnix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
