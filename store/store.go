// Package store keeps what must survive a restart: instances, their settings and states, and, through whatsmeow's own
// sqlstore, the WhatsApp devices with their Signal keys. Both live in one database, so one file is one backup.
//
// SQLite runs in WAL mode. All writes, whatsmeow's included, go through one connection in the order of asking, and those that wait for it
// share one commit: see commits.go. What is read outside of a transaction goes through connections beside it, sees what is committed, and
// never waits for a writer.
//
// A commit outlives the process. One of ours is on the disk when it returns, and with it all that was committed before: what is promised
// to a client or to WhatsApp outlives a power failure. Those of whatsmeow and those of UpdateRelaxed do not wait for the disk, and need not:
// before a message that arrives is acknowledged, a commit of ours follows; and a message that was sent leaves the outbox after its keys
// were written. A power failure undoes the last commits in their order, so where it sets a session back some steps, the messages that took
// them are in the outbox again, and are sent again with the same keys.
//
// PostgreSQL is the second engine, with the same tables made by the same files. A transaction there sees the database as it was at its
// beginning, and runs again when others have changed what it wants to change.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.mau.fi/util/dbutil"
	waLog "go.mau.fi/whatsmeow/util/log"
)

// ErrNotFound means that no row matches.
var ErrNotFound = errors.New("store: not found")

// ErrInUse means that another process has the database open. Two would log the same accounts in twice and spoil their Signal keys.
var ErrInUse = errors.New("another greengate has this database open")

// Store is one open database. It is safe for concurrent use.
type Store struct {
	db        *sql.DB
	wa        *dbutil.Database // what whatsmeow's store uses
	waLogger  waLog.Logger
	cache     *cache
	txOptions *sql.TxOptions
	sync      func() error // returns when all that was committed before is on the disk
	claim     claim
	closers   []io.Closer // in the order of opening
}

// claim makes this process the only one that has a database open, until it is closed.
type claim interface {
	// hold makes sure that this is still so; ErrInUse when it is not.
	hold(ctx context.Context) error
	Close() error
}

// Open opens a database, creates what is absent in it and brings its schema up to date. dsn is the path of an SQLite file, or its file:
// URI, or the postgres:// URL of a database on a PostgreSQL server. It fails with ErrInUse while another process has the database open.
// waLogger receives what whatsmeow's store has to say; nil silences it.
func Open(ctx context.Context, dsn string, waLogger waLog.Logger) (*Store, error) {
	s := &Store{waLogger: waLogger, cache: newCache(cacheBytes)}
	if err := s.open(ctx, dsn); err != nil {
		return nil, errors.Join(fmt.Errorf("store: open the database: %w", err), s.Close())
	}
	return s, nil
}

// open fills s; after an error it holds what Close must close.
func (s *Store) open(ctx context.Context, dsn string) error {
	scheme, _, isURL := strings.Cut(dsn, "://")
	switch {
	case !isURL || scheme == "file":
		return s.openSQLite(ctx, strings.TrimPrefix(dsn, "file:"))
	case scheme == "postgres" || scheme == "postgresql":
		return s.openPostgres(ctx, dsn)
	}
	return fmt.Errorf("unsupported DSN scheme %q", scheme)
}

// opened remembers to close something.
func (s *Store) opened(c io.Closer) { s.closers = append(s.closers, c) }

// Ping reports whether the database answers and is still ours.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.claim.hold(ctx); err != nil {
		return err
	}
	var one int
	return s.db.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

// Close closes the database and lets other processes in; later calls fail.
func (s *Store) Close() error {
	var errs []error
	for _, c := range slices.Backward(s.closers) {
		errs = append(errs, c.Close())
	}
	s.closers = nil
	return errors.Join(errs...)
}
