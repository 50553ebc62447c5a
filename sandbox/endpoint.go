package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// endpoint is one device of an account: 0 is its phone, the others are companions.
type endpoint struct {
	account *account
	id      uint16
}

func (d *device) endpoint() endpoint { return endpoint{d.account, d.id} }

func (p *Phone) endpoint() endpoint { return endpoint{p.account, 0} }

// lid is the endpoint's address by hidden identity, which is also its Signal address.
func (e endpoint) lid() types.JID { return e.address(types.HiddenUserServer) }

// address writes the endpoint as a LID or, for any other server, by phone number.
func (e endpoint) address(server string) types.JID {
	jid := e.account.address(server)
	jid.Device = e.id
	return jid
}

// address writes the account as a LID or, for any other server, by phone number.
func (a *account) address(server string) types.JID {
	if server == types.HiddenUserServer {
		return a.lid
	}
	return a.pn
}

// endpoint finds a device by phone number or LID.
func (w *World) endpoint(jid types.JID) (endpoint, bool) {
	a := w.account(jid)
	if a == nil || jid.Device != 0 && a.devices[jid.Device] == nil {
		return endpoint{}, false
	}
	return endpoint{a, jid.Device}, true
}

// endpoints lists the phone and the companions, by number.
func (a *account) endpoints() []endpoint {
	list := []endpoint{{a, 0}}
	for _, d := range a.sortedDevices() {
		list = append(list, d.endpoint())
	}
	return list
}

// endpoints lists the devices of all members.
func (g *group) endpoints() []endpoint {
	var list []endpoint
	for _, m := range g.members {
		list = append(list, m.account.endpoints()...)
	}
	return list
}

// addresses writes endpoints as LIDs or, for any other server, by phone number.
func addresses(list []endpoint, server string) []types.JID {
	jids := make([]types.JID, len(list))
	for i, e := range list {
		jids[i] = e.address(server)
	}
	return jids
}

// devicesHash sums up a list of devices in WhatsApp's second form; a client compares it with the devices it has encrypted for.
func devicesHash(devices []types.JID) string {
	names := make([]string, len(devices))
	for i, jid := range devices {
		names[i] = jid.ADString()
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "")))
	return "2:" + base64.RawStdEncoding.EncodeToString(sum[:6])
}
