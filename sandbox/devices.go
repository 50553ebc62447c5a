package sandbox

import (
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// addDeviceRoutes tells those who keep a list of an account's devices when it changes, so that they encrypt for all that are there.
func (w *World) addDeviceRoutes() {
	w.router.onLinked = append(w.router.onLinked, func(d *device) { w.announceDevice(d, "add") })
	w.router.onUnlinked = append(w.router.onUnlinked, func(d *device) { w.announceDevice(d, "remove") })
}

// announceDevice sends the change to others who have asked for the account's devices, and the whole list to its own companions.
func (w *World) announceDevice(changed *device, change string) {
	a := changed.account
	var list []types.JID
	var nodes []waBinary.Node
	for _, e := range a.endpoints() {
		list = append(list, e.lid())
		nodes = append(nodes, waBinary.Node{Tag: "device", Attrs: waBinary.Attrs{"jid": e.lid()}})
	}
	hash := devicesHash(list)
	for watcher := range a.watchers {
		if watcher != a {
			w.notify(watcher, nil, w.notification("devices", a.lid, waBinary.Node{
				Tag: change, Attrs: waBinary.Attrs{"device_hash": hash},
				Content: []waBinary.Node{{Tag: "device", Attrs: waBinary.Attrs{"jid": changed.lid}}},
			}))
		}
	}
	w.notify(a, changed, w.notification("account_sync", a.lid, waBinary.Node{
		Tag: "devices", Attrs: waBinary.Attrs{"dhash": hash}, Content: nodes,
	}))
}
