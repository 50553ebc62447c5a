package sandbox

import (
	"strconv"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// node describes a group as answers and notifications carry it.
func (g *group) node(withMembers bool) waBinary.Node {
	n := waBinary.Node{Tag: "group", Attrs: waBinary.Attrs{
		"id":              g.jid.User,
		"addressing_mode": "lid",
		"creator":         g.creator.lid,
		"creator_pn":      g.creator.pn,
		"creation":        unixText(g.created),
		"subject":         g.subject.text,
		"s_t":             unixText(g.subject.at),
		"s_o":             g.subject.by.lid,
		"s_o_pn":          g.subject.by.pn,
		"size":            strconv.Itoa(len(g.members)),
		"p_v_id":          strconv.Itoa(g.version),
		"a_v_id":          strconv.Itoa(g.version),
	}}
	parts := g.settingNodes()
	if withMembers {
		for _, m := range g.members {
			parts = append(parts, m.node())
		}
	}
	n.Content = parts
	return n
}

// settingNodes lists what is set; clients take a missing element for off.
func (g *group) settingNodes() []waBinary.Node {
	list := []waBinary.Node{{Tag: "member_add_mode", Content: []byte(g.memberAdd)}}
	add := func(set bool, tag string, attrs waBinary.Attrs) {
		if set {
			list = append(list, waBinary.Node{Tag: tag, Attrs: attrs})
		}
	}
	add(g.locked, "locked", nil)
	add(g.announce, "announcement", nil)
	add(g.ephemeral > 0, "ephemeral", g.ephemeralAttrs())
	add(g.parent, "parent", waBinary.Attrs{"default_membership_approval_mode": "request_required"})
	add(g.defaultSub, "default_sub_group", nil)
	add(!g.linkedParent.IsEmpty(), "linked_parent", waBinary.Attrs{"jid": g.linkedParent})
	if g.approval {
		list = append(list, approvalNode(true))
	}
	if g.description.text != "" {
		list = append(list, g.descriptionNode())
	}
	return list
}

func (g *group) ephemeralAttrs() waBinary.Attrs {
	return waBinary.Attrs{"expiration": strconv.Itoa(int(g.ephemeral.Seconds()))}
}

func approvalNode(on bool) waBinary.Node {
	state := "off"
	if on {
		state = "on"
	}
	return waBinary.Node{Tag: "membership_approval_mode", Content: []waBinary.Node{
		{Tag: "group_join", Attrs: waBinary.Attrs{"state": state}},
	}}
}

// descriptionNode also serves as the notification of a change, where a description that was taken away is a delete element.
func (g *group) descriptionNode() waBinary.Node {
	body := waBinary.Node{Tag: "body", Content: []byte(g.description.text)}
	if g.description.text == "" {
		body = waBinary.Node{Tag: "delete"}
	}
	return waBinary.Node{
		Tag: "description",
		Attrs: waBinary.Attrs{
			"id":             g.descriptionID,
			"t":              unixText(g.description.at),
			"participant":    g.description.by.lid,
			"participant_pn": g.description.by.pn,
		},
		Content: []waBinary.Node{body},
	}
}

// link names a group in lists of communities.
func (g *group) link() waBinary.Node {
	n := waBinary.Node{Tag: "group", Attrs: waBinary.Attrs{
		"id":      g.jid.User,
		"jid":     g.jid,
		"subject": g.subject.text,
		"s_t":     unixText(g.subject.at),
	}}
	if g.defaultSub {
		n.Content = []waBinary.Node{{Tag: "default_sub_group"}}
	}
	return n
}
