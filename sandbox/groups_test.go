package sandbox

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

// cast is the network of the group tests: the first of three clients has created a group with the second in it.
type cast struct {
	admin, member, outside *client
	group                  types.JID
}

func newCast(t *testing.T, w *World) *cast {
	t.Helper()
	c := &cast{newClient(t, w, alice), newClient(t, w, bob), newClient(t, w, carol), types.EmptyJID}
	info, err := c.admin.CreateGroup(t.Context(), whatsmeow.ReqCreateGroup{Name: "Family", Participants: []types.JID{c.member.phone.JID()}})
	ok(t, err)
	c.group = info.JID
	return c
}

// shown is the group as the admin's phone shows it.
func (c *cast) shown() Group { return c.admin.phone.Groups()[0] }

func TestCreateGroup(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c, member := newClient(t, w, alice), newClient(t, w, bob)
		shy := addPhone(t, w, carol)
		ok(t, shy.SetPrivacy("groupadd", "none"))
		nobody := types.NewJID("491799999999", types.DefaultUserServer)
		created, err := c.CreateGroup(t.Context(), whatsmeow.ReqCreateGroup{
			Name:           "Family",
			Participants:   []types.JID{member.phone.LID(), shy.JID(), nobody},
			GroupEphemeral: types.GroupEphemeral{IsEphemeral: true, DisappearingTimer: 86400},
			GroupLocked:    types.GroupLocked{IsLocked: true},
			MemberAddMode:  types.GroupMemberAddModeAdmin,
		})
		ok(t, err)
		if len(created.Participants) != 4 || created.Participants[2].Error != 403 || created.Participants[2].AddRequest == nil || created.Participants[3].Error != 404 {
			t.Errorf("participants: %+v", created.Participants)
		}
		if event := await[*events.JoinedGroup](member); event.JID != created.JID || event.Name != "Family" || *event.Sender != c.phone.LID() {
			t.Errorf("the member was told: %+v", event)
		}
		info, err := member.GetGroupInfo(t.Context(), created.JID)
		ok(t, err)
		if info.Name != "Family" || info.OwnerJID != c.phone.LID() || info.OwnerPN != c.phone.JID() || info.AddressingMode != types.AddressingModeLID ||
			!info.IsLocked || info.IsAnnounce || info.DisappearingTimer != 86400 || info.MemberAddMode != types.GroupMemberAddModeAdmin {
			t.Errorf("info: %+v", info)
		}
		want := []types.GroupParticipant{
			{JID: c.phone.LID(), LID: c.phone.LID(), PhoneNumber: c.phone.JID(), IsAdmin: true, IsSuperAdmin: true},
			{JID: member.phone.LID(), LID: member.phone.LID(), PhoneNumber: member.phone.JID()},
		}
		if len(info.Participants) != 2 || info.Participants[0] != want[0] || info.Participants[1] != want[1] {
			t.Errorf("participants: %+v", info.Participants)
		}
		if joined, err := member.GetJoinedGroups(t.Context()); err != nil || len(joined) != 1 || joined[0].JID != created.JID {
			t.Errorf("joined groups: %v, %v", joined, err)
		}
		_, err = c.CreateGroup(t.Context(), whatsmeow.ReqCreateGroup{Name: strings.Repeat("n", maxSubject+1)})
		if !errors.Is(err, whatsmeow.ErrIQNotAcceptable) {
			t.Errorf("a subject that is too long: %v", err)
		}
	})
}

