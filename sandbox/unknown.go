package sandbox

import (
	"fmt"
	"slices"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// Unknown lists the kinds of stanzas that clients sent and the network does not understand, each with how often it came.
// Tests hold it empty: a client that gets no sensible answer behaves differently than at WhatsApp.
func (w *World) Unknown() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]string, 0, len(w.unknown))
	for kind, count := range w.unknown {
		list = append(list, fmt.Sprintf("%s (%d)", kind, count))
	}
	slices.Sort(list)
	return list
}

func (w *World) countUnknown(n *waBinary.Node) {
	kind := describe(n)
	w.unknown[kind]++
	w.log.Warn("stanza not understood", "kind", kind)
}
