package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"modernc.org/sqlite"
)

// faulty is a way to SQLite that counts its COMMITs and can let them fail.
type faulty struct {
	driver.Connector
	commits atomic.Int32
	broken  atomic.Bool
}

type faultyConn struct {
	driver.Conn
	f *faulty
}

type faultyStmt struct {
	driver.Stmt
	f     *faulty
	query string
}

func (f *faulty) Connect(ctx context.Context) (driver.Conn, error) {
	raw, err := f.Connector.Connect(ctx)
	return &faultyConn{raw, f}, err
}

func (c *faultyConn) Prepare(query string) (driver.Stmt, error) {
	stmt, err := c.Conn.Prepare(query)
	return &faultyStmt{stmt, c.f, query}, err
}

func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if s.query == "COMMIT" {
		s.f.commits.Add(1)
		if s.f.broken.Load() {
			return nil, errors.New("the disk is gone")
		}
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s *faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// batches is a database with one table of notes.
type batches struct {
	*sql.DB
	c   *connections
	t   *testing.T
	f   *faulty
	end func() error
}

func newBatches(t *testing.T) *batches {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notes.db")
	write, err := sqlite.NewConnector(sqliteDSN(path, "rwc"))
	if err != nil {
		t.Fatal(err)
	}
	read, err := sqlite.NewConnector(sqliteDSN(path, "ro"))
	if err != nil {
		t.Fatal(err)
	}
	b := &batches{t: t, f: &faulty{Connector: write}}
	if b.c, err = openConnections(t.Context(), path, b.f, read); err != nil {
		t.Fatal(err)
	}
	b.DB = b.c.open(false)
	b.end = sync.OnceValue(func() error { return errors.Join(b.Close(), b.c.Close()) })
	t.Cleanup(func() { _ = b.end() })
	b.exec(`CREATE TABLE notes (name TEXT PRIMARY KEY, body BLOB)`)
	b.f.commits.Store(0)
	return b
}

func (b *batches) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.ExecContext(context.Background(), query, args...); err != nil {
		b.t.Fatal(err)
	}
}

// note adds a note in a transaction and then does what is said.
func (b *batches) note(name string, then func(*sql.Tx) error) error {
	tx, err := b.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(context.Background(), `INSERT INTO notes (name) VALUES ($1)`, name); err != nil {
		return err
	}
	if then != nil {
		if err := then(tx); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (b *batches) names() string {
	b.t.Helper()
	rows, err := b.QueryContext(context.Background(), `SELECT name FROM notes ORDER BY name`)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			b.t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// together runs transactions so that all of them are waiting when the first ends, and returns what became of each.
func (b *batches) together(transactions ...func() error) []error {
	b.t.Helper()
	results := make([]error, len(transactions))
	var wg sync.WaitGroup
	err := b.note("first", func(*sql.Tx) error {
		for n, transaction := range transactions {
			wg.Go(func() { results[n] = transaction() })
			synctest.Wait() // in this order
		}
		return nil
	})
	wg.Wait()
	return append([]error{err}, results...)
}

func (b *batches) note1(name string) func() error { return func() error { return b.note(name, nil) } }

func inBubble(t *testing.T, test func(*testing.T, *batches)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newBatches(t)) })
}

func TestWaitingTransactionsShareOneCommit(t *testing.T) {
	inBubble(t, func(t *testing.T, b *batches) {
		results := b.together(b.note1("a"), b.note1("b"), func() error {
			_, err := b.ExecContext(context.Background(), `INSERT INTO notes (name) VALUES ('c')`)
			return err
		}, func() error {
			var name string
			return b.QueryRowContext(context.Background(), `INSERT INTO notes (name) VALUES ('d') RETURNING name`).Scan(&name)
		})
		if err := errors.Join(results...); err != nil {
			t.Fatal(err)
		}
		if names := b.names(); names != "a b c d first" || b.f.commits.Load() != 1 {
			t.Errorf("%s in %d commits, want all in one", names, b.f.commits.Load())
		}
	})
}

func TestFailureInABatchIsNobodyElses(t *testing.T) {
	inBubble(t, func(t *testing.T, b *batches) {
		errUser := errors.New("changed my mind")
		results := b.together(
			b.note1("a"),
			func() error { return b.note("b", func(*sql.Tx) error { return errUser }) },
			b.note1("a"), // there is one
			func() error {
				_, err := b.ExecContext(context.Background(), `INSERT INTO notes (name) VALUES ('c'), ('a')`)
				return err
			},
			b.note1("d"),
			func() error { // the last one does not leave the others without a commit
				return b.note("e", func(*sql.Tx) error { return errUser })
			},
		)
		for n, fails := range []bool{false, false, true, true, true, false, true} {
			if (results[n] != nil) != fails {
				t.Errorf("transaction %d: %v", n, results[n])
			}
		}
		if names := b.names(); names != "a d first" {
			t.Errorf("kept %s", names)
		}
	})
}

