package sandbox

import (
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// addAnnouncementGroup makes the group that every community has from the start, with the same members.
func (w *World) addAnnouncementGroup(community *group) {
	g := w.newGroup(community.creator, community.subject.text)
	g.announce, g.defaultSub, g.linkedParent = true, true, community.jid
	for _, m := range community.members {
		copied := *m
		g.members = append(g.members, &copied)
	}
	w.groups[g.jid] = g
}

// joinCommunity puts a group into a community, which needs an admin of it.
func (w *World) joinCommunity(g *group, by *account, jid types.JID) error {
	community := w.groups[jid]
	if community == nil || !community.parent {
		return errItemNotFound
	}
	if err := community.allows(by, groupAdmins); err != nil {
		return err
	}
	g.linkedParent = jid
	return nil
}

func (w *World) subGroups(community *group) []*group {
	return w.groupsWhere(func(g *group) bool { return g.linkedParent == community.jid })
}

func listSubGroups(c groupCall) ([]waBinary.Node, error) {
	var list []waBinary.Node
	for _, g := range c.w.subGroups(c.group) {
		list = append(list, g.link())
	}
	return []waBinary.Node{{Tag: "sub_groups", Content: list}}, nil
}

// listCommunityMembers lists everybody in any group of a community, once.
func listCommunityMembers(c groupCall) ([]waBinary.Node, error) {
	seen := make(map[*account]bool)
	var list []waBinary.Node
	for _, g := range append(c.w.subGroups(c.group), c.group) {
		for _, m := range g.members {
			if !seen[m.account] {
				seen[m.account] = true
				list = append(list, participant(m.account))
			}
		}
	}
	return []waBinary.Node{{Tag: "linked_groups_participants", Content: list}}, nil
}

// linkGroups takes groups into a community. Who does it must be an admin of both sides.
func linkGroups(c groupCall) ([]waBinary.Node, error) {
	return c.relink("link", child(c.node, "link"), func(g *group) error { return c.w.joinCommunity(g, c.by, c.group.jid) })
}

func unlinkGroups(c groupCall) ([]waBinary.Node, error) {
	return c.relink("unlink", c.node, func(g *group) error {
		if g.linkedParent != c.group.jid || g.defaultSub {
			return errNotAllowed
		}
		g.linkedParent = types.EmptyJID
		return nil
	})
}

// relink changes the community of the groups in a list and tells both sides.
func (c groupCall) relink(tag string, list *waBinary.Node, change func(g *group) error) ([]waBinary.Node, error) {
	if list == nil {
		return nil, errBadRequest
	}
	for _, asked := range list.GetChildrenByTag("group") {
		g := c.w.groups[attrJID(&asked, "jid")]
		if g == nil {
			return nil, errItemNotFound
		}
		if err := g.allows(c.by, groupAdmins); err != nil {
			return nil, err
		}
		if err := change(g); err != nil {
			return nil, err
		}
		c.w.notifyGroup(g, c.by, relinked(tag, "parent_group", c.group))
		c.w.notifyGroup(c.group, c.by, relinked(tag, "sub_group", g))
	}
	return []waBinary.Node{*c.node}, nil
}

func relinked(tag, kind string, other *group) waBinary.Node {
	attrs := waBinary.Attrs{tag + "_type": kind}
	if tag == "unlink" {
		attrs["unlink_reason"] = "unlink_group"
	}
	return waBinary.Node{Tag: tag, Attrs: attrs, Content: []waBinary.Node{other.link()}}
}
