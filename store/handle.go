package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
)

// connector is database/sql's way to one SQLite database. The connections it gives out are only handles: what they write goes through
// the one writer, and what they read outside of a transaction through a few connections that read, and never wait for a writer. So
// there may be any number of them.
type connector struct {
	source  driver.Connector // of connections that read
	writer  *writer
	readers chan *conn // idle ones; nil for one that is not open yet
	closed  chan struct{}
}

// openSplit opens a database of which write makes the connection that writes and read those that read.
func openSplit(ctx context.Context, write, read driver.Connector) (*sql.DB, error) {
	raw, err := write.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c := &connector{source: read, writer: &writer{conn: newConn(raw)}, readers: make(chan *conn, readConnections), closed: make(chan struct{})}
	for range readConnections {
		c.readers <- nil
	}
	db := sql.OpenDB(c)
	db.SetMaxIdleConns(idleHandles)
	return db, nil
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return &handle{c: c}, nil }
func (c *connector) Driver() driver.Driver                        { return c.source.Driver() }

// Close closes the connections once nobody uses them.
func (c *connector) Close() error {
	close(c.closed)
	errs := []error{c.writer.close()}
	for range readConnections {
		if reader := <-c.readers; reader != nil {
			errs = append(errs, reader.Close())
		}
	}
	return errors.Join(errs...)
}

// read runs a query on a connection that reads.
func (c *connector) read(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	var reader *conn
	select {
	case reader = <-c.readers:
	case <-c.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	release := func(err error) error {
		c.readers <- reader
		return err
	}
	if reader == nil {
		raw, err := c.source.Connect(ctx)
		if err != nil {
			return nil, release(err)
		}
		reader = newConn(raw)
	}
	rows, err := reader.query(query, args, release)
	if err != nil {
		return nil, release(err)
	}
	return rows, nil
}

// handle is a connection as database/sql sees it. Its statements see only what is committed, or what their own transaction has done.
type handle struct {
	c  *connector
	tx *transaction
}

func (h *handle) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	tx, err := h.c.writer.begin(ctx)
	if err != nil {
		return nil, err
	}
	h.tx = tx
	return h, nil
}

func (h *handle) Commit() error {
	tx := h.tx
	h.tx = nil
	return tx.Commit()
}

func (h *handle) Rollback() error {
	tx := h.tx
	h.tx = nil
	return tx.Rollback()
}

func (h *handle) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if h.tx != nil {
		return h.tx.exec(query, args)
	}
	tx, err := h.c.writer.begin(ctx)
	if err != nil {
		return nil, err
	}
	result, err := tx.exec(query, args)
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return result, tx.Commit()
}

func (h *handle) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	switch {
	case h.tx != nil:
		return h.tx.query(query, args)
	case isRead(query):
		return h.c.read(ctx, query, args)
	}
	tx, err := h.c.writer.begin(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.query(query, args)
	if err == nil {
		rows, err = buffered(rows)
	}
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return rows, tx.Commit()
}

// isRead tells a query that reads from one that writes and returns something, such as INSERT ... RETURNING.
func isRead(query string) bool {
	query = strings.TrimSpace(query)
	return len(query) >= 6 && strings.EqualFold(query[:6], "SELECT")
}

// Begin and Prepare are part of driver.Conn; database/sql uses BeginTx, and nobody here prepares statements by himself.
func (h *handle) Begin() (driver.Tx, error) {
	return h.BeginTx(context.Background(), driver.TxOptions{})
}

func (h *handle) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }

func (h *handle) Close() error {
	if h.tx != nil {
		return h.Rollback()
	}
	return nil
}

// bufferedRows are rows in memory.
type bufferedRows struct {
	columns []string
	rows    [][]driver.Value
}

func buffered(rows driver.Rows) (driver.Rows, error) {
	b := &bufferedRows{columns: rows.Columns()}
	for {
		row := make([]driver.Value, len(b.columns))
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return b, rows.Close()
		} else if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		b.rows = append(b.rows, row)
	}
}

func (b *bufferedRows) Columns() []string { return b.columns }
func (b *bufferedRows) Close() error      { return nil }

func (b *bufferedRows) Next(row []driver.Value) error {
	if len(b.rows) == 0 {
		return io.EOF
	}
	copy(row, b.rows[0])
	b.rows = b.rows[1:]
	return nil
}
