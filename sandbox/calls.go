package sandbox

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
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

// ringTime is how long a call rings.
const ringTime = time.Minute

// Call is a call that a phone makes or gets.
type Call struct {
	ID    string    `json:"id"`
	From  types.JID `json:"from"` // by phone number, as To
	To    types.JID `json:"to"`   // or the group
	Video bool      `json:"video"`
	State CallState `json:"state"`
}

// call is one call on the network. Nothing is ever said in it.
type call struct {
	id        string
	from, to  *account
	group     *group                                             // of a call to a group, which is to nobody else
	guests    map[*account]waSyncAction.CallLogRecord_CallResult // who of the group has answered, and how
	video     bool
	state     CallState
	unheard   bool // the other side blocks the caller
	began     time.Time
	accepted  time.Time
	stopTimer func()
}

var errNoCall = errors.New("the phone has no such call in that state")

// Call rings at all devices of a person and returns the call's id. A call that nobody answers ends after a minute. At its end both
// phones write it into the app state, which is all that the caller's companions ever see of it.
func (p *Phone) Call(to types.JID, video bool) (string, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	a := p.w.account(to)
	if a == nil || a == p.account {
		return "", errUnknownChat
	}
	c := p.w.newCall(p.account, video)
	c.to, c.unheard = a, a.blocked[p.account.lid]
	if c.unheard {
		return c.id, nil
	}
	media := waBinary.Node{Tag: "audio", Attrs: waBinary.Attrs{"enc": "opus", "rate": "16000"}}
	if video {
		media = waBinary.Node{Tag: "video", Attrs: waBinary.Attrs{"enc": "vp8"}}
	}
	p.w.signalCall(c, p.account, a.endpoints(), waBinary.Node{Tag: "offer", Content: []waBinary.Node{media}})
	return c.id, nil
}

func (w *World) newCall(from *account, video bool) *call {
	c := &call{id: w.newID(), from: from, video: video, state: CallRinging, began: w.now()}
	c.stopTimer = w.after(ringTime, func() { w.ringOut(c) })
	w.calls = append(w.calls, c)
	return c
}

// ringOut ends a call that nobody has answered.
func (w *World) ringOut(c *call) {
	c.state = CallEnded
	terminate := waBinary.Node{Tag: "terminate", Attrs: waBinary.Attrs{"reason": "timeout"}}
	switch {
	case c.group != nil:
		w.endGroupCall(c, terminate)
		return
	case !c.unheard:
		w.signalCall(c, c.from, c.to.endpoints(), terminate)
	}
	w.logCall(c, waSyncAction.CallLogRecord_UNAVAILABLE, waSyncAction.CallLogRecord_MISSED)
}

// Answer accepts a call that rings at this phone, or joins one to a group.
func (p *Phone) Answer(id string) error { return p.act(id, CallAccepted) }

// Reject refuses a call that rings at this phone.
func (p *Phone) Reject(id string) error { return p.act(id, CallRejected) }

// HangUp ends a call, also one that still rings at the other side. Only its caller ends one to a group.
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
		if c.from == p.account || c.to == p.account && !c.unheard || c.group != nil && c.group.member(p.account) != nil {
			list = append(list, c.show())
		}
	}
	return list
}

// NextCall returns the oldest call to this phone that it has not returned yet, and waits for one until ctx ends.
func (p *Phone) NextCall(ctx context.Context) (Call, error) { return next(ctx, p.w, &p.mailbox.calls) }

func (c *call) show() Call {
	if c.group != nil {
		return Call{c.id, c.from.pn, c.group.jid, c.video, c.state}
	}
	return Call{c.id, c.from.pn, c.to.pn, c.video, c.state}
}

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

// moveCall lets a device accept, reject or end a call. The other side's phone hears of it, or all its devices while they ring, and the
// device's own account hears what it has to stop ringing for.
func (w *World) moveCall(by endpoint, id string, state CallState) error {
	c := w.findCall(id)
	switch {
	case c != nil && c.group != nil:
		return w.moveGroupCall(c, by.account, state)
	case c == nil || c.from != by.account && c.to != by.account || !c.mayBecome(state, by.account):
		return errNoCall
	}
	rang := c.state == CallRinging
	c.state = state
	c.stopTimer()
	hear := []endpoint{c.other(by.account).phone.endpoint()}
	switch {
	case c.unheard:
		hear = nil
	case rang && by.account == c.from:
		hear = c.to.endpoints()
	}
	tag := map[CallState]string{CallAccepted: "accept", CallRejected: "reject", CallEnded: "terminate"}[state]
	w.signalCall(c, by.account, hear, waBinary.Node{Tag: tag})
	if rang && by.account == c.to {
		others := slices.DeleteFunc(c.to.endpoints(), func(e endpoint) bool { return e == by })
		w.signalCall(c, by.account, others, waBinary.Node{Tag: "terminate", Attrs: waBinary.Attrs{"reason": string(state) + "_elsewhere"}})
	}
	w.settleCall(c, rang)
	return nil
}

func (c *call) mayBecome(state CallState, by *account) bool {
	switch state {
	case CallAccepted, CallRejected:
		return c.state == CallRinging && by == c.to && !c.unheard
	default:
		return c.state == CallAccepted || c.state == CallRinging && by == c.from
	}
}

// signalCall tells devices what happened to a call.
func (w *World) signalCall(c *call, by *account, to []endpoint, event waBinary.Node) {
	attrs := maps.Clone(event.Attrs)
	if attrs == nil {
		attrs = waBinary.Attrs{}
	}
	attrs["call-id"], attrs["call-creator"], attrs["caller_pn"] = c.id, c.from.lid, c.from.pn
	if c.group != nil {
		attrs["group-jid"] = c.group.jid
	}
	event.Attrs = attrs
	for _, e := range to {
		w.hand(e, "call", waBinary.Node{
			Tag: "call",
			Attrs: waBinary.Attrs{
				"from": by.lid, "id": w.newID(), "t": unixText(w.now()), "platform": "android", "version": "2.26.1.1", "notify": by.pushName,
			},
			Content: []waBinary.Node{event},
		})
	}
}

// takeCall notes a call that rings; how it goes on is read from the call itself.
func (p *Phone) takeCall(node *waBinary.Node) {
	for _, event := range node.GetChildren() {
		if c := p.w.findCall(attr(&event, "call-id")); c != nil && (event.Tag == "offer" || event.Tag == "offer_notice") {
			p.mailbox.calls.add(c.show())
		}
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
