package sandbox

import (
	"context"
	"errors"
	"strconv"

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

func newSession(w *World, done <-chan struct{}, cut context.CancelFunc) *session {
	return &session{
		w: w, cut: cut, done: done,
		out:     outbox{wake: make(chan struct{}, 1)},
		answers: make(map[string]func(*waBinary.Node)),

		subscribed: make(map[types.JID]bool),
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

// alive tells whether the connection is still there, and what comes over it counts: not if its device was removed, whose last
// stanzas may be on their way.
func (s *session) alive() bool {
	_, ok := s.w.sessions[s]
	return ok && !s.silent && (s.device == nil || s.device.account.devices[s.device.id] == s.device)
}

// handle takes one stanza. A client that is not logged in can only pair.
func (s *session) handle(n *waBinary.Node) {
	if !s.alive() {
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
