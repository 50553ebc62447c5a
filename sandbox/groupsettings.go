package sandbox

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// groupChanges is everything a query of type set can do to an existing group.
var groupChanges = map[string]groupAction{
	"subject":                    {groupEditors, setSubject},
	"description":                {groupEditors, setDescription},
	"ephemeral":                  {groupEditors, setGroupSetting},
	"not_ephemeral":              {groupEditors, setGroupSetting},
	"locked":                     {groupAdmins, setGroupSetting},
	"unlocked":                   {groupAdmins, setGroupSetting},
	"announcement":               {groupAdmins, setGroupSetting},
	"not_announcement":           {groupAdmins, setGroupSetting},
	"member_add_mode":            {groupAdmins, setGroupSetting},
	"membership_approval_mode":   {groupAdmins, setGroupSetting},
	"add":                        {groupAdders, addMembers},
	"remove":                     {groupAdmins, changeMembers},
	"promote":                    {groupAdmins, changeMembers},
	"demote":                     {groupAdmins, changeMembers},
	"membership_requests_action": {groupAdmins, decideJoinRequests},
	"links":                      {groupAdmins, linkGroups},
	"unlink":                     {groupAdmins, unlinkGroups},
}

// groupSettings are the switches of a group, which can also be given when it is created.
var groupSettings = map[string]func(g *group, n *waBinary.Node) error{
	"locked":                   func(g *group, _ *waBinary.Node) error { g.locked = true; return nil },
	"unlocked":                 func(g *group, _ *waBinary.Node) error { g.locked = false; return nil },
	"announcement":             func(g *group, _ *waBinary.Node) error { g.announce = true; return nil },
	"not_announcement":         func(g *group, _ *waBinary.Node) error { g.announce = false; return nil },
	"ephemeral":                (*group).setEphemeral,
	"not_ephemeral":            func(g *group, _ *waBinary.Node) error { g.ephemeral = 0; return nil },
	"member_add_mode":          (*group).setMemberAdd,
	"membership_approval_mode": (*group).setApproval,
}

func setGroupSetting(c groupCall) ([]waBinary.Node, error) {
	if err := groupSettings[c.node.Tag](c.group, c.node); err != nil {
		return nil, err
	}
	c.group.version++
	change := waBinary.Node{Tag: c.node.Tag, Content: c.node.Content}
	switch c.node.Tag {
	case "ephemeral":
		change.Attrs = c.group.ephemeralAttrs()
	case "announcement", "not_announcement":
		change.Attrs = waBinary.Attrs{"v_id": strconv.Itoa(c.group.version)}
	}
	c.w.notifyGroup(c.group, c.by, change)
	return nil, nil
}

// groupTimers are what the official apps offer; WhatsApp refuses other timers in groups.
var groupTimers = []time.Duration{24 * time.Hour, 7 * 24 * time.Hour, 90 * 24 * time.Hour}

func (g *group) setEphemeral(n *waBinary.Node) error {
	seconds, _ := strconv.Atoi(attr(n, "expiration"))
	timer := time.Duration(seconds) * time.Second
	if !slices.Contains(groupTimers, timer) {
		return errBadRequest
	}
	g.ephemeral = timer
	return nil
}

func (g *group) setMemberAdd(n *waBinary.Node) error {
	mode := textOf(n)
	if mode != "admin_add" && mode != "all_member_add" {
		return errBadRequest
	}
	g.memberAdd = mode
	return nil
}

func (g *group) setApproval(n *waBinary.Node) error {
	join := child(n, "group_join")
	if join == nil {
		return errBadRequest
	}
	g.approval = attr(join, "state") == "on"
	return nil
}

func setSubject(c groupCall) ([]waBinary.Node, error) {
	subject := string(childBytes(c.node))
	if subject == "" || utf8.RuneCountInString(subject) > maxSubject {
		return nil, errNotAcceptable
	}
	c.group.subject = groupText{subject, c.by, c.w.now()}
	c.w.notifyGroup(c.group, c.by, waBinary.Node{Tag: "subject", Attrs: waBinary.Attrs{
		"subject": subject,
		"s_t":     unixText(c.group.subject.at),
		"s_o":     c.by.lid,
		"s_o_pn":  c.by.pn,
	}})
	return nil, nil
}

// setDescription refuses a change that was based on an older text than the present one.
func setDescription(c groupCall) ([]waBinary.Node, error) {
	text := string(childBytes(c.node, "body"))
	if utf8.RuneCountInString(text) > maxDescription {
		return nil, errNotAcceptable
	}
	if prev := attr(c.node, "prev"); prev != "" && prev != c.group.descriptionID {
		return nil, errConflict
	}
	id := attr(c.node, "id")
	if id == "" {
		id = c.w.newID()
	}
	c.group.description, c.group.descriptionID = groupText{text, c.by, c.w.now()}, id
	c.w.notifyGroup(c.group, c.by, c.group.descriptionNode())
	return nil, nil
}
