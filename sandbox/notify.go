package sandbox

import (
	"maps"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// notification is a notification stanza without its id, which notify gives each copy.
func (w *World) notification(kind string, from types.JID, children ...waBinary.Node) waBinary.Node {
	return waBinary.Node{
		Tag:     "notification",
		Attrs:   waBinary.Attrs{"type": kind, "from": from, "t": unixText(w.now())},
		Content: children,
	}
}

// serverNotification is a whole notification that comes from the network itself.
func (w *World) serverNotification(kind string, children ...waBinary.Node) waBinary.Node {
	n := w.notification(kind, types.ServerJID, children...)
	n.Attrs["id"] = w.newID()
	return n
}

// notify delivers a notification to all devices of an account but one; a nil exception reaches all.
func (w *World) notify(to *account, except *device, node waBinary.Node) {
	for _, d := range to.devices {
		if d == except {
			continue
		}
		node.Attrs = maps.Clone(node.Attrs)
		node.Attrs["id"] = w.newID()
		w.deliver(d, "notification", node)
	}
}

// notifyContacts reaches the devices of everybody who knows an account and may see the given privacy category of it.
func (w *World) notifyContacts(a *account, category string, node waBinary.Node) {
	for _, other := range w.accounts {
		if other != a && other.knows(a) && a.shows(category, other) {
			w.notify(other, nil, node)
		}
	}
}
