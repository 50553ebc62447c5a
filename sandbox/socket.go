package sandbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/coder/websocket"
	waBinary "go.mau.fi/whatsmeow/binary"
)

// handshakeTime is how long a client may take to say who it is.
const handshakeTime = 20 * time.Second

// serveChat takes one connection from its WebSocket upgrade to its end.
func (w *World) serveChat(rw http.ResponseWriter, r *http.Request) {
	w.wg.Add(1)
	defer w.wg.Done()
	ws, err := websocket.Accept(rw, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	ctx, cut := context.WithCancel(w.ctx)
	defer cut()
	conn := websocket.NetConn(ctx, ws, websocket.MessageBinary)
	in := bufio.NewReader(conn)
	_ = conn.SetReadDeadline(w.now().Add(handshakeTime))
	h, err := w.greet(in, conn)
	if err != nil {
		w.log.Debug("connection ended before login", "error", err)
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	s := newSession(w, ctx.Done(), cut)
	writer := make(chan struct{})
	go func() {
		defer close(writer)
		s.write(ctx, conn, &h.out)
	}()
	s.read(in, h)
	cut()
	<-writer
}

// greet does everything that comes before the first node.
func (w *World) greet(in *bufio.Reader, conn net.Conn) (*hello, error) {
	prologue, err := readIntro(in)
	if err != nil {
		return nil, err
	}
	if err := w.spoilHandshake(conn); err != nil {
		return nil, err
	}
	return w.certs.handshake(in, func(body []byte) error {
		_, err := conn.Write(frame(body))
		return err
	}, prologue)
}

var errFault = errors.New("ended by a fault")

func (w *World) spoilHandshake(conn net.Conn) (err error) {
	w.locked(func() {
		if w.fault(FaultHandshakeClose, nil, "") != nil {
			err = errFault
		} else if w.fault(FaultHandshakeGarbage, nil, "") != nil {
			_, _ = conn.Write(frame([]byte("this is no hello")))
			err = errFault
		}
	})
	return err
}

// read begins the session and handles what the client sends until the connection ends.
func (s *session) read(in *bufio.Reader, h *hello) {
	s.w.locked(func() { s.begin(h) })
	defer s.w.locked(s.end)
	for {
		sealed, err := readFrame(in, maxFrame)
		if err != nil {
			return
		}
		plain, err := h.in.open(sealed, nil)
		if err != nil {
			return
		}
		node, err := unpackNode(plain)
		if err != nil {
			s.w.log.Warn("client sent a malformed node", "error", err)
			return
		}
		s.w.locked(func() { s.guard(node) })
	}
}

// guard handles a stanza. A handler that panics costs the client its connection, not the network its life; the panic is listed with
// what the network does not understand, so that tests fail on it.
func (s *session) guard(n *waBinary.Node) {
	defer func() {
		if r := recover(); r != nil {
			s.w.log.Error("a handler panicked", "stanza", describe(n), "panic", r, "stack", string(debug.Stack()))
			s.w.unknown[fmt.Sprintf("panic at %s: %v", describe(n), r)]++
			s.cut()
		}
	}()
	s.handle(n)
}

// write sends what is queued until the connection ends.
func (s *session) write(ctx context.Context, conn net.Conn, seal *noiseCipher) {
	for {
		select {
		case <-s.out.wake:
		case <-ctx.Done():
			return
		}
		for _, node := range s.out.take() {
			if _, err := conn.Write(frame(seal.seal(node, nil))); err != nil {
				s.cut()
				return
			}
		}
	}
}

// outbox is an unbounded queue of encoded nodes.
type outbox struct {
	mu    sync.Mutex
	nodes [][]byte
	wake  chan struct{} // holds one token while nodes may wait
}

func (o *outbox) put(node []byte) {
	o.mu.Lock()
	o.nodes = append(o.nodes, node)
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) take() [][]byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	nodes := o.nodes
	o.nodes = nil
	return nodes
}
