package sandbox

import (
	"cmp"
	"crypto/rand"
	"math/big"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

const (
	maxGroupMembers = 1024 // what people and GREEN-API report for ordinary groups
	maxSubject      = 100  // characters; longer subjects are refused with 406
	maxDescription  = 2048 // characters, as the official apps allow
)

var (
	errGone          = &iqError{410, "gone"}
	errResourceLimit = &iqError{419, "resource-limit"}
)

// group is a group, or a community when parent is set. Every group addresses its members by LID.
type group struct {
	jid           types.JID
	creator       *account
	created       time.Time
	subject       groupText
	description   groupText
	descriptionID string
	avatar        avatar
	members       []*member
	version       int // counts changes of members and of announcement mode

	locked    bool // only admins change what the group looks like
	announce  bool // only admins write
	approval  bool // admins decide about people who come by link
	memberAdd string
	ephemeral time.Duration

	invite      string
	revoked     []string                   // former invite codes
	invitations map[types.JID]invitation   // by LID, to people who cannot be added directly
	requests    map[types.JID]*joinRequest // by LID

	parent       bool
	linkedParent types.JID // the community a group belongs to
	defaultSub   bool      // the announcement group of a community
}

// groupText is a text of a group and who set it.
type groupText struct {
	text string
	by   *account
	at   time.Time
}

// groupRole is who may do something in a group.
type groupRole int

const (
	groupMembers groupRole = iota
	groupEditors           // members, or admins while the group is locked
	groupAdders            // members, or admins while only they may add people
	groupAdmins
)

// groupCall is a query about a group, by somebody who may make it.
type groupCall struct {
	w     *World
	by    *account
	group *group
	node  *waBinary.Node // the first child of the query
}

// groupAction is what the network does about a query to a group, and for whom.
type groupAction struct {
	who groupRole
	do  func(c groupCall) ([]waBinary.Node, error)
}

func (w *World) addGroupRoutes() {
	iqs := w.router.iqs
	iqs[iqRoute{"w:g2", "set", "create"}] = createGroup
	iqs[iqRoute{"w:g2", "set", "leave"}] = leaveGroups
	iqs[iqRoute{"w:g2", "get", "participating"}] = listGroups
	iqs[iqRoute{"w:g2", "get", "query"}] = getGroup
	w.addGroupInviteRoutes()
	for tag, action := range groupChanges {
		iqs[iqRoute{"w:g2", "set", tag}] = action.handle
	}
	for tag, action := range groupQueries {
		iqs[iqRoute{"w:g2", "get", tag}] = action.handle
	}
}

var groupQueries = map[string]groupAction{
	"membership_approval_requests": {groupAdmins, listJoinRequests},
	"sub_groups":                   {groupMembers, listSubGroups},
	"linked_groups_participants":   {groupMembers, listCommunityMembers},
}

func (a groupAction) handle(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	return a.run(s.w, s.device.account, attrJID(iq, "to"), &iq.GetChildren()[0])
}

// run is also how a phone acts on a group.
func (a groupAction) run(w *World, by *account, jid types.JID, node *waBinary.Node) ([]waBinary.Node, error) {
	g := w.groups[jid]
	if g == nil {
		return nil, errItemNotFound
	}
	if err := g.allows(by, a.who); err != nil {
		return nil, err
	}
	return a.do(groupCall{w, by, g, node})
}

// allows answers 401 to outsiders and 403 to members without the right.
func (g *group) allows(a *account, who groupRole) error {
	m := g.member(a)
	if m == nil {
		return errNotAuthorized
	}
	adminsOnly := who == groupAdmins || who == groupEditors && g.locked || who == groupAdders && g.memberAdd == "admin_add"
	if adminsOnly && !m.admin() {
		return errForbidden
	}
	return nil
}

func createGroup(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	g, failed, err := s.w.makeGroup(s.device.account, child(iq, "create"))
	if err != nil {
		return nil, err
	}
	described := g.node(true)
	described.Content = append(described.GetChildren(), failed...)
	return []waBinary.Node{described}, nil
}

// makeGroup creates a group as a create node describes it. People who cannot be added are returned with the reason.
func (w *World) makeGroup(by *account, create *waBinary.Node) (*group, []waBinary.Node, error) {
	subject := attr(create, "subject")
	if utf8.RuneCountInString(subject) > maxSubject {
		return nil, nil, errNotAcceptable
	}
	g := w.newGroup(by, subject)
	if err := w.applyCreate(g, create); err != nil {
		return nil, nil, err
	}
	g.members = append(g.members, &member{account: by, rank: "superadmin"})
	var failed []waBinary.Node
	for _, asked := range create.GetChildrenByTag("participant") {
		joining, refusal := w.addable(g, by, &asked)
		switch {
		case joining == nil:
			failed = append(failed, refusal)
		case joining != by:
			g.members = append(g.members, &member{account: joining})
		}
	}
	w.groups[g.jid] = g
	if g.parent {
		w.addAnnouncementGroup(g)
	}
	for _, m := range g.members {
		w.notifyJoined(g, by, m.account, waBinary.Attrs{"type": "new"})
	}
	return g, failed, nil
}

func (w *World) newGroup(by *account, subject string) *group {
	now := w.now()
	return &group{
		jid:         w.newGroupJID(),
		creator:     by,
		created:     now,
		subject:     groupText{subject, by, now},
		memberAdd:   "all_member_add",
		invite:      shareCode(22),
		invitations: make(map[types.JID]invitation),
		requests:    make(map[types.JID]*joinRequest),
		version:     1,
	}
}

// newGroupJID makes an id of the form WhatsApp gives groups since 2021: 18 digits that begin with 120363.
func (w *World) newGroupJID() types.JID {
	for {
		n, _ := rand.Int(rand.Reader, big.NewInt(1e12))
		jid := types.NewJID("120363"+strconv.FormatInt(n.Int64()+1e12, 10)[1:], types.GroupServer)
		if w.groups[jid] == nil {
			return jid
		}
	}
}

// applyCreate takes the settings among the children of a create node.
func (w *World) applyCreate(g *group, create *waBinary.Node) error {
	for _, setting := range create.GetChildren() {
		switch setting.Tag {
		case "parent":
			g.parent = true
		case "linked_parent":
			if err := w.joinCommunity(g, g.creator, attrJID(&setting, "jid")); err != nil {
				return err
			}
		case "ephemeral":
			if attr(&setting, "expiration") == "0" {
				continue
			}
		}
		if change, known := groupSettings[setting.Tag]; known {
			if err := change(g, &setting); err != nil {
				return err
			}
		}
	}
	return nil
}

// getGroup answers members, and outsiders who show an invitation.
func getGroup(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	g := s.w.groups[attrJID(iq, "to")]
	if g == nil {
		return nil, errItemNotFound
	}
	if shown := child(iq, "query", "add_request"); shown != nil {
		if err := s.w.checkInvitation(g, s.device.account, attr(shown, "code"), attr(shown, "expiration")); err != nil {
			return nil, err
		}
		return []waBinary.Node{g.node(false)}, nil
	}
	if g.member(s.device.account) == nil {
		return nil, errForbidden
	}
	return []waBinary.Node{g.node(true)}, nil
}

func listGroups(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	withMembers := child(iq, "participating", "participants") != nil
	var list []waBinary.Node
	for _, g := range s.w.groupsOf(s.device.account) {
		list = append(list, g.node(withMembers))
	}
	return []waBinary.Node{{Tag: "groups", Content: list}}, nil
}

func (w *World) groupsOf(a *account) []*group {
	return w.groupsWhere(func(g *group) bool { return g.member(a) != nil })
}

// groupsWhere lists some groups, oldest first.
func (w *World) groupsWhere(wanted func(*group) bool) []*group {
	var list []*group
	for _, g := range w.groups {
		if wanted(g) {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b *group) int { return cmp.Or(a.created.Compare(b.created), compareJIDs(a.jid, b.jid)) })
	return list
}

// notifyGroup tells all devices of all members, the acting one included: a group change is echoed to whoever made it.
// also names people who are no longer, or not yet, members.
func (w *World) notifyGroup(g *group, by *account, change waBinary.Node, also ...*account) {
	n := w.groupNotification(g, by, change)
	for _, m := range g.members {
		if !slices.Contains(also, m.account) {
			w.notify(m.account, nil, n)
		}
	}
	for _, a := range also {
		w.notify(a, nil, n)
	}
}

func (w *World) groupNotification(g *group, by *account, change waBinary.Node) waBinary.Node {
	n := w.notification("w:gp2", g.jid, change)
	n.Attrs["participant"] = by.lid
	n.Attrs["participant_pn"] = by.pn
	n.Attrs["notify"] = by.pushName
	n.Attrs["addressing_mode"] = "lid"
	return n
}