func TestGroupSettings(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		ctx, admin, group := t.Context(), c.admin, c.group
		ok(t, admin.SetGroupName(ctx, group, "Relatives"))
		if event := await[*events.GroupInfo](c.member); event.Name == nil || event.Name.Name != "Relatives" || *event.SenderPN != admin.phone.JID() {
			t.Errorf("told of the subject: %+v", event)
		}
		ok(t, admin.SetGroupTopic(ctx, group, "", "", "All of us"))
		if event := await[*events.GroupInfo](c.member); event.Topic == nil || event.Topic.Topic != "All of us" {
			t.Errorf("told of the description: %+v", event)
		}
		ok(t, admin.SetGroupAnnounce(ctx, group, true))
		if event := await[*events.GroupInfo](c.member); event.Announce == nil || !event.Announce.IsAnnounce {
			t.Errorf("told of the announcement mode: %+v", event)
		}
		ok(t, admin.SetGroupLocked(ctx, group, true))
		ok(t, admin.SetGroupJoinApprovalMode(ctx, group, true))
		ok(t, admin.SetGroupMemberAddMode(ctx, group, types.GroupMemberAddModeAdmin))
		ok(t, admin.SetDisappearingTimer(ctx, group, 90*24*time.Hour, time.Time{}))
		g := c.shown()
		if g.Subject != "Relatives" || g.Description != "All of us" || !g.Announce || !g.Locked || !g.Approval || !g.AdminsAdd || g.Ephemeral != 90*24*time.Hour {
			t.Errorf("the phone shows %+v", g)
		}
		info, err := c.member.GetGroupInfo(ctx, group)
		ok(t, err)
		if info.Topic != "All of us" || info.TopicSetBy != admin.phone.LID() || !info.IsAnnounce || !info.IsLocked || !info.IsJoinApprovalRequired {
			t.Errorf("info: %+v", info)
		}
		ok(t, admin.SetGroupTopic(ctx, group, "", "", ""))
		ok(t, admin.SetGroupAnnounce(ctx, group, false))
		ok(t, admin.SetGroupLocked(ctx, group, false))
		ok(t, admin.SetGroupJoinApprovalMode(ctx, group, false))
		ok(t, admin.SetDisappearingTimer(ctx, group, 0, time.Time{}))
		if g := c.shown(); g.Description != "" || g.Announce || g.Locked || g.Approval || g.Ephemeral != 0 {
			t.Errorf("after turning all off the phone shows %+v", g)
		}
	})
}

func TestGroupRefusals(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		ctx, group, nowhere := t.Context(), c.group, types.NewJID("120363000000000001", types.GroupServer)
		ok(t, c.admin.SetGroupLocked(ctx, group, true))
		ok(t, c.admin.SetGroupMemberAddMode(ctx, group, types.GroupMemberAddModeAdmin))
		ok(t, c.admin.SetGroupTopic(ctx, group, "", "first", "text"))
		anna := []types.JID{c.outside.phone.JID()}
		add := func(by *client) error {
			_, err := by.UpdateGroupParticipants(ctx, group, anna, whatsmeow.ParticipantChangeAdd)
			return err
		}
		info := func(by *client, group types.JID) error { _, err := by.GetGroupInfo(ctx, group); return err }
		link := func(by *client, group types.JID) error {
			_, err := by.GetGroupInviteLink(ctx, group, false)
			return err
		}
		for _, test := range []struct {
			name string
			err  error
			want error
		}{
			{"a member renames a locked group", c.member.SetGroupName(ctx, group, "x"), whatsmeow.ErrIQForbidden},
			{"an outsider renames", c.outside.SetGroupName(ctx, group, "x"), whatsmeow.ErrIQNotAuthorized},
			{"renaming what is not there", c.admin.SetGroupName(ctx, nowhere, "x"), whatsmeow.ErrIQNotFound},
			{"an empty name", c.admin.SetGroupName(ctx, group, ""), whatsmeow.ErrIQNotAcceptable},
			{"a long name", c.admin.SetGroupName(ctx, group, strings.Repeat("n", 101)), whatsmeow.ErrIQNotAcceptable},
			{"a long description", c.admin.SetGroupTopic(ctx, group, "first", "", strings.Repeat("n", 2049)), whatsmeow.ErrIQNotAcceptable},
			{"a description based on an old one", c.admin.SetGroupTopic(ctx, group, "older", "", "x"), &whatsmeow.IQError{Code: 409, Text: "conflict"}},
			{"an odd timer", c.admin.SetDisappearingTimer(ctx, group, time.Hour, time.Time{}), whatsmeow.ErrInvalidDisappearingTimer},
			{"a member sets announcement mode", c.member.SetGroupAnnounce(ctx, group, true), whatsmeow.ErrIQForbidden},
			{"a member adds where admins do", add(c.member), whatsmeow.ErrIQForbidden},
			{"an outsider adds himself", add(c.outside), whatsmeow.ErrIQNotAuthorized},
			{"an outsider asks for the group", info(c.outside, group), whatsmeow.ErrNotInGroup},
			{"asking for what is not there", info(c.outside, nowhere), whatsmeow.ErrGroupNotFound},
			{"a member asks for the link", link(c.member, group), whatsmeow.ErrGroupInviteLinkUnauthorized},
			{"an outsider asks for the link", link(c.outside, group), whatsmeow.ErrNotInGroup},
			{"an outsider leaves", c.outside.LeaveGroup(ctx, group), whatsmeow.ErrIQNotAuthorized},
		} {
			if !errors.Is(test.err, test.want) {
				t.Errorf("%s: %v, want %v", test.name, test.err, test.want)
			}
		}
	})
}