func TestFailedCommitFailsTheWholeBatch(t *testing.T) {
	inBubble(t, func(t *testing.T, b *batches) {
		b.f.broken.Store(true)
		for n, err := range b.together(b.note1("a"), b.note1("b")) {
			if err == nil {
				t.Errorf("transaction %d was told that it is kept", n)
			}
		}
		b.f.broken.Store(false)
		if err := b.note("c", nil); err != nil {
			t.Fatal(err)
		}
		if names := b.names(); names != "c" {
			t.Errorf("kept %s", names)
		}
	})
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, b *batches) {
		ctx, cancel := context.WithCancel(t.Context())
		results := b.together(func() error {
			_, err := b.ExecContext(ctx, `INSERT INTO notes (name) VALUES ('a')`)
			return err
		}, func() error {
			cancel()
			return b.note("b", nil)
		})
		if !errors.Is(results[1], context.Canceled) || results[0] != nil || results[2] != nil {
			t.Errorf("%v, want the one in the middle cancelled", results)
		}
		if names := b.names(); names != "b first" {
			t.Errorf("kept %s", names)
		}
	})
}

func TestReadersSeeOnlyWhatIsCommitted(t *testing.T) {
	inBubble(t, func(t *testing.T, b *batches) {
		err := b.note("a", func(tx *sql.Tx) error {
			if names := b.names(); names != "" {
				t.Errorf("others see %s", names)
			}
			var name string
			return tx.QueryRowContext(t.Context(), `SELECT name FROM notes`).Scan(&name)
		})
		if err != nil {
			t.Fatal(err)
		}
		if names := b.names(); names != "a" {
			t.Errorf("after the commit there is %q", names)
		}
	})
}

// When the disk is full SQLite rolls back the statement that failed, or all of the transaction. Either way what each is told is true.
func TestFullDisk(t *testing.T) {
	for _, statement := range []string{
		`UPDATE notes SET body = zeroblob(1000000)`,
		`INSERT INTO notes (name, body) VALUES ('large', zeroblob(1000000))`,
	} {
		inBubble(t, func(t *testing.T, b *batches) {
			b.exec(`PRAGMA max_page_count = 20`)
			fill := func(tx *sql.Tx) error {
				if _, err := tx.ExecContext(t.Context(), statement); err == nil {
					t.Error("there is room without end")
				}
				_, _ = tx.ExecContext(t.Context(), `INSERT INTO notes (name) VALUES ('ghost')`) // some go on after an error
				return nil
			}
			results := b.together(b.note1("a"), func() error { return b.note("b", fill) }, b.note1("c"))
			var promised []string
			for n, names := range []string{"first", "a", "b ghost", "c"} {
				if results[n] == nil {
					promised = append(promised, strings.Fields(names)...)
				}
			}
			slices.Sort(promised)
			if names := b.names(); names != strings.Join(promised, " ") {
				t.Errorf("kept %s, promised %s", names, promised)
			}
			b.exec(`PRAGMA max_page_count = 100000`)
			if err := b.note("later", nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestClosedDatabase(t *testing.T) {
	inBubble(t, func(t *testing.T, b *batches) {
		if err := b.note("a", nil); err != nil {
			t.Fatal(err)
		}
		tx, err := b.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		closed := make(chan error)
		go func() { closed <- b.end() }()
		synctest.Wait()
		if err := tx.Commit(); err != nil {
			t.Errorf("what had begun: %v", err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if err := b.note("b", nil); err == nil {
			t.Error("writes after it was closed")
		}
	})
}

// Bubbles show little of what happens when goroutines really run at once.
func TestManyWriters(t *testing.T) {
	b := newBatches(t)
	var kept atomic.Int32
	var wg sync.WaitGroup
	for writer := range 8 {
		wg.Go(func() {
			for n := range 30 {
				if b.hastily(fmt.Sprintf("%d-%d", writer, n)) {
					kept.Add(1)
				}
				_ = b.names()
			}
		})
	}
	wg.Wait()
	if got := len(strings.Fields(b.names())); got != int(kept.Load()) {
		t.Errorf("%d are there, %d were promised", got, kept.Load())
	}
}

// hastily adds a note and, at random, changes its mind or loses its context at any moment; it reports whether the note is kept.
func (b *batches) hastily(name string) bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if rand.N(4) == 0 {
		go cancel()
	}
	tx, err := b.BeginTx(ctx, nil)
	if err != nil {
		return false
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `INSERT INTO notes (name) VALUES ($1)`, name); err != nil {
		return false
	}
	var found string
	if err := tx.QueryRowContext(ctx, `SELECT name FROM notes WHERE name = $1`, name).Scan(&found); err != nil {
		return false
	}
	return rand.N(4) > 0 && tx.Commit() == nil
}
