package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// member is somebody in a group. rank is empty, admin, or superadmin for the creator.
type member struct {
	account *account
	rank    string
}

func (m *member) admin() bool { return m.rank != "" }

func (m *member) node() waBinary.Node {
	n := participant(m.account)
	if m.admin() {
		n.Attrs["type"] = m.rank
	}
	return n
}

// participant names an account in lists of members.
func participant(a *account) waBinary.Node {
	attrs := waBinary.Attrs{"jid": a.lid}
	if !a.hidden {
		attrs["phone_number"] = a.pn
	}
	return waBinary.Node{Tag: "participant", Attrs: attrs}
}

// refused is an asked participant with the reason why nothing was done: 403 privacy (an invitation may be sent instead),
// 404 not on WhatsApp or not in the group, 409 in the group already, 419 group full.
func refused(asked waBinary.Node, code int) waBinary.Node {
	asked.Attrs["error"] = strconv.Itoa(code)
	return asked
}

// member finds somebody's membership; nil for outsiders.
func (g *group) member(a *account) *member {
	for _, m := range g.members {
		if m.account == a {
			return m
		}
	}
	return nil
}

// addable finds whom an add is about, or says why they cannot be added.
func (w *World) addable(g *group, by *account, asked *waBinary.Node) (*account, waBinary.Node) {
	a := w.account(attrJID(asked, "jid"))
	switch {
	case a == nil || a.banned:
		return nil, refused(waBinary.Node{Tag: "participant", Attrs: waBinary.Attrs{"jid": attrJID(asked, "jid")}}, 404)
	case g.member(a) != nil:
		return nil, refused(participant(a), 409)
	case len(g.members) >= maxGroupMembers:
		return nil, refused(participant(a), 419)
	case !a.shows("groupadd", by):
		n := refused(participant(a), 403)
		n.Content = []waBinary.Node{w.invite(g, by, a)}
		return nil, n
	}
	return a, waBinary.Node{}
}

func addMembers(c groupCall) ([]waBinary.Node, error) {
	var answers []waBinary.Node
	var joined []*account
	for _, asked := range c.node.GetChildrenByTag("participant") {
		a, refusal := c.w.addable(c.group, c.by, &asked)
		if a == nil {
			answers = append(answers, refusal)
			continue
		}
		c.group.members = append(c.group.members, &member{account: a})
		joined = append(joined, a)
		answers = append(answers, participant(a))
	}
	c.w.announceJoined(c.group, c.by, joined, nil)
	return []waBinary.Node{{Tag: "add", Content: answers}}, nil
}

// announceJoined tells the members who came, and those who came what they are in now.
func (w *World) announceJoined(g *group, by *account, joined []*account, attrs waBinary.Attrs) {
	if len(joined) == 0 {
		return
	}
	change := w.groupNotification(g, by, g.membersChanged("add", joined))
	for _, m := range g.members {
		if slices.Contains(joined, m.account) {
			w.notifyJoined(g, by, m.account, attrs)
		} else {
			w.notify(m.account, nil, change)
		}
	}
}

func (w *World) notifyJoined(g *group, by, to *account, attrs waBinary.Attrs) {
	create := waBinary.Node{Tag: "create", Attrs: attrs, Content: []waBinary.Node{g.node(true)}}
	w.notify(to, nil, w.groupNotification(g, by, create))
}

// membersChanged makes the element of a notification and counts the change.
func (g *group) membersChanged(tag string, who []*account) waBinary.Node {
	before := g.version
	g.version++
	n := waBinary.Node{Tag: tag, Attrs: waBinary.Attrs{
		"prev_v_id": strconv.Itoa(before),
		"v_id":      strconv.Itoa(g.version),
	}}
	var list []waBinary.Node
	for _, a := range who {
		list = append(list, participant(a))
	}
	n.Content = list
	return n
}

