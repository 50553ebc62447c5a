package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"os"
	"strings"
)

// connections are those to one SQLite database: one that writes, and a few that read and never wait for the writer. What database/sql takes
// for connections are only handles, of which there may be any number.
type connections struct {
	source  driver.Connector // of those that read
	writer  *writer
	readers chan *conn // idle ones; nil for one that is not open yet
	closed  chan struct{}
}

// openConnections opens a database file; write makes the connection that writes and read those that read.
func openConnections(ctx context.Context, path string, write, read driver.Connector) (*connections, error) {
	raw, err := write.Connect(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: newConn(raw)}
	if _, err := w.conn.exec("SELECT COUNT(*) FROM sqlite_master"); err != nil { // the log is there from now on
		return nil, errors.Join(err, w.conn.Close())
	}
	file, err := os.OpenFile(path+"-wal", os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(err, w.conn.Close())
	}
	w.log = &disk{file: file}
	c := &connections{source: read, writer: w, readers: make(chan *conn, readConnections), closed: make(chan struct{})}
	for range readConnections {
		c.readers <- nil
	}
	return c, nil
}

// open returns a way to the connections; the transactions of a relaxed one need not be on the disk when they are committed.
func (c *connections) open(relaxed bool) *sql.DB {
	db := sql.OpenDB(connector{c, relaxed})
	db.SetMaxIdleConns(idleHandles)
	return db
}

// connector makes handles for database/sql.
type connector struct {
	c       *connections
	relaxed bool
}

func (c connector) Connect(context.Context) (driver.Conn, error) {
	return &handle{connector: c}, nil
}

func (c connector) Driver() driver.Driver { return c.c.source.Driver() }

// Close closes the connections once nobody uses them.
func (c *connections) Close() error {
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
func (c *connections) read(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
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
	connector
	tx *transaction
}

func (h *handle) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	tx, err := h.c.writer.begin(ctx, h.relaxed)
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
	tx, err := h.c.writer.begin(ctx, h.relaxed)
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
	tx, err := h.c.writer.begin(ctx, h.relaxed)
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
