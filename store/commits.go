package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

const (
	batchTransactions = 256                  // in one COMMIT
	batchTime         = 5 * time.Millisecond // from the first of them on, no further one begins
)

// writer makes one COMMIT, which costs a write to the disk, serve all transactions that are waiting for it. It owns the one connection
// that writes. The first who has the turn begins a transaction, those who follow run theirs as savepoints of it, and each waits for its
// COMMIT after he has passed the turn on; the last one, behind whom nobody waits, commits.
type writer struct {
	turns
	conn *conn
	log  *disk // SQLite's write-ahead log: what is committed stands in it, and only what is synced survives a power failure

	// Of who has the turn:
	open   bool         // an outer transaction is open
	since  time.Time    // since when
	batch  []chan error // who waits for its COMMIT
	closed bool
}

var (
	// errLost means that SQLite has rolled everything back by itself, as it does when the disk is full.
	errLost   = errors.New("the transaction was rolled back")
	errClosed = errors.New("the database is closed")
)

// begin waits for the turn and begins a transaction.
func (w *writer) begin(ctx context.Context, relaxed bool) (*transaction, error) {
	if err := w.take(ctx); err != nil {
		return nil, err
	}
	t := &transaction{w: w, joins: len(w.batch) > 0, relaxed: relaxed}
	err := w.beginOuter()
	if err == nil && t.joins {
		_, err = w.conn.exec("SAVEPOINT one")
	}
	if err != nil {
		w.leave()
		return nil, err
	}
	return t, nil
}

func (w *writer) beginOuter() error {
	if w.closed {
		return errClosed
	} else if err := w.log.failed(); err != nil || w.open {
		return err
	}
	_, err := w.conn.exec("BEGIN IMMEDIATE")
	if err == nil {
		w.open, w.since = true, time.Now()
	}
	return err
}

// leave passes the turn on, and commits before if there is nobody who could do it later, or if the others have waited enough.
func (w *writer) leave() {
	if len(w.batch) >= batchTransactions || len(w.batch) > 0 && time.Since(w.since) >= batchTime {
		w.commit()
	}
	if !w.pass() {
		w.commit()
		w.end()
	}
}

// commit ends the outer transaction and tells all who wait for it.
func (w *writer) commit() {
	if !w.open {
		return
	}
	if len(w.batch) == 0 {
		_, _ = w.conn.exec("ROLLBACK") // nobody wants what is in it
		w.open = false
		return
	}
	_, err := w.conn.exec("COMMIT")
	if err != nil {
		_, _ = w.conn.exec("ROLLBACK") // fails if SQLite has done it
	}
	w.settle(err)
}

// close ends what is going on and lets nothing more begin.
func (w *writer) close() error {
	if err := w.take(context.Background()); err != nil {
		return err
	}
	defer w.end()
	w.commit()
	w.closed = true
	return errors.Join(w.conn.Close(), w.log.close())
}

// settle tells all who wait what became of their transactions.
func (w *writer) settle(err error) {
	w.open = false
	for _, done := range w.batch {
		done <- err
	}
	w.batch = nil
}

// check looks, after a statement has failed, whether SQLite has rolled back the outer transaction with it.
func (w *writer) check(err error) error {
	if err == nil || !w.open {
		return err
	}
	if _, probe := w.conn.exec("BEGIN"); probe != nil {
		return err // it cannot begin within another
	}
	_, _ = w.conn.exec("ROLLBACK")
	err = fmt.Errorf("%w: %w", errLost, err)
	w.settle(err)
	return err
}

// transaction is one transaction of a batch, while it has the turn.
type transaction struct {
	w       *writer
	joins   bool  // others are in the batch
	relaxed bool  // it need not be on the disk when Commit returns
	writes  bool  // it has something to bring there
	err     error // why it cannot be committed any more
}

func (t *transaction) exec(query string, args []driver.NamedValue) (driver.Result, error) {
	if t.err != nil {
		return nil, t.err
	}
	t.writes = true
	result, err := t.w.conn.exec(query, args...)
	return result, t.note(err)
}

func (t *transaction) query(query string, args []driver.NamedValue) (driver.Rows, error) {
	if t.err != nil {
		return nil, t.err
	}
	t.writes = t.writes || !isRead(query)
	rows, err := t.w.conn.query(query, args, t.note)
	return rows, t.note(err)
}

func (t *transaction) note(err error) error {
	err = t.w.check(err)
	if errors.Is(err, errLost) {
		t.err = err
	}
	return err
}

// Commit returns when all is committed, and on the disk unless the transaction is relaxed, or when nothing is kept.
func (t *transaction) Commit() error {
	if t.err != nil {
		return errors.Join(t.err, t.Rollback())
	}
	writes := t.writes
	if t.joins {
		if _, err := t.exec("RELEASE one", nil); err != nil {
			return errors.Join(err, t.Rollback())
		}
	}
	done := make(chan error, 1)
	t.w.batch = append(t.w.batch, done)
	t.w.leave()
	err := <-done
	if err == nil && writes && !t.relaxed {
		err = t.w.log.sync()
	}
	return err
}

// Rollback undoes the transaction and leaves the others of the batch alone.
func (t *transaction) Rollback() error {
	defer t.w.leave()
	if t.err != nil {
		return nil
	} else if !t.joins {
		t.w.commit() // with nobody in the batch it rolls back
		return nil
	}
	_, err := t.exec("ROLLBACK TO one", nil)
	if err == nil {
		_, err = t.exec("RELEASE one", nil)
	}
	if err != nil && t.w.open { // better nothing of all than something of this one
		_, _ = t.w.conn.exec("ROLLBACK")
		t.w.settle(err)
	}
	return err
}
