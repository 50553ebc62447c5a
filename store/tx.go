package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Tx is one write transaction. Its methods are those that have to take effect together with others.
type Tx struct {
	ctx context.Context
	tx  *sql.Tx
}

// Update runs change in one write transaction and returns when it is durable, or rolled back with an error. change may run again
// when the database wants it to, so it must not touch anything outside. It must not wait for a lock either, nor use whatsmeow's store:
// there is one writer, and whoever holds the lock may be waiting for it.
func (s *Store) Update(ctx context.Context, change func(*Tx) error) error {
	return repeatable(ctx, func() error { return s.attempt(ctx, s.db, change) })
}

// UpdateRelaxed is Update for what may be undone if the power fails within the next moments: it does not wait for the disk.
func (s *Store) UpdateRelaxed(ctx context.Context, change func(*Tx) error) error {
	return repeatable(ctx, func() error { return s.attempt(ctx, s.wa.RawDB, change) })
}

func (s *Store) attempt(ctx context.Context, db *sql.DB, change func(*Tx) error) error {
	tx, err := db.BeginTx(ctx, s.txOptions)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := change(&Tx{ctx, tx}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// exec runs a statement and returns how many rows it touched.
func (t *Tx) exec(what, query string, args ...any) (int64, error) {
	result, err := t.tx.ExecContext(t.ctx, query, storable(args)...)
	if err != nil {
		return 0, fmt.Errorf("store: %s: %w", what, err)
	}
	return result.RowsAffected()
}

// storable removes from texts what PostgreSQL does not take: they come from strangers too.
func storable(args []any) []any {
	for n, arg := range args {
		if text, ok := arg.(string); ok && (strings.Contains(text, "\x00") || !utf8.ValidString(text)) {
			args[n] = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
		}
	}
	return args
}

// list reads all rows of a query.
func list[T any](ctx context.Context, db querier, what string, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", what, err)
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("store: %s: %w", what, err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("store: %s: %w", what, err)
	}
	return all, nil
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