// changeMembers removes, promotes or demotes, as the node's tag says. Nobody can act on the creator.
func changeMembers(c groupCall) ([]waBinary.Node, error) {
	var answers []waBinary.Node
	var changed []*account
	for _, asked := range c.node.GetChildrenByTag("participant") {
		jid := attrJID(&asked, "jid")
		m := c.group.member(c.w.account(jid))
		switch {
		case m == nil:
			answers = append(answers, refused(waBinary.Node{Tag: "participant", Attrs: waBinary.Attrs{"jid": jid}}, 404))
			continue
		case m.rank == "superadmin":
			answers = append(answers, refused(participant(m.account), 403))
			continue
		}
		c.group.change(m, c.node.Tag)
		changed = append(changed, m.account)
		answers = append(answers, participant(m.account))
	}
	if len(changed) > 0 {
		c.w.notifyGroup(c.group, c.by, c.group.membersChanged(c.node.Tag, changed), changed...)
	}
	return []waBinary.Node{{Tag: c.node.Tag, Content: answers}}, nil
}

func (g *group) change(m *member, action string) {
	switch action {
	case "promote":
		m.rank = "admin"
	case "demote":
		m.rank = ""
	case "remove":
		g.members = slices.DeleteFunc(g.members, func(other *member) bool { return other == m })
	}
}

func leaveGroups(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	var left []waBinary.Node
	for _, asked := range child(iq, "leave").GetChildrenByTag("group") {
		jid := attrJID(&asked, "id")
		if err := s.w.leaveGroup(jid, s.device.account); err != nil {
			return nil, err
		}
		left = append(left, waBinary.Node{Tag: "group", Attrs: waBinary.Attrs{"id": jid}})
	}
	return []waBinary.Node{{Tag: "leave", Content: left}}, nil
}

// leaveGroup ends a membership. A group whose last admin leaves makes the longest member one; an empty group is gone.
func (w *World) leaveGroup(jid types.JID, a *account) error {
	g := w.groups[jid]
	if g == nil {
		return errItemNotFound
	}
	m := g.member(a)
	if m == nil {
		return errNotAuthorized
	}
	g.change(m, "remove")
	w.notifyGroup(g, a, g.membersChanged("remove", []*account{a}), a)
	if len(g.members) == 0 {
		delete(w.groups, jid)
		return nil
	}
	if !slices.ContainsFunc(g.members, (*member).admin) {
		heir := g.members[0]
		g.change(heir, "promote")
		w.notifyGroup(g, a, g.membersChanged("promote", []*account{heir.account}))
	}
	return nil
}

// joinRequest is somebody who came by link to a group where admins decide.
type joinRequest struct {
	account *account
	at      time.Time
}

func listJoinRequests(c groupCall) ([]waBinary.Node, error) {
	var list []waBinary.Node
	for _, lid := range slices.SortedFunc(maps.Keys(c.group.requests), compareJIDs) {
		r := c.group.requests[lid]
		list = append(list, waBinary.Node{Tag: "membership_approval_request", Attrs: waBinary.Attrs{
			"jid":          r.account.lid,
			"phone_number": r.account.pn,
			"request_time": unixText(r.at),
		}})
	}
	return []waBinary.Node{{Tag: "membership_approval_requests", Content: list}}, nil
}

// decideJoinRequests lets people in or sends them away.
func decideJoinRequests(c groupCall) ([]waBinary.Node, error) {
	decision := c.node.GetChildren()
	if len(decision) != 1 || decision[0].Tag != "approve" && decision[0].Tag != "reject" {
		return nil, errBadRequest
	}
	var answers []waBinary.Node
	var joined []*account
	for _, asked := range decision[0].GetChildrenByTag("participant") {
		jid := attrJID(&asked, "jid")
		a := c.w.account(jid)
		if a == nil || c.group.requests[a.lid] == nil {
			answers = append(answers, refused(waBinary.Node{Tag: "participant", Attrs: waBinary.Attrs{"jid": jid}}, 404))
			continue
		}
		delete(c.group.requests, a.lid)
		if decision[0].Tag == "approve" {
			c.group.members = append(c.group.members, &member{account: a})
			joined = append(joined, a)
		}
		answers = append(answers, participant(a))
	}
	c.w.announceJoined(c.group, c.by, joined, nil)
	return []waBinary.Node{{
		Tag:     "membership_requests_action",
		Content: []waBinary.Node{{Tag: decision[0].Tag, Content: answers}},
	}}, nil
}
