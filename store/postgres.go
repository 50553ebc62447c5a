package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// postgresConnections bounds the pool; a server takes 100 from all its clients unless told otherwise.
	postgresConnections = 24
	postgresIdle        = 5 * time.Minute
	updateAttempts      = 50
	closeWithin         = 5 * time.Second
	claimWithin         = 3 * time.Second
	claimEvery          = 100 * time.Millisecond
)

// openPostgres opens a database of a PostgreSQL server and brings its schema up to date.
func (s *Store) openPostgres(ctx context.Context, dsn string) error {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return errors.New("the DSN is not one of PostgreSQL") // its error can show a part of the password
	}
	owned := &advisoryClaim{config: config}
	s.claim = owned
	s.opened(owned)
	if err := owned.await(ctx); err != nil {
		return err
	}
	s.db = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, _ *pgx.Conn) error { return owned.hold(ctx) }))
	s.opened(s.db)
	s.db.SetMaxOpenConns(postgresConnections)
	s.db.SetMaxIdleConns(postgresConnections)
	s.db.SetConnMaxIdleTime(postgresIdle)
	if err := bringUpToDate(ctx, s.db, dialectPostgres, s.waLogger); err != nil {
		return err
	}
	s.sync = func() error { return nil } // all are
	s.txOptions = &sql.TxOptions{Isolation: sql.LevelRepeatableRead}
	s.wa, err = forWhatsmeow(s.db, dialectPostgres)
	return err
}

// advisoryClaim is an advisory lock, which lasts as long as the connection it was taken on. When that is lost, the others mostly are too,
// so each new connection of the pool makes sure that the lock is still ours.
type advisoryClaim struct {
	config *pgx.ConnConfig
	mu     sync.Mutex
	conn   *pgx.Conn
}

// await is hold that gives a server time to notice the end of a process that has crashed just now.
func (c *advisoryClaim) await(ctx context.Context) error {
	deadline := time.Now().Add(claimWithin)
	for {
		err := c.hold(ctx)
		if !errors.Is(err, ErrInUse) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(claimEvery):
		case <-ctx.Done():
			return err
		}
	}
}

// hold takes the lock unless it is held. ErrInUse when another process has it.
func (c *advisoryClaim) hold(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil && c.conn.Ping(ctx) == nil {
		return nil
	}
	c.drop(ctx)
	conn, err := pgx.ConnectConfig(ctx, c.config)
	if err != nil {
		return err
	}
	c.conn = conn
	var ours bool
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtextextended('greengate ' || current_schema(), 0))`).Scan(&ours)
	if err == nil && !ours {
		err = ErrInUse
	}
	if err != nil {
		c.drop(ctx)
	}
	return err
}

// drop ends the connection. The caller holds c.mu.
func (c *advisoryClaim) drop(ctx context.Context) {
	if c.conn != nil {
		_ = c.conn.Close(ctx)
		c.conn = nil
	}
}

// Close gives the lock up, at once: the server notices only a little later that a connection has ended.
func (c *advisoryClaim) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	_, _ = c.conn.Exec(ctx, `SELECT pg_advisory_unlock_all()`)
	c.drop(ctx)
	return nil
}

// repeatable runs a transaction again when others changed the same rows at the same time, which PostgreSQL leaves to its clients. It does so at
// once: the other one has ended, and the caller may hold a lock.
func repeatable(ctx context.Context, run func() error) error {
	for attempt := range updateAttempts {
		err := run()
		if attempt == updateAttempts-1 || !isConflict(err) || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

func isConflict(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01") // serialization failure, deadlock
}