func TestGroupMembers(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		change := func(action whatsmeow.ParticipantChange, who ...types.JID) []types.GroupParticipant {
			t.Helper()
			answers, err := c.admin.UpdateGroupParticipants(t.Context(), c.group, who, action)
			ok(t, err)
			return answers
		}
		await[*events.JoinedGroup](c.member)
		nobody := types.NewJID("491799999999", types.DefaultUserServer)
		answers := change(whatsmeow.ParticipantChangeAdd, c.outside.phone.JID(), c.member.phone.JID(), nobody)
		if answers[0].Error != 0 || answers[0].LID != c.outside.phone.LID() || answers[1].Error != 409 || answers[2].Error != 404 {
			t.Errorf("adding: %+v", answers)
		}
		if event := await[*events.JoinedGroup](c.outside); event.JID != c.group || len(event.Participants) != 3 {
			t.Errorf("the new member was told: %+v", event)
		}
		if event := await[*events.GroupInfo](c.member); len(event.Join) != 1 || event.Join[0] != c.outside.phone.LID() {
			t.Errorf("the others were told: %+v", event)
		}
		change(whatsmeow.ParticipantChangePromote, c.member.phone.LID())
		if event := await[*events.GroupInfo](c.member); len(event.Promote) != 1 || event.Promote[0] != c.member.phone.LID() {
			t.Errorf("told of the promotion: %+v", event)
		}
		if m := c.shown().Members[1]; !m.Admin || m.SuperAdmin {
			t.Errorf("the promoted member: %+v", m)
		}
		change(whatsmeow.ParticipantChangeDemote, c.member.phone.LID())
		if answers := change(whatsmeow.ParticipantChangeDemote, c.admin.phone.LID()); answers[0].Error != 403 {
			t.Errorf("demoting the creator: %+v", answers)
		}
		if answers := change(whatsmeow.ParticipantChangeRemove, c.outside.phone.JID(), nobody); answers[0].Error != 0 || answers[1].Error != 404 {
			t.Errorf("removing: %+v", answers)
		}
		event := await[*events.GroupInfo](c.outside)
		for event.Leave == nil { // what came before is about others
			event = await[*events.GroupInfo](c.outside)
		}
		if len(event.Leave) != 1 || event.Leave[0] != c.outside.phone.LID() {
			t.Errorf("the removed one was told: %+v", event)
		}
		if g := c.shown(); len(g.Members) != 2 || g.Members[1].Admin {
			t.Errorf("members at the end: %+v", g.Members)
		}
	})
}

func TestGroupSize(t *testing.T) {
	w := newWorld(t)
	admin := addPhone(t, w, alice)
	group, err := admin.CreateGroup("Crowd")
	ok(t, err)
	w.locked(func() {
		for range maxGroupMembers - 2 {
			w.groups[group].members = append(w.groups[group].members, &member{account: &account{}})
		}
	})
	addPhone(t, w, bob)
	addPhone(t, w, carol)
	ok(t, admin.AddToGroup(group, bob))
	if err := admin.AddToGroup(group, carol); err == nil || !strings.Contains(err.Error(), "419") {
		t.Errorf("one more than the group holds: %v", err)
	}
	if err := admin.w.Phone(carol).JoinGroup(admin.Groups()[0].InviteCode); err == nil {
		t.Error("the group is full, but its link still works")
	}
}

