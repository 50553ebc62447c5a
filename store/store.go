// Package store keeps what must survive a restart: instances, their settings and states, and, through whatsmeow's own
// sqlstore, the WhatsApp devices with their Signal keys. Both live in one database, so one file is one backup.
//
// SQLite runs in WAL mode. All writes, whatsmeow's included, go through one connection with immediate transactions: two writers
// in one process would only take turns through busy timeouts ("database is locked"), while one writer queues in order. Reads of
// our own tables use a read-only pool beside it and never wait for a writer.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"go.mau.fi/whatsmeow/store/sqlstore"
	waLog "go.mau.fi/whatsmeow/util/log"
	_ "modernc.org/sqlite" // the database/sql driver "sqlite"
)

// ErrNotFound means that no row matches.
var ErrNotFound = errors.New("store: not found")

// ErrInUse means that another process has the database open. Two would log the same accounts in twice and spoil their Signal keys.
var ErrInUse = errors.New("another greengate has this database open")

const readConnections = 4

// Store is one open database. It is safe for concurrent use.
type Store struct {
	lock    *os.File
	write   *sql.DB
	read    *sql.DB
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
	if s.write, err = openPool(path, 1, "rwc", "immediate"); err != nil {
		return err
	}
	if err = migrate(ctx, s.write); err != nil {
		return err
	}
	s.devices = sqlstore.NewWithDB(s.write, "sqlite3", waLogger)
	if err = s.devices.Upgrade(ctx); err != nil {
		return err
	}
	s.read, err = openPool(path, readConnections, "ro", "deferred")
	return err
}

func openPool(path string, connections int, mode, lock string) (*sql.DB, error) {
	query := url.Values{
		"mode":    {mode},
		"_txlock": {lock},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)"},
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Devices is whatsmeow's container in the same database.
func (s *Store) Devices() *sqlstore.Container { return s.devices }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.read.PingContext(ctx) }

// Close closes both pools and lets other processes in; later calls fail.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
