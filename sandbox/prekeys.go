package sandbox

import (
	"encoding/binary"
	"strconv"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

const (
	fewPreKeys = 5    // with fewer left, a device is asked for more
	maxPreKeys = 4096 // kept for one device
)

func (w *World) addPreKeyRoutes() {
	w.router.iqs[iqRoute{"encrypt", "get", "count"}] = countPreKeys
	w.router.iqs[iqRoute{"encrypt", "get", "key"}] = getPreKeys
	w.router.iqs[iqRoute{"encrypt", "set", ""}] = setPreKeys
}

func countPreKeys(s *session, _ *waBinary.Node) ([]waBinary.Node, error) {
	count := len(s.device.keys.oneTime)
	if count == 0 && !s.device.keys.uploaded && s.w.opts.FewPreKeys {
		count = 1
	}
	return []waBinary.Node{preKeyCount(count)}, nil
}

func preKeyCount(count int) waBinary.Node {
	return waBinary.Node{Tag: "count", Attrs: waBinary.Attrs{"value": strconv.Itoa(count)}}
}

// setPreKeys keeps a device's identity, signed key and a further batch of one-time keys.
func setPreKeys(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	registration := childBytes(iq, "registration")
	signed, err := parsePreKey(child(iq, "skey"))
	identity := childBytes(iq, "identity")
	if err != nil || len(registration) != 4 || len(identity) != 32 || [32]byte(identity) != s.device.identity {
		return nil, errBadRequest
	}
	list := child(iq, "list")
	if list == nil {
		return nil, errBadRequest
	}
	var batch []preKey
	children := list.GetChildren()
	for i := range children {
		key, err := parsePreKey(&children[i])
		if err != nil {
			return nil, errBadRequest
		}
		batch = append(batch, key)
	}
	k := &s.device.keys
	if len(k.oneTime)+len(batch) > maxPreKeys {
		return nil, errNotAcceptable
	}
	k.registrationID, k.signedPreKey, k.uploaded = binary.BigEndian.Uint32(registration), signed, true
	k.oneTime = append(k.oneTime, batch...)
	return nil, nil
}

func parsePreKey(n *waBinary.Node) (key preKey, err error) {
	if n == nil {
		return key, errBadRequest
	}
	id, value, signature := childBytes(n, "id"), childBytes(n, "value"), childBytes(n, "signature")
	if len(id) != 3 || len(value) != 32 || (n.Tag == "skey" && len(signature) != 64) {
		return key, errBadRequest
	}
	key.id, key.public = binary.BigEndian.Uint32(append([]byte{0}, id...)), [32]byte(value)
	if n.Tag == "skey" {
		key.signature = [64]byte(signature)
	}
	return key, nil
}

// getPreKeys hands out what is needed to open a Signal session with each device asked for; its one-time key is then used up.
func getPreKeys(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	var users []waBinary.Node
	for _, user := range child(iq, "key").GetChildren() {
		users = append(users, s.w.preKeysOf(attrJID(&user, "jid")))
	}
	return []waBinary.Node{{Tag: "list", Content: users}}, nil
}

func (w *World) preKeysOf(jid types.JID) waBinary.Node {
	user := waBinary.Node{Tag: "user", Attrs: waBinary.Attrs{"jid": jid}}
	a := w.account(jid)
	var bundle *keyBundle
	var identity [32]byte
	switch {
	case a == nil:
	case jid.Device == 0:
		identity, bundle = *a.phone.identity.Pub, freshKeys(a.phone.signal)
	case a.devices[jid.Device] != nil:
		d := a.devices[jid.Device]
		identity, bundle = d.identity, &d.keys
		defer w.askForPreKeys(d)
	}
	if bundle == nil {
		user.Content = []waBinary.Node{{Tag: "error", Attrs: waBinary.Attrs{"code": "404", "text": "item-not-found"}}}
		return user
	}
	user.Content = bundle.take(identity)
	return user
}

// take writes a bundle with one one-time key, which it removes.
func (k *keyBundle) take(identity [32]byte) []waBinary.Node {
	nodes := []waBinary.Node{
		{Tag: "registration", Content: binary.BigEndian.AppendUint32(nil, k.registrationID)},
		{Tag: "type", Content: []byte{5}},
		{Tag: "identity", Content: identity[:]},
		k.signedPreKey.node("skey"),
	}
	if len(k.oneTime) > 0 {
		nodes = append(nodes, k.oneTime[0].node("key"))
		k.oneTime = k.oneTime[1:]
	}
	return nodes
}

func (k *preKey) node(tag string) waBinary.Node {
	content := []waBinary.Node{
		{Tag: "id", Content: binary.BigEndian.AppendUint32(nil, k.id)[1:]},
		{Tag: "value", Content: k.public[:]},
	}
	if tag == "skey" {
		content = append(content, waBinary.Node{Tag: "signature", Content: k.signature[:]})
	}
	return waBinary.Node{Tag: tag, Content: content}
}

// askForPreKeys tells a device, at the moment its keys become few, to upload more.
func (w *World) askForPreKeys(d *device) {
	if len(d.keys.oneTime) != fewPreKeys-1 {
		return
	}
	w.deliver(d, "notification", w.serverNotification("encrypt", preKeyCount(len(d.keys.oneTime))))
}
