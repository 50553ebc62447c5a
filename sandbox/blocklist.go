package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

func (w *World) addBlocklistRoutes() {
	w.router.iqs[iqRoute{"blocklist", "get", ""}] = getBlocklist
	w.router.iqs[iqRoute{"blocklist", "set", "item"}] = setBlocklist
}

func getBlocklist(s *session, _ *waBinary.Node) ([]waBinary.Node, error) {
	return []waBinary.Node{blocklist(s.device.account)}, nil
}

// blocklist writes an account's list, which names people by LID.
func blocklist(a *account) waBinary.Node {
	var items []waBinary.Node
	for _, lid := range sortedJIDs(a.blocked) {
		items = append(items, waBinary.Node{Tag: "item", Attrs: waBinary.Attrs{"jid": lid}})
	}
	return waBinary.Node{
		Tag:     "list",
		Attrs:   waBinary.Attrs{"dhash": blocklistHash(a), "addressing_mode": "lid"},
		Content: items,
	}
}

// blocklistHash changes with the list; clients only compare it.
func blocklistHash(a *account) string {
	hash := sha256.New()
	for _, lid := range sortedJIDs(a.blocked) {
		hash.Write([]byte(lid.String()))
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

func sortedJIDs(set map[types.JID]bool) []types.JID {
	return slices.SortedFunc(maps.Keys(set), compareJIDs)
}

func compareJIDs(a, b types.JID) int { return strings.Compare(a.User, b.User) }

func setBlocklist(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	item := child(iq, "item")
	action := attr(item, "action")
	if action != "block" && action != "unblock" {
		return nil, errBadRequest
	}
	me, other := s.device.account, s.w.account(attrJID(item, "jid"))
	switch other {
	case nil:
		return nil, errItemNotFound
	case me:
		return nil, errBadRequest
	}
	s.w.changeBlocklist(me, s.device, other, action)
	return []waBinary.Node{blocklist(me)}, nil
}

// changeBlocklist blocks or unblocks somebody and tells the account's other devices.
func (w *World) changeBlocklist(a *account, from *device, other *account, action string) {
	before := blocklistHash(a)
	if action == "block" {
		a.blocked[other.lid] = true
	} else {
		delete(a.blocked, other.lid)
	}
	w.notify(a, from, w.notification("account_sync", a.pn, waBinary.Node{
		Tag:   "blocklist",
		Attrs: waBinary.Attrs{"dhash": blocklistHash(a), "prev_dhash": before},
		Content: []waBinary.Node{{
			Tag:   "item",
			Attrs: waBinary.Attrs{"jid": other.lid, "action": action},
		}},
	}))
}
