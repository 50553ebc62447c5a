package store

import (
	"context"
	"crypto/rand"
	"fmt"
)

// Secret returns the random key of that name, 32 bytes, and makes it when there is none.
func (s *Store) Secret(ctx context.Context, name string) (key []byte, err error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	err = s.Update(ctx, func(t *Tx) error {
		if _, err := t.exec("make secret", `INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, fresh); err != nil {
			return err
		}
		if err := t.tx.QueryRowContext(ctx, `SELECT value FROM secrets WHERE name = $1`, name).Scan(&key); err != nil {
			return fmt.Errorf("store: read secret: %w", err)
		}
		return nil
	})
	return key, err
}
