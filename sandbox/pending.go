package sandbox

import (
	"maps"
	"slices"
	"strconv"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// deliver sends a stanza to a device now if it is online and active, and again at each of its logins until the device has
// confirmed it. class is message, notification, receipt or call; the stanza carries its id.
func (w *World) deliver(d *device, class string, n waBinary.Node) {
	if class == "message" && w.fault(FaultGarble, d.account, attr(&n, "type")) != nil {
		n = garbled(n)
	}
	d.pending = append(d.pending, &pendingStanza{id: attr(&n, "id"), class: class, node: n})
	if d.session != nil && d.session.active {
		d.session.send(n)
	}
}

// confirm forgets the oldest stanza with this class and id that the device was sent.
func (d *device) confirm(class, id string) {
	i := slices.IndexFunc(d.pending, func(p *pendingStanza) bool { return p.class == class && p.id == id })
	if i >= 0 {
		d.pending = slices.Delete(d.pending, i, i+1)
	}
}

// sendPending sends what the device has not confirmed, between the two marks that tell it how much to expect.
func (s *session) sendPending() {
	pending := s.device.pending
	count := map[string]int{}
	for _, p := range pending {
		count[p.class]++
	}
	total := strconv.Itoa(len(pending))
	s.send(ib(waBinary.Node{Tag: "offline_preview", Attrs: waBinary.Attrs{
		"count":        total,
		"appdata":      "0",
		"message":      strconv.Itoa(count["message"]),
		"notification": strconv.Itoa(count["notification"]),
		"receipt":      strconv.Itoa(count["receipt"]),
	}}))
	for i, p := range pending {
		n := p.node
		n.Attrs = maps.Clone(n.Attrs)
		n.Attrs["offline"] = strconv.Itoa(i)
		s.send(n)
	}
	s.send(ib(waBinary.Node{Tag: "offline", Attrs: waBinary.Attrs{"count": total}}))
}

func ib(content waBinary.Node) waBinary.Node {
	return waBinary.Node{Tag: "ib", Attrs: waBinary.Attrs{"from": types.ServerJID}, Content: []waBinary.Node{content}}
}
