package sandbox

import (
	"fmt"
	"strconv"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// Group is a group as its members see it.
type Group struct {
	JID         types.JID     `json:"id"`
	Owner       string        `json:"owner"` // number of who created it
	Created     time.Time     `json:"created"`
	Subject     string        `json:"subject"`
	SubjectBy   string        `json:"subjectBy"` // number
	SubjectAt   time.Time     `json:"subjectAt"`
	Description string        `json:"description"`
	Members     []GroupMember `json:"members"` // in the order they joined
	Locked      bool          `json:"locked"`
	Announce    bool          `json:"announce"`
	Approval    bool          `json:"approval"`
	AdminsAdd   bool          `json:"adminsAdd"` // only admins add people
	Ephemeral   time.Duration `json:"ephemeral"` // in JSON nanoseconds
	InviteCode  string        `json:"inviteCode"`
	Picture     []byte        `json:"picture,omitempty"` // JPEG, nil: not set
	Community   bool          `json:"community"`
}

// GroupMember is somebody in a group.
type GroupMember struct {
	Number     string `json:"number"`
	Admin      bool   `json:"admin"`
	SuperAdmin bool   `json:"superAdmin"`
}

// CreateGroup creates a group with the given numbers in it. It fails if any of them cannot be added.
func (p *Phone) CreateGroup(subject string, numbers ...string) (types.JID, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	create := waBinary.Node{Tag: "create", Attrs: waBinary.Attrs{"subject": subject}, Content: numberNodes(numbers)}
	g, failed, err := p.w.makeGroup(p.account, &create)
	if err != nil {
		return types.EmptyJID, fmt.Errorf("create the group: %w", err)
	}
	return g.jid, firstRefusal(failed)
}

// AddToGroup adds people to a group. It fails if any of them cannot be added; the others are in.
func (p *Phone) AddToGroup(group types.JID, numbers ...string) error {
	return p.changeGroup(group, waBinary.Node{Tag: "add", Content: numberNodes(numbers)})
}

// RemoveFromGroup removes people from a group.
func (p *Phone) RemoveFromGroup(group types.JID, numbers ...string) error {
	return p.changeGroup(group, waBinary.Node{Tag: "remove", Content: numberNodes(numbers)})
}

// PromoteInGroup makes people admins of a group.
func (p *Phone) PromoteInGroup(group types.JID, numbers ...string) error {
	return p.changeGroup(group, waBinary.Node{Tag: "promote", Content: numberNodes(numbers)})
}

// DemoteInGroup takes the admin's rank from people.
func (p *Phone) DemoteInGroup(group types.JID, numbers ...string) error {
	return p.changeGroup(group, waBinary.Node{Tag: "demote", Content: numberNodes(numbers)})
}

// SetGroupSubject renames a group.
func (p *Phone) SetGroupSubject(group types.JID, subject string) error {
	return p.changeGroup(group, waBinary.Node{Tag: "subject", Content: []byte(subject)})
}

// SetGroupDescription sets what a group is about; empty takes the description away.
func (p *Phone) SetGroupDescription(group types.JID, text string) error {
	body := waBinary.Node{Tag: "body", Content: []byte(text)}
	return p.changeGroup(group, waBinary.Node{Tag: "description", Content: []waBinary.Node{body}})
}

// SetGroupTimer makes messages in a group disappear after a day, a week or 90 days; 0 turns that off.
func (p *Phone) SetGroupTimer(group types.JID, timer time.Duration) error {
	if timer == 0 {
		return p.changeGroup(group, waBinary.Node{Tag: "not_ephemeral"})
	}
	seconds := strconv.Itoa(int(timer.Seconds()))
	return p.changeGroup(group, waBinary.Node{Tag: "ephemeral", Attrs: waBinary.Attrs{"expiration": seconds}})
}

// SetGroupAdminsAdd chooses whether only admins may add people to a group.
func (p *Phone) SetGroupAdminsAdd(group types.JID, adminsOnly bool) error {
	mode := types.GroupMemberAddModeAllMember
	if adminsOnly {
		mode = types.GroupMemberAddModeAdmin
	}
	return p.changeGroup(group, waBinary.Node{Tag: "member_add_mode", Content: []byte(mode)})
}

// SetGroupApproval chooses whether admins decide about people who come by link.
func (p *Phone) SetGroupApproval(group types.JID, approval bool) error {
	return p.changeGroup(group, approvalNode(approval))
}

// DecideJoin lets people who have asked to join a group in or sends them away.
func (p *Phone) DecideJoin(group types.JID, approve bool, numbers ...string) error {
	decision := waBinary.Node{Tag: "reject", Content: numberNodes(numbers)}
	if approve {
		decision.Tag = "approve"
	}
	return p.changeGroup(group, waBinary.Node{Tag: "membership_requests_action", Content: []waBinary.Node{decision}})
}

// ResetGroupInvite makes a new invite code for a group and revokes the present one.
func (p *Phone) ResetGroupInvite(group types.JID) (code string, err error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.w.resetInvite(group, p.account)
}

// SetGroupAnnounce chooses whether only admins may write to a group.
func (p *Phone) SetGroupAnnounce(group types.JID, announce bool) error {
	tag := "not_announcement"
	if announce {
		tag = "announcement"
	}
	return p.changeGroup(group, waBinary.Node{Tag: tag})
}

// SetGroupLocked chooses whether only admins may change subject, description, picture and timer of a group.
func (p *Phone) SetGroupLocked(group types.JID, locked bool) error {
	tag := "unlocked"
	if locked {
		tag = "locked"
	}
	return p.changeGroup(group, waBinary.Node{Tag: tag})
}

// SetGroupPicture sets the picture of a group, within the limits companions are held to.
func (p *Phone) SetGroupPicture(group types.JID, jpeg []byte) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	g := p.w.groups[group]
	if g == nil {
		return errItemNotFound
	}
	if err := g.allows(p.account, groupEditors); err != nil {
		return err
	}
	_, err := p.w.putPicture(groupPicture(g), p.account, nil, jpeg)
	return err
}

