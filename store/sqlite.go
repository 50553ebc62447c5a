package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

const (
	readConnections = 4
	idleHandles     = 64
)

// openSQLite opens a database file, makes it when absent, and brings its schema up to date, over a plain connection at first.
func (s *Store) openSQLite(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := lock(path)
	if err != nil {
		return err
	}
	s.opened(file)
	s.claim = fileClaim{file}
	write, err := sqlite.NewConnector(sqliteDSN(path, "rwc"))
	if err != nil {
		return err
	}
	read, err := sqlite.NewConnector(sqliteDSN(path, "ro"))
	if err != nil {
		return err
	}
	plain := sql.OpenDB(write)
	plain.SetMaxOpenConns(1)
	if err := errors.Join(bringUpToDate(ctx, plain, dialectSQLite, s.waLogger), plain.Close()); err != nil {
		return err
	}
	c, err := openConnections(ctx, path, write, read)
	if err != nil {
		return err
	}
	s.opened(c)
	s.sync = c.writer.log.sync
	relaxed := c.open(true)
	s.opened(relaxed)
	s.db = c.open(false)
	s.opened(s.db)
	s.wa, err = forWhatsmeow(relaxed, dialectSQLite)
	return err
}

// fileClaim is a locked file, and stays ours.
type fileClaim struct{ *os.File }

func (fileClaim) hold(context.Context) error { return nil }

func sqliteDSN(path, mode string) string {
	query := url.Values{
		"mode":    {mode},
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)"},
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}
