package sandbox

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// newPipe makes an in-memory connection. Writes never block, as with a socket whose buffers are large enough; so neither
// side waits for the other at a close. Only mutexes, conditions and timers are used: it works inside a synctest bubble.
func newPipe() (client, server net.Conn) {
	up, down := newHalf(), newHalf()
	return &pipeConn{in: down, out: up}, &pipeConn{in: up, out: down}
}

// half is one direction of a pipe.
type half struct {
	mu       sync.Mutex
	changed  sync.Cond
	buf      []byte
	ended    bool // the writer has closed: what is left can be read, then EOF
	broken   bool // the reader has closed
	expired  bool // the read deadline has passed
	deadline *time.Timer
}

func newHalf() *half {
	h := &half{}
	h.changed.L = &h.mu
	return h
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.broken:
			return 0, net.ErrClosed
		case h.expired:
			return 0, os.ErrDeadlineExceeded
		case len(h.buf) > 0:
			n := copy(p, h.buf)
			h.buf = h.buf[n:]
			return n, nil
		case h.ended:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		h.changed.Wait()
	}
}

func (h *half) write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return 0, net.ErrClosed
	}
	if !h.broken { // what goes to a side that has closed is lost, as on a network
		h.buf = append(h.buf, p...)
		h.changed.Broadcast()
	}
	return len(p), nil
}

func (h *half) set(flag *bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*flag = true
	h.changed.Broadcast()
	if h.deadline != nil {
		h.deadline.Stop()
	}
}

func (h *half) setDeadline(t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deadline != nil {
		h.deadline.Stop()
		h.deadline = nil
	}
	h.expired = false
	if t.IsZero() || h.broken {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(time.Until(t), func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.deadline == timer {
			h.expired = true
			h.changed.Broadcast()
		}
	})
	h.deadline = timer
}

type pipeConn struct{ in, out *half }

func (c *pipeConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *pipeConn) Write(p []byte) (int, error) { return c.out.write(p) }

func (c *pipeConn) Close() error {
	c.out.set(&c.out.ended)
	c.in.set(&c.in.broken)
	return nil
}

func (c *pipeConn) SetDeadline(t time.Time) error     { return c.SetReadDeadline(t) }
func (c *pipeConn) SetReadDeadline(t time.Time) error { c.in.setDeadline(t); return nil }

// SetWriteDeadline has nothing to do: writes do not block.
func (c *pipeConn) SetWriteDeadline(time.Time) error { return nil }

func (c *pipeConn) LocalAddr() net.Addr  { return pipeAddr{} }
func (c *pipeConn) RemoteAddr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "sandbox" }

// pipeListener accepts the server ends of dialled pipes.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := newPipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }
