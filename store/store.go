// Package store keeps what must survive a restart: instances, their settings and states, and, through whatsmeow's own
// sqlstore, the WhatsApp devices with their Signal keys. Both live in one database, so one file is one backup.
//
// SQLite runs in WAL mode, and a commit is on the disk when it returns. All writes, whatsmeow's included, go through one connection in
// the order of asking, and those that wait for it share one commit: see commits.go. What is read outside of a transaction goes through
// connections beside it, sees what is committed, and never waits for a writer.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.mau.fi/whatsmeow/store/sqlstore"
	waLog "go.mau.fi/whatsmeow/util/log"
)

// ErrNotFound means that no row matches.
var ErrNotFound = errors.New("store: not found")

// ErrInUse means that another process has the database open. Two would log the same accounts in twice and spoil their Signal keys.
var ErrInUse = errors.New("another greengate has this database open")

// Store is one open database. It is safe for concurrent use.
type Store struct {
	lock    *os.File
	db      *sql.DB
	devices *sqlstore.Container
}

// Open opens the SQLite database at dsn (a file path, or a file: URI), creates it when absent and brings its schema up to date. It
// fails with ErrInUse while another process has it open. waLogger receives what whatsmeow's store has to say; nil silences it.
func Open(ctx context.Context, dsn string, waLogger waLog.Logger) (*Store, error) {
	path := strings.TrimPrefix(dsn, "file:")
	if strings.Contains(path, "://") {
		return nil, fmt.Errorf("store: unsupported DSN scheme %q", path[:strings.Index(path, "://")])
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("store: create the folder of %s: %w", path, err)
	}
	s := &Store{}
	if err := s.open(ctx, path, waLogger); err != nil {
		return nil, errors.Join(fmt.Errorf("store: open %s: %w", path, err), s.Close())
	}
	return s, nil
}

// open fills s; after an error it holds what Close must close.
func (s *Store) open(ctx context.Context, path string, waLogger waLog.Logger) (err error) {
	if s.lock, err = lock(path); err != nil {
		return err
	}
	if s.db, err = openSQLite(ctx, path, waLogger); err != nil {
		return err
	}
	s.devices = sqlstore.NewWithDB(s.db, "sqlite3", waLogger)
	return nil
}

// Devices is whatsmeow's container in the same database.
func (s *Store) Devices() *sqlstore.Container { return s.devices }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.db.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

// Close closes the database and lets other processes in; later calls fail.
func (s *Store) Close() error {
	var errs []error
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