// RemoveGroupPicture removes the picture of a group; without one it does nothing.
func (p *Phone) RemoveGroupPicture(group types.JID) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	g := p.w.groups[group]
	if g == nil {
		return errItemNotFound
	}
	if err := g.allows(p.account, groupEditors); err != nil {
		return err
	}
	p.w.removePicture(groupPicture(g), p.account, nil)
	return nil
}

// LeaveGroup leaves a group.
func (p *Phone) LeaveGroup(group types.JID) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.w.leaveGroup(group, p.account)
}

// JoinGroup joins the group of an invite code, or asks its admins where these decide.
func (p *Phone) JoinGroup(code string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	_, err := p.w.joinByCode(p.account, code)
	return err
}

// AcceptInvitation joins the group to which a message invites.
func (p *Phone) AcceptInvitation(m Message) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	invite := m.Proto.GetGroupInviteMessage()
	group, err := types.ParseJID(invite.GetGroupJID())
	if err != nil {
		return fmt.Errorf("accept an invitation: %w", err)
	}
	return p.w.acceptInvitation(group, p.account, invite.GetInviteCode(), strconv.FormatInt(invite.GetInviteExpiration(), 10))
}

// Groups lists the groups the person is in, oldest first.
func (p *Phone) Groups() []Group {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var list []Group
	for _, g := range p.w.groupsOf(p.account) {
		list = append(list, g.seen())
	}
	return list
}

func (g *group) seen() Group {
	view := Group{
		JID: g.jid, Owner: g.creator.pn.User, Created: g.created,
		Subject: g.subject.text, SubjectBy: g.subject.by.pn.User, SubjectAt: g.subject.at, Description: g.description.text,
		Locked: g.locked, Announce: g.announce, Approval: g.approval, AdminsAdd: g.memberAdd == "admin_add",
		Ephemeral: g.ephemeral, InviteCode: g.invite, Community: g.parent,
	}
	if g.avatar.picture != nil {
		view.Picture = g.avatar.picture.full
	}
	for _, m := range g.members {
		view.Members = append(view.Members, GroupMember{m.account.pn.User, m.admin(), m.rank == "superadmin"})
	}
	return view
}

// changeGroup acts on a group as if a companion had sent the query.
func (p *Phone) changeGroup(jid types.JID, change waBinary.Node) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	answer, err := groupChanges[change.Tag].run(p.w, p.account, jid, &change)
	if err != nil {
		return fmt.Errorf("group %s: %w", change.Tag, err)
	}
	for i := range answer {
		asked := answer[i].GetChildren()
		if answer[i].Tag == "membership_requests_action" {
			asked = asked[0].GetChildren()
		}
		if err := firstRefusal(asked); err != nil {
			return err
		}
	}
	return nil
}

func firstRefusal(participants []waBinary.Node) error {
	for i := range participants {
		if code := attr(&participants[i], "error"); code != "" {
			return fmt.Errorf("the group refused a participant with %s", code)
		}
	}
	return nil
}

func numberNodes(numbers []string) []waBinary.Node {
	var list []waBinary.Node
	for _, number := range numbers {
		jid := types.NewJID(onlyDigits(number), types.DefaultUserServer)
		list = append(list, waBinary.Node{Tag: "participant", Attrs: waBinary.Attrs{"jid": jid}})
	}
	return list
}
