package sandbox

import (
	"slices"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types"
)

// CallGroup begins a call in a group, of which its other members get a notice, and returns the call's id.
func (p *Phone) CallGroup(group types.JID, video bool) (string, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	g := p.w.groups[group]
	if g == nil || g.member(p.account) == nil {
		return "", errUnknownChat
	}
	c := p.w.newCall(p.account, video)
	c.group, c.guests = g, map[*account]waSyncAction.CallLogRecord_CallResult{}
	media := "audio"
	if video {
		media = "video"
	}
	p.w.signalCall(c, p.account, c.invited(), waBinary.Node{Tag: "offer_notice", Attrs: waBinary.Attrs{"media": media, "type": "group"}})
	return c.id, nil
}

// invited are the devices of the other members of the group.
func (c *call) invited() []endpoint {
	return slices.DeleteFunc(c.group.endpoints(), func(e endpoint) bool { return e.account == c.from })
}

// moveGroupCall lets a member join or decline, and the caller end the call.
func (w *World) moveGroupCall(c *call, by *account, state CallState) error {
	_, answered := c.guests[by]
	over := c.state == CallEnded
	switch {
	case over || c.group.member(by) == nil || (state == CallEnded) != (by == c.from) || answered:
		return errNoCall
	case state == CallEnded:
		c.state = CallEnded
		w.endGroupCall(c, waBinary.Node{Tag: "terminate"})
	case state == CallRejected:
		c.guests[by] = waSyncAction.CallLogRecord_REJECTED
	default:
		c.guests[by] = waSyncAction.CallLogRecord_CONNECTED
		if c.state == CallRinging {
			c.state, c.accepted = CallAccepted, w.now()
			c.stopTimer()
		}
	}
	return nil
}

// endGroupCall tells the members that a call is over, and lets all phones write it down.
func (w *World) endGroupCall(c *call, terminate waBinary.Node) {
	c.stopTimer()
	w.signalCall(c, c.from, c.invited(), terminate)
	result := waSyncAction.CallLogRecord_CANCELLED
	if !c.accepted.IsZero() {
		result = waSyncAction.CallLogRecord_CONNECTED
	}
	for _, m := range c.group.members {
		if m.account == c.from {
			m.account.phone.writeCall(c, result)
		} else {
			m.account.phone.writeCall(c, c.guestResult(m.account))
		}
	}
}

func (c *call) guestResult(a *account) waSyncAction.CallLogRecord_CallResult {
	if result, answered := c.guests[a]; answered {
		return result
	}
	return waSyncAction.CallLogRecord_MISSED
}
