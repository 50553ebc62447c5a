package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	"go.mau.fi/whatsmeow/store/sqlstore"
	waLog "go.mau.fi/whatsmeow/util/log"
	"modernc.org/sqlite"
)

const (
	readConnections = 4
	idleHandles     = 64
)

// openSQLite brings the schema of a database up to date, over a connection of its own, and opens it.
func openSQLite(ctx context.Context, path string, waLogger waLog.Logger) (*sql.DB, error) {
	write, err := sqlite.NewConnector(sqliteDSN(path, "rwc"))
	if err != nil {
		return nil, err
	}
	read, err := sqlite.NewConnector(sqliteDSN(path, "ro"))
	if err != nil {
		return nil, err
	}
	plain := sql.OpenDB(write)
	plain.SetMaxOpenConns(1)
	err = migrate(ctx, plain)
	if err == nil {
		err = sqlstore.NewWithDB(plain, "sqlite3", waLogger).Upgrade(ctx)
	}
	if err = errors.Join(err, plain.Close()); err != nil {
		return nil, err
	}
	return openSplit(ctx, write, read)
}

func sqliteDSN(path, mode string) string {
	query := url.Values{
		"mode":    {mode},
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}
