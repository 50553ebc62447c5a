package store

import (
	lru "container/list"
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// preparedStatements bounds how many statements a connection keeps prepared.
const preparedStatements = 128

// conn is a connection to SQLite with its prepared statements: preparing costs more than running most of ours. One goroutine at a time
// may use it. A statement is never interrupted, since SQLite may answer that by rolling the whole transaction back, others' part too.
type conn struct {
	raw  driver.Conn
	idle map[string]*lru.Element
	used *lru.List // of *statement, the one used last in front
}

type statement struct {
	query string
	stmt  driver.Stmt
}

func newConn(raw driver.Conn) *conn {
	return &conn{raw, map[string]*lru.Element{}, lru.New()}
}

// take prepares a statement or takes a prepared one, which then is not idle any more.
func (c *conn) take(query string) (*statement, error) {
	if element, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return c.used.Remove(element).(*statement), nil
	}
	stmt, err := c.raw.Prepare(query)
	return &statement{query, stmt}, err
}

// keep makes a statement idle again.
func (c *conn) keep(s *statement) error {
	if _, ok := c.idle[s.query]; ok {
		return s.stmt.Close()
	}
	c.idle[s.query] = c.used.PushFront(s)
	if c.used.Len() <= preparedStatements {
		return nil
	}
	oldest := c.used.Remove(c.used.Back()).(*statement)
	delete(c.idle, oldest.query)
	return oldest.stmt.Close()
}

func (c *conn) exec(query string, args ...driver.NamedValue) (driver.Result, error) {
	s, err := c.take(query)
	if err != nil {
		return nil, err
	}
	result, err := s.stmt.(driver.StmtExecContext).ExecContext(context.Background(), args)
	return result, errors.Join(err, c.keep(s))
}

// query runs a query; closed, unless it is nil, is called when its rows are.
func (c *conn) query(query string, args []driver.NamedValue, closed func(error) error) (driver.Rows, error) {
	s, err := c.take(query)
	if err != nil {
		return nil, err
	}
	found, err := s.stmt.(driver.StmtQueryContext).QueryContext(context.Background(), args)
	if err != nil {
		return nil, errors.Join(err, c.keep(s))
	}
	return &rows{Rows: found, c: c, s: s, closed: closed}, nil
}

func (c *conn) Close() error {
	var errs []error
	for element := c.used.Front(); element != nil; element = element.Next() {
		errs = append(errs, element.Value.(*statement).stmt.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// rows are the rows of a statement that goes back to its connection when they are closed.
type rows struct {
	driver.Rows
	c      *conn
	s      *statement
	err    error
	closed func(error) error
}

func (r *rows) Next(row []driver.Value) error {
	err := r.Rows.Next(row)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return err
}

func (r *rows) Close() error {
	if r.s == nil {
		return nil
	}
	err := errors.Join(r.Rows.Close(), r.c.keep(r.s))
	r.s = nil
	return r.closed(errors.Join(r.err, err))
}
