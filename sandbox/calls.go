package sandbox

import (
	"context"
	"errors"
	"slices"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// CallState says how far a call has come.
type CallState string

// A call rings until it is accepted, rejected or ended by its caller; an accepted call is ended by either side.
const (
	CallRinging  CallState = "ringing"
	CallAccepted CallState = "accepted"
	CallRejected CallState = "rejected"
	CallEnded    CallState = "ended"
)

// Call is a call that a phone makes or gets.
type Call struct {
	ID    string    `json:"id"`
	From  types.JID `json:"from"` // by phone number, as To
	To    types.JID `json:"to"`
	Video bool      `json:"video"`
	State CallState `json:"state"`
}

// call is one call on the network. Nothing is ever said in it.
type call struct {
	id       string
	from, to *account
	video    bool
	state    CallState
}

var errNoCall = errors.New("the phone has no such call in that state")

// Call rings at all devices of a person and returns the call's id.
func (p *Phone) Call(to types.JID, video bool) (string, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	a := p.w.account(to)
	if a == nil || a == p.account {
		return "", errUnknownChat
	}
	c := &call{id: p.w.newID(), from: p.account, to: a, video: video, state: CallRinging}
	p.w.calls = append(p.w.calls, c)
	if a.blocked[p.account.lid] {
		return c.id, nil
	}
	media := waBinary.Node{Tag: "audio", Attrs: waBinary.Attrs{"enc": "opus", "rate": "16000"}}
	if video {
		media = waBinary.Node{Tag: "video", Attrs: waBinary.Attrs{"enc": "vp8"}}
	}
	p.w.signalCall(c, p.endpoint(), a, waBinary.Node{Tag: "offer", Content: []waBinary.Node{media}})
	return c.id, nil
}

// Answer accepts a call that rings at this phone.
func (p *Phone) Answer(id string) error { return p.act(id, CallAccepted) }

// Reject refuses a call that rings at this phone.
func (p *Phone) Reject(id string) error { return p.act(id, CallRejected) }

// HangUp ends a call, also one that still rings at the other side.
func (p *Phone) HangUp(id string) error { return p.act(id, CallEnded) }

func (p *Phone) act(id string, state CallState) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.w.moveCall(p.endpoint(), id, state)
}

// Calls lists the calls that the phone's account has made or got, oldest first.
func (p *Phone) Calls() []Call {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var list []Call
	for _, c := range p.w.calls {
		if c.from == p.account || c.to == p.account {
			list = append(list, c.show())
		}
	}
	return list
}

// NextCall returns the oldest call to this phone that it has not returned yet, and waits for one until ctx ends.
func (p *Phone) NextCall(ctx context.Context) (Call, error) { return next(ctx, p.w, &p.mailbox.calls) }

func (c *call) show() Call { return Call{c.id, c.from.pn, c.to.pn, c.video, c.state} }

// other is the account at the far end.
func (c *call) other(a *account) *account {
	if a == c.from {
		return c.to
	}
	return c.from
}

func (w *World) findCall(id string) *call {
	if i := slices.IndexFunc(w.calls, func(c *call) bool { return c.id == id }); i >= 0 {
		return w.calls[i]
	}
	return nil
}

// moveCall lets a device accept, reject or end a call and tells the other side, and the device's own account what it has to stop
// ringing for.
func (w *World) moveCall(by endpoint, id string, state CallState) error {
	c := w.findCall(id)
	if c == nil || c.from != by.account && c.to != by.account || !c.mayBecome(state, by.account) {
		return errNoCall
	}
	rang := c.state == CallRinging
	c.state = state
	tag := map[CallState]string{CallAccepted: "accept", CallRejected: "reject", CallEnded: "terminate"}[state]
	w.signalCall(c, by, c.other(by.account), waBinary.Node{Tag: tag})
	if rang && by.account == c.to {
		w.signalCall(c, by, by.account, waBinary.Node{Tag: "terminate", Attrs: waBinary.Attrs{"reason": string(state) + "_elsewhere"}})
	}
	return nil
}

func (c *call) mayBecome(state CallState, by *account) bool {
	switch state {
	case CallAccepted, CallRejected:
		return c.state == CallRinging && by == c.to
	default:
		return c.state == CallAccepted || c.state == CallRinging && by == c.from
	}
}

// signalCall tells all devices of an account but the acting one what happened to a call.
func (w *World) signalCall(c *call, from endpoint, to *account, event waBinary.Node) {
	attrs := waBinary.Attrs{"call-id": c.id, "call-creator": c.from.lid, "caller_pn": c.from.pn}
	if reason := attr(&event, "reason"); reason != "" {
		attrs["reason"] = reason
	}
	event.Attrs = attrs
	for _, e := range to.endpoints() {
		if e == from {
			continue
		}
		w.hand(e, "call", waBinary.Node{
			Tag: "call",
			Attrs: waBinary.Attrs{
				"from": from.account.lid, "id": w.newID(), "t": unixText(w.now()), "platform": "android", "version": "2.26.1.1", "notify": from.account.pushName,
			},
			Content: []waBinary.Node{event},
		})
	}
}

// takeCall notes a call that rings; how it goes on is read from the call itself.
func (p *Phone) takeCall(node *waBinary.Node) {
	offer := child(node, "offer")
	if offer == nil {
		return
	}
	if c := p.w.findCall(attr(offer, "call-id")); c != nil {
		p.mailbox.calls.add(c.show())
	}
}

// handleCall takes what a companion does with a call.
func (w *World) handleCall(s *session, node *waBinary.Node) error {
	s.send(waBinary.Node{Tag: "ack", Attrs: waBinary.Attrs{"class": "call", "id": attr(node, "id"), "from": attrJID(node, "to")}})
	for _, event := range node.GetChildren() {
		state, ok := map[string]CallState{"accept": CallAccepted, "reject": CallRejected, "terminate": CallEnded}[event.Tag]
		if !ok {
			w.countUnknown(node)
			continue
		}
		if err := w.moveCall(s.device.endpoint(), attr(&event, "call-id"), state); err != nil {
			return err
		}
	}
	return nil
}
