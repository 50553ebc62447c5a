package sandbox

import (
	"strconv"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// usyncProtocol answers one part of a usync query about an account; nil when there is nothing to say.
type usyncProtocol func(w *World, viewer, a *account, asked types.JID) *waBinary.Node

var usyncProtocols = map[string]usyncProtocol{
	"business":          usyncBusiness,
	"devices":           usyncDevices,
	"disappearing_mode": usyncDisappearing,
	"lid":               usyncLID,
	"picture":           usyncPicture,
	"status":            usyncStatus,
	"username":          func(*World, *account, *account, types.JID) *waBinary.Node { return nil },
	"bot":               func(*World, *account, *account, types.JID) *waBinary.Node { return nil },
}

func (w *World) addUsyncRoutes() {
	w.router.iqs[iqRoute{"usync", "get", "usync"}] = usync
}

// usync answers what a client asks about a list of people: who is registered, by which LID, with which devices and so on.
func usync(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	query, list := child(iq, "usync", "query"), child(iq, "usync", "list")
	if query == nil || list == nil {
		return nil, errBadRequest
	}
	var answers []waBinary.Node
	for _, user := range list.GetChildrenByTag("user") {
		answer, err := s.usyncUser(query.GetChildren(), &user)
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	return []waBinary.Node{{Tag: "usync", Content: []waBinary.Node{
		{Tag: "result"},
		{Tag: "list", Content: answers},
	}}}, nil
}

// usyncUser answers for one user, who is named by JID, or by a typed number in a contact query.
func (s *session) usyncUser(protocols []waBinary.Node, user *waBinary.Node) (waBinary.Node, error) {
	asked, typed := attrJID(user, "jid"), childBytes(user, "contact")
	if len(typed) > 0 {
		asked = types.NewJID(onlyDigits(string(typed)), types.DefaultUserServer)
	}
	a := s.w.account(asked)
	var answers []waBinary.Node
	for _, protocol := range protocols {
		if protocol.Tag == "contact" {
			answers = append(answers, usyncContact(a, typed))
			continue
		}
		answer, known := usyncProtocols[protocol.Tag]
		if !known {
			s.w.countUnknown(&waBinary.Node{Tag: "usync", Content: []waBinary.Node{{Tag: protocol.Tag}}})
			return waBinary.Node{}, errBadRequest
		}
		if a == nil || a.banned {
			continue
		}
		if n := answer(s.w, s.device.account, a, asked); n != nil {
			answers = append(answers, *n)
		}
	}
	return waBinary.Node{Tag: "user", Attrs: usyncNames(a, asked, typed), Content: answers}, nil
}

// usyncNames echoes a JID as it was asked for. A typed number is answered with the LID, the number beside it.
func usyncNames(a *account, asked types.JID, typed []byte) waBinary.Attrs {
	switch {
	case len(typed) == 0:
		return waBinary.Attrs{"jid": asked}
	case a == nil:
		return waBinary.Attrs{"pn_jid": asked}
	}
	return waBinary.Attrs{"jid": a.lid, "pn_jid": a.pn}
}

func usyncContact(a *account, typed []byte) waBinary.Node {
	kind := "in"
	if a == nil || a.banned {
		kind = "out"
	}
	return waBinary.Node{Tag: "contact", Attrs: waBinary.Attrs{"type": kind}, Content: typed}
}

// usyncDevices lists the phone, which is always device 0, and the companions.
func usyncDevices(_ *World, _, a *account, _ types.JID) *waBinary.Node {
	list := []waBinary.Node{{Tag: "device", Attrs: waBinary.Attrs{"id": "0"}}}
	for _, d := range a.sortedDevices() {
		id := strconv.Itoa(int(d.id))
		list = append(list, waBinary.Node{Tag: "device", Attrs: waBinary.Attrs{"id": id, "key-index": id}})
	}
	return &waBinary.Node{Tag: "devices", Content: []waBinary.Node{{Tag: "device-list", Content: list}}}
}

// usyncLID is left out when the LID itself was asked about: clients store what they get as the number's LID.
func usyncLID(_ *World, _, a *account, asked types.JID) *waBinary.Node {
	if asked.Server == types.HiddenUserServer {
		return nil
	}
	return &waBinary.Node{Tag: "lid", Attrs: waBinary.Attrs{"val": a.lid}}
}

func usyncPicture(_ *World, viewer, a *account, _ types.JID) *waBinary.Node {
	if a.avatar.picture == nil || !a.shows("profile", viewer) {
		return nil
	}
	return &waBinary.Node{Tag: "picture", Attrs: waBinary.Attrs{"id": a.avatar.picture.id}}
}

func usyncStatus(_ *World, viewer, a *account, _ types.JID) *waBinary.Node {
	if !a.shows("status", viewer) {
		return &waBinary.Node{Tag: "status", Attrs: waBinary.Attrs{"code": "401", "type": "fail"}}
	}
	return &waBinary.Node{
		Tag:     "status",
		Attrs:   waBinary.Attrs{"t": unixText(a.aboutSet)},
		Content: []byte(a.about),
	}
}

func usyncDisappearing(_ *World, _, a *account, _ types.JID) *waBinary.Node {
	return &waBinary.Node{Tag: "disappearing_mode", Attrs: waBinary.Attrs{
		"duration": strconv.Itoa(int(a.disappearing.Seconds())),
		"t":        "0",
	}}
}
