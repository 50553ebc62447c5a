package sandbox

import (
	"slices"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// invitation lets one person in until it expires. It is offered when their privacy keeps them from being added directly.
type invitation struct {
	code  string
	until time.Time
	by    *account
}

const invitationLife = 72 * time.Hour

func (w *World) addGroupInviteRoutes() {
	w.router.iqs[iqRoute{"w:g2", "get", "invite"}] = getInvite
	w.router.iqs[iqRoute{"w:g2", "set", "invite"}] = setInvite
	w.router.iqs[iqRoute{"w:g2", "set", "accept"}] = acceptInvitation
}

// getInvite gives admins the code of a group, or tells anybody what group a code is for.
func getInvite(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	if to := attrJID(iq, "to"); to != types.GroupServerJID {
		return s.inviteCode(to)
	}
	g, err := s.w.groupByCode(attr(child(iq, "invite"), "code"))
	if err != nil {
		return nil, err
	}
	return []waBinary.Node{g.node(false)}, nil
}

// setInvite makes a new code for a group, or joins the group of a code.
func setInvite(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	to := attrJID(iq, "to")
	if to == types.GroupServerJID {
		return s.w.joinByCode(s.device.account, attr(child(iq, "invite"), "code"))
	}
	if _, err := s.w.resetInvite(to, s.device.account); err != nil {
		return nil, err
	}
	return []waBinary.Node{s.w.groups[to].inviteNode()}, nil
}

func (w *World) resetInvite(jid types.JID, by *account) (code string, err error) {
	g := w.groups[jid]
	if g == nil {
		return "", errItemNotFound
	}
	if err := g.mayInvite(by); err != nil {
		return "", err
	}
	g.revoked = append(g.revoked, g.invite)
	g.invite = shareCode(22)
	w.notifyGroup(g, by, g.inviteNode())
	return g.invite, nil
}

func (s *session) inviteCode(jid types.JID) ([]waBinary.Node, error) {
	g := s.w.groups[jid]
	if g == nil {
		return nil, errItemNotFound
	}
	if err := g.mayInvite(s.device.account); err != nil {
		return nil, err
	}
	return []waBinary.Node{g.inviteNode()}, nil
}

func (g *group) inviteNode() waBinary.Node {
	return waBinary.Node{Tag: "invite", Attrs: waBinary.Attrs{"code": g.invite}}
}

// mayInvite has codes of its own: for links, 401 means a member without the right and 403 an outsider.
func (g *group) mayInvite(a *account) error {
	switch m := g.member(a); {
	case m == nil:
		return errForbidden
	case !m.admin():
		return errNotAuthorized
	}
	return nil
}

// groupByCode answers 410 for a code that was replaced and 406 for one that never was.
func (w *World) groupByCode(code string) (*group, error) {
	for _, g := range w.groups {
		if g.invite == code {
			return g, nil
		}
		if slices.Contains(g.revoked, code) {
			return nil, errGone
		}
	}
	return nil, errNotAcceptable
}

// joinByCode lets somebody in, or puts them on the list for the admins where these decide.
func (w *World) joinByCode(a *account, code string) ([]waBinary.Node, error) {
	g, err := w.groupByCode(code)
	if err != nil {
		return nil, err
	}
	if g.approval && g.member(a) == nil {
		w.requestToJoin(g, a)
		return []waBinary.Node{{Tag: "membership_approval_request", Attrs: waBinary.Attrs{"jid": g.jid}}}, nil
	}
	if err := w.join(g, a); err != nil {
		return nil, err
	}
	return []waBinary.Node{{Tag: "group", Attrs: waBinary.Attrs{"jid": g.jid}}}, nil
}

// join makes somebody who was invited a member; joining again changes nothing.
func (w *World) join(g *group, a *account) error {
	if g.member(a) != nil {
		return nil
	}
	if len(g.members) >= maxGroupMembers {
		return errResourceLimit
	}
	g.members = append(g.members, &member{account: a})
	w.announceJoined(g, a, []*account{a}, waBinary.Attrs{"reason": "invite"})
	return nil
}

func (w *World) requestToJoin(g *group, a *account) {
	if g.requests[a.lid] != nil {
		return
	}
	g.requests[a.lid] = &joinRequest{a, w.now()}
	n := w.groupNotification(g, a, waBinary.Node{
		Tag:     "created_membership_requests",
		Attrs:   waBinary.Attrs{"request_method": "invite_link"},
		Content: []waBinary.Node{{Tag: "requested_user", Attrs: waBinary.Attrs{"jid": a.lid, "phone_number": a.pn}}},
	})
	for _, m := range g.members {
		if m.admin() {
			w.notify(m.account, nil, n)
		}
	}
}

// invite makes an invitation for somebody and the element that tells it to the one who wanted to add them.
func (w *World) invite(g *group, by, a *account) waBinary.Node {
	made := invitation{shareCode(16), w.now().Add(invitationLife), by}
	g.invitations[a.lid] = made
	return waBinary.Node{Tag: "add_request", Attrs: waBinary.Attrs{
		"code":       made.code,
		"expiration": unixText(made.until),
	}}
}

func (w *World) checkInvitation(g *group, a *account, code, expiration string) error {
	held, ok := g.invitations[a.lid]
	switch {
	case !ok || held.code != code || expiration != unixText(held.until):
		return errNotAcceptable
	case w.now().After(held.until):
		return errGone
	}
	return nil
}

func acceptInvitation(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	shown := child(iq, "accept")
	return nil, s.w.acceptInvitation(attrJID(iq, "to"), s.device.account, attr(shown, "code"), attr(shown, "expiration"))
}

func (w *World) acceptInvitation(group types.JID, a *account, code, expiration string) error {
	g := w.groups[group]
	if g == nil {
		return errItemNotFound
	}
	if err := w.checkInvitation(g, a, code, expiration); err != nil {
		return err
	}
	delete(g.invitations, a.lid)
	return w.join(g, a)
}
