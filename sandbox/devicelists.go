package sandbox

import (
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// Clients remember which devices people have and encrypt for those only: a companion that nobody hears of gets no messages.

func (w *World) addDeviceListHooks() {
	w.router.onLinked = append(w.router.onLinked, func(d *device) { w.announceDevices(d, "add") })
	w.router.onUnlinked = append(w.router.onUnlinked, func(d *device) { w.announceDevices(d, "remove") })
}

// announceDevices tells the account's other companions, and everybody who knows the account, that a companion was linked or removed.
// Clients keep a list under the address that they have asked about, so others are told by number and by LID.
func (w *World) announceDevices(changed *device, change string) {
	a := changed.account
	w.notify(a, changed, w.notification("account_sync", a.pn, ownDevices(a)))
	for _, other := range w.accounts {
		if other == a || !other.knows(a) {
			continue
		}
		for _, server := range []string{types.DefaultUserServer, types.HiddenUserServer} {
			w.notify(other, nil, w.notification("devices", a.address(server), deviceChange(changed, change, server)))
		}
	}
}

func ownDevices(a *account) waBinary.Node {
	var list []waBinary.Node
	jids := addresses(a.endpoints(), types.DefaultUserServer)
	for _, jid := range jids {
		list = append(list, waBinary.Node{Tag: "device", Attrs: waBinary.Attrs{"jid": jid}})
	}
	return waBinary.Node{Tag: "devices", Attrs: waBinary.Attrs{"dhash": devicesHash(jids)}, Content: list}
}

func deviceChange(changed *device, change, server string) waBinary.Node {
	return waBinary.Node{
		Tag:     change,
		Attrs:   waBinary.Attrs{"device_hash": devicesHash(addresses(changed.account.endpoints(), server))},
		Content: []waBinary.Node{{Tag: "device", Attrs: waBinary.Attrs{"jid": changed.endpoint().address(server)}}},
	}
}
