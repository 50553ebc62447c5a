package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// unavailable is an error of the database itself: the disk is full, the server is away. whatsmeow answers a message that it cannot decrypt
// by asking the sender to repeat it, and tells WhatsApp that it has arrived. Neither may happen when only our database is in trouble, so
// such an error says that it is a context's end, after which whatsmeow does nothing more: the message stays with WhatsApp.
type unavailable struct{ error }

func (e unavailable) Unwrap() []error { return []error{e.error, context.Canceled} }

var errNotRecovered = errors.New("the database has failed a moment ago")

// isUnavailable tells an error of the database itself from the end of a context.
func isUnavailable(err error) bool { return errors.As(err, new(unavailable)) }

// isFailure tells whether an error of a statement means that the database could not do its work, and not that it has done it and found
// nothing or refused the values.
func isFailure(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil || errors.Is(err, sql.ErrNoRows) || errors.Is(err, sqlstore.ErrInvalidLength) {
		return false
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
			return false
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		class := pg.Code[:min(2, len(pg.Code))]
		return class != "22" && class != "23" // data, integrity
	}
	return true
}

type cancelKey struct{}

// CancelOnFailure returns a context that ends when a device's store fails in a call made with it. whatsmeow sends on without those devices
// whose keys it could not get or keep; with a context that has ended it does not.
func CancelOnFailure(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	return context.WithValue(ctx, cancelKey{}, cancel), cancel
}

func cancelOf(ctx context.Context) context.CancelFunc {
	if cancel, ok := ctx.Value(cancelKey{}).(context.CancelFunc); ok {
		return cancel
	}
	return func() {}
}
