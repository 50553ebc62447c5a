package sandbox

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/coder/websocket"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// session is one connection of a companion after its handshake: either it is being paired, or it is logged in as a device.
type session struct {
	w       *World
	device  *device                                // nil while pairing
	pairing *pairing                               // nil once logged in
	active  bool                                   // the device has asked for what is stored for it, and for all that follows
	silent  bool                                   // nothing is said or heard any more
	answers map[string]func(answer *waBinary.Node) // to the server's own IQs, by id
	out     outbox
	cut     context.CancelFunc // ends the connection at once, without a word
	done    <-chan struct{}    // closed when the connection ends

	available  bool               // the companion is in use
	subscribed map[types.JID]bool // whose presence it wants to see
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
	h, err := w.greet(in, conn)
	if err != nil {
		w.log.Debug("connection ended before login", "error", err)
		return
	}
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

func newSession(w *World, done <-chan struct{}, cut context.CancelFunc) *session {
	return &session{
		w: w, cut: cut, done: done,
		out:     outbox{wake: make(chan struct{}, 1)},
		answers: make(map[string]func(*waBinary.Node)),

		subscribed: make(map[types.JID]bool),
	}
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
		s.w.locked(func() { s.handle(node) })
	}
}

func (w *World) locked(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
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

// send queues a node; it never blocks. The node is encoded at once, so it may be changed afterwards.
func (s *session) send(n waBinary.Node) {
	if s.silent {
		return
	}
	encoded, err := waBinary.Marshal(n)
	if err != nil {
		s.w.log.Error("a node could not be encoded", "error", err)
		return
	}
	s.out.put(encoded)
}

// alive tells whether the connection is still there.
func (s *session) alive() bool {
	_, ok := s.w.sessions[s]
	return ok
}

// handle takes one stanza. A client that is not logged in can only pair.
func (s *session) handle(n *waBinary.Node) {
	if s.silent {
		return
	}
	if n.Tag == "iq" {
		s.handleIQ(n)
		return
	}
	if s.device != nil && isFanout(n) {
		if f := s.faultOf(n); f != nil {
			s.takeFaulty(n, f)
			return
		}
	}
	s.take(n)
}

// take gives a stanza that is no query to its handler.
func (s *session) take(n *waBinary.Node) {
	if s.device == nil && (n.Tag == "ack" || n.Tag == "ib") {
		return
	}
	h := s.w.router.stanzas[n.Tag]
	if h == nil || s.device == nil {
		s.w.countUnknown(n)
		return
	}
	if err := h(s, n); err != nil {
		s.w.log.Warn("stanza refused", "tag", n.Tag, "error", err)
	}
}

func (s *session) handleIQ(n *waBinary.Node) {
	if typ := attr(n, "type"); typ == "result" || typ == "error" {
		id := attr(n, "id")
		if answer := s.answers[id]; answer != nil {
			delete(s.answers, id)
			answer(n)
		}
		return
	}
	if f := s.faultOf(n); f != nil {
		s.answerFaulty(n, f)
		return
	}
	s.send(s.answer(n))
}

// answer lets the handler of a query take effect and makes the client's answer.
func (s *session) answer(n *waBinary.Node) waBinary.Node {
	table := s.w.router.iqs
	if s.device == nil {
		table = s.w.router.pairingIQs
	}
	h := find(table, n)
	if h == nil {
		s.w.countUnknown(n)
		return iqFailure(n, errUnknownIQ)
	}
	content, err := h(s, n)
	if err != nil {
		return iqFailure(n, s.asIQError(err))
	}
	answer := iqAnswer(n, "result")
	if len(content) > 0 {
		answer.Content = content
	}
	return answer
}

func iqFailure(iq *waBinary.Node, e *iqError) waBinary.Node {
	answer := iqAnswer(iq, "error")
	answer.Content = []waBinary.Node{{Tag: "error", Attrs: waBinary.Attrs{"code": strconv.Itoa(e.code), "text": e.text}}}
	return answer
}

func iqAnswer(iq *waBinary.Node, typ string) waBinary.Node {
	from := attrJID(iq, "to")
	if from.IsEmpty() {
		from = types.ServerJID
	}
	return waBinary.Node{Tag: "iq", Attrs: waBinary.Attrs{"from": from, "id": attr(iq, "id"), "type": typ}}
}

// query sends an IQ of the server's own; answer is called under the mutex with the result or error.
func (s *session) query(xmlns string, content waBinary.Node, answer func(*waBinary.Node)) {
	id := s.w.newID()
	s.answers[id] = answer
	s.send(waBinary.Node{
		Tag:     "iq",
		Attrs:   waBinary.Attrs{"from": types.ServerJID, "id": id, "type": "set", "xmlns": xmlns, "t": unixText(s.w.now())},
		Content: []waBinary.Node{content},
	})
}

// asIQError makes an error of a handler an answer; what is not meant for the client is logged and hidden.
func (s *session) asIQError(err error) *iqError {
	var e *iqError
	if errors.As(err, &e) {
		return e
	}
	s.w.log.Error("an IQ handler failed", "error", err)
	return errInternal
}