func TestLeaveGroup(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		ok(t, c.admin.LeaveGroup(t.Context(), c.group))
		if event := await[*events.GroupInfo](c.member); len(event.Leave) != 1 || event.Leave[0] != c.admin.phone.LID() {
			t.Errorf("the other was told: %+v", event)
		}
		if event := await[*events.GroupInfo](c.member); len(event.Promote) != 1 || event.Promote[0] != c.member.phone.LID() {
			t.Errorf("the heir was told: %+v", event)
		}
		if _, err := c.admin.GetGroupInfo(t.Context(), c.group); !errors.Is(err, whatsmeow.ErrNotInGroup) {
			t.Errorf("info after leaving: %v", err)
		}
		ok(t, c.member.LeaveGroup(t.Context(), c.group))
		if _, err := c.member.GetGroupInfo(t.Context(), c.group); !errors.Is(err, whatsmeow.ErrGroupNotFound) {
			t.Errorf("info of an empty group: %v", err)
		}
	})
}

func TestInviteLink(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		link, err := c.admin.GetGroupInviteLink(t.Context(), c.group, false)
		ok(t, err)
		info, err := c.outside.GetGroupInfoFromLink(t.Context(), link)
		ok(t, err)
		if info.JID != c.group || info.Name != "Family" || info.ParticipantCount != 2 {
			t.Errorf("info by link: %+v", info)
		}
		joined, err := c.outside.JoinGroupWithLink(t.Context(), link)
		ok(t, err)
		if joined != c.group || len(c.shown().Members) != 3 {
			t.Errorf("joined %s, members: %+v", joined, c.shown().Members)
		}
		if event := await[*events.JoinedGroup](c.outside); event.Reason != "invite" {
			t.Errorf("told of joining: %+v", event)
		}
		fresh, err := c.admin.GetGroupInviteLink(t.Context(), c.group, true)
		ok(t, err)
		if fresh == link {
			t.Error("the link has not changed")
		}
		if _, err := c.outside.GetGroupInfoFromLink(t.Context(), link); !errors.Is(err, whatsmeow.ErrInviteLinkRevoked) {
			t.Errorf("the revoked link: %v", err)
		}
		if _, err := c.outside.JoinGroupWithLink(t.Context(), "nonsense"); !errors.Is(err, whatsmeow.ErrInviteLinkInvalid) {
			t.Errorf("a link that never was: %v", err)
		}
	})
}

func TestJoinApproval(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		ctx := t.Context()
		ben := addPhone(t, w, dave)
		ok(t, c.admin.SetGroupJoinApprovalMode(ctx, c.group, true))
		link, err := c.admin.GetGroupInviteLink(ctx, c.group, false)
		ok(t, err)
		if waiting, err := c.outside.JoinGroupWithLink(ctx, link); err != nil || waiting != c.group {
			t.Errorf("asking to join: %s, %v", waiting, err)
		}
		ok(t, ben.JoinGroup(strings.TrimPrefix(link, whatsmeow.InviteLinkPrefix)))
		requests, err := c.admin.GetGroupRequestParticipants(ctx, c.group)
		ok(t, err)
		if len(requests) != 2 || len(c.shown().Members) != 2 {
			t.Errorf("requests: %v, members: %+v", requests, c.shown().Members)
		}
		decide := func(action whatsmeow.ParticipantRequestChange, who types.JID) types.GroupParticipant {
			t.Helper()
			answers, err := c.admin.UpdateGroupRequestParticipants(ctx, c.group, []types.JID{who}, action)
			ok(t, err)
			return answers[0]
		}
		decide(whatsmeow.ParticipantChangeReject, ben.LID())
		decide(whatsmeow.ParticipantChangeApprove, c.outside.phone.LID())
		if again := decide(whatsmeow.ParticipantChangeApprove, ben.LID()); again.Error != 404 {
			t.Errorf("letting in somebody who was sent away: %+v", again)
		}
		if members := c.shown().Members; len(members) != 3 || members[2].Number != c.outside.phone.Number() {
			t.Errorf("members: %+v", members)
		}
		await[*events.JoinedGroup](c.outside)
	})
}

func TestInvitation(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		ctx, admin := t.Context(), c.admin.phone.JID()
		ok(t, c.outside.phone.SetPrivacy("groupadd", "none"))
		invite := func() *types.GroupParticipantAddRequest {
			t.Helper()
			answers, err := c.admin.UpdateGroupParticipants(ctx, c.group, []types.JID{c.outside.phone.JID()}, whatsmeow.ParticipantChangeAdd)
			ok(t, err)
			if answers[0].Error != 403 || answers[0].AddRequest == nil {
				t.Fatalf("adding somebody who does not want it: %+v", answers[0])
			}
			return answers[0].AddRequest
		}
		late := invite()
		pass(invitationLife + time.Second)
		if err := c.outside.JoinGroupWithInvite(ctx, c.group, admin, late.Code, late.Expiration.Unix()); !errors.Is(err, whatsmeow.ErrIQGone) {
			t.Errorf("an expired invitation: %v", err)
		}
		fresh := invite()
		if info, err := c.outside.GetGroupInfoFromInvite(ctx, c.group, admin, fresh.Code, fresh.Expiration.Unix()); err != nil || info.Name != "Family" {
			t.Errorf("info by invitation: %+v, %v", info, err)
		}
		if err := c.outside.JoinGroupWithInvite(ctx, c.group, admin, "forged", fresh.Expiration.Unix()); !errors.Is(err, whatsmeow.ErrIQNotAcceptable) {
			t.Errorf("a forged invitation: %v", err)
		}
		_, err := c.admin.SendMessage(ctx, c.outside.phone.JID(), &waE2E.Message{GroupInviteMessage: &waE2E.GroupInviteMessage{
			GroupJID: proto.String(c.group.String()), InviteCode: &fresh.Code, InviteExpiration: proto.Int64(fresh.Expiration.Unix()),
		}})
		ok(t, err)
		invited := receive(t, c.outside.phone)
		ok(t, c.outside.phone.AcceptInvitation(invited))
		if members := c.shown().Members; len(members) != 3 {
			t.Errorf("members: %+v", members)
		}
		if err := c.outside.phone.AcceptInvitation(invited); !errors.Is(err, errNotAcceptable) {
			t.Errorf("an invitation that was used: %v", err)
		}
		ok(t, c.outside.phone.LeaveGroup(c.group))
		again := invite()
		ok(t, c.outside.JoinGroupWithInvite(ctx, c.group, admin, again.Code, again.Expiration.Unix()))
	})
}

func TestCommunity(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newCast(t, w)
		ctx := t.Context()
		town, err := c.admin.CreateGroup(ctx, whatsmeow.ReqCreateGroup{Name: "Town", GroupParent: types.GroupParent{IsParent: true}})
		ok(t, err)
		linked, err := c.admin.CreateGroup(ctx, whatsmeow.ReqCreateGroup{Name: "Choir", GroupLinkedParent: types.GroupLinkedParent{LinkedParentJID: town.JID}})
		ok(t, err)
		ok(t, c.admin.LinkGroup(ctx, town.JID, c.group))
		names := func() string {
			t.Helper()
			groups, err := c.admin.GetSubGroups(ctx, town.JID)
			ok(t, err)
			var list []string
			for _, g := range groups {
				if !g.IsDefaultSubGroup {
					list = append(list, g.Name)
				}
			}
			slices.Sort(list)
			return strings.Join(list, " ")
		}
		if got := names(); got != "Choir Family" {
			t.Errorf("groups of the community: %s", got)
		}
		if members, err := c.admin.GetLinkedGroupsParticipants(ctx, town.JID); err != nil || len(members) != 2 {
			t.Errorf("people of the community: %v, %v", members, err)
		}
		if info, err := c.admin.GetGroupInfo(ctx, linked.JID); err != nil || info.LinkedParentJID != town.JID {
			t.Errorf("the linked group: %+v, %v", info, err)
		}
		if event := await[*events.GroupInfo](c.member); event.Link == nil || event.Link.Group.JID != town.JID {
			t.Errorf("told of the link: %+v", event)
		}
		ok(t, c.admin.UnlinkGroup(ctx, town.JID, c.group))
		if got := names(); got != "Choir" {
			t.Errorf("groups after unlinking: %s", got)
		}
		if err := c.member.LinkGroup(ctx, town.JID, c.group); !errors.Is(err, whatsmeow.ErrIQNotAuthorized) {
			t.Errorf("an outsider of the community links: %v", err)
		}
	})
}
