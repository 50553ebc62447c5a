package sandbox

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func TestGroupData(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		admin, c, carol := addPhone(t, w, alice), newClient(t, w, bob), addPhone(t, w, carol)
		created := time.Now()
		group := groupOf(t, admin, c.phone, carol)
		pass(time.Minute)
		ok(t, carol.SetGroupSubject(group, "Relatives"))
		ok(t, admin.SetGroupDescription(group, "All of us"))
		ok(t, admin.SetGroupTimer(group, 7*24*time.Hour))
		ok(t, admin.SetGroupAdminsAdd(group, true))
		ok(t, admin.PromoteInGroup(group, carol.Number()))
		info, err := c.GetGroupInfo(t.Context(), group)
		ok(t, err)
		want := &types.GroupInfo{
			JID: group, OwnerJID: admin.LID(), OwnerPN: admin.JID(), GroupCreated: created.Local(),
			GroupName: types.GroupName{Name: "Relatives", NameSetAt: created.Add(time.Minute).Local(), NameSetBy: carol.LID(), NameSetByPN: carol.JID()},
			GroupTopic: types.GroupTopic{
				Topic: "All of us", TopicID: info.TopicID, TopicSetAt: created.Add(time.Minute).Local(), TopicSetBy: admin.LID(), TopicSetByPN: admin.JID(),
			},
			GroupEphemeral: types.GroupEphemeral{IsEphemeral: true, DisappearingTimer: 604800},
			AddressingMode: types.AddressingModeLID, MemberAddMode: types.GroupMemberAddModeAdmin, ParticipantCount: 3,
			GroupAnnounce: types.GroupAnnounce{AnnounceVersionID: info.AnnounceVersionID}, ParticipantVersionID: info.ParticipantVersionID,
			Participants: []types.GroupParticipant{
				{JID: admin.LID(), LID: admin.LID(), PhoneNumber: admin.JID(), IsAdmin: true, IsSuperAdmin: true},
				{JID: c.phone.LID(), LID: c.phone.LID(), PhoneNumber: c.phone.JID()},
				{JID: carol.LID(), LID: carol.LID(), PhoneNumber: carol.JID(), IsAdmin: true},
			},
		}
		if info.AnnounceVersionID == "" || info.ParticipantVersionID == "" {
			t.Error("the group has no versions")
		}
		if diff := cmp.Diff(want, info); diff != "" {
			t.Errorf("info: %s", diff)
		}
		joined, err := c.GetJoinedGroups(t.Context())
		ok(t, err)
		if diff := cmp.Diff([]*types.GroupInfo{want}, joined); diff != "" {
			t.Errorf("joined: %s", diff)
		}
		shown := carol.Groups()[0]
		if shown.Owner != admin.Number() || !shown.Created.Equal(created) || shown.SubjectBy != carol.Number() || !shown.SubjectAt.Equal(created.Add(time.Minute)) {
			t.Errorf("the phone shows %+v", shown)
		}
	})
}

func TestCommunityData(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		town, err := c.CreateGroup(t.Context(), whatsmeow.ReqCreateGroup{Name: "Town", GroupParent: types.GroupParent{IsParent: true}})
		ok(t, err)
		joined, err := c.GetJoinedGroups(t.Context())
		ok(t, err)
		kinds := map[types.JID][2]bool{}
		for _, g := range joined {
			kinds[g.JID] = [2]bool{g.IsParent, g.IsDefaultSubGroup}
			if g.IsDefaultSubGroup && (g.LinkedParentJID != town.JID || !g.IsAnnounce) {
				t.Errorf("the announcement group: %+v", g)
			}
		}
		if len(kinds) != 2 || kinds[town.JID] != [2]bool{true, false} {
			t.Errorf("parent and announcement group: %v", kinds)
		}
	})
}

func TestPhoneChangesGroup(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		admin, c, guest := addPhone(t, w, alice), newClient(t, w, bob), addPhone(t, w, carol)
		group := groupOf(t, admin, c.phone)
		for _, test := range []struct {
			name string
			do   func() error
			told func(e *events.GroupInfo) bool
		}{
			{"description", func() error { return admin.SetGroupDescription(group, "Us") }, func(e *events.GroupInfo) bool { return e.Topic.Topic == "Us" }},
			{"no description", func() error { return admin.SetGroupDescription(group, "") }, func(e *events.GroupInfo) bool { return e.Topic.TopicDeleted }},
			{"timer", func() error { return admin.SetGroupTimer(group, 24*time.Hour) }, func(e *events.GroupInfo) bool { return e.Ephemeral.DisappearingTimer == 86400 }},
			{"no timer", func() error { return admin.SetGroupTimer(group, 0) }, func(e *events.GroupInfo) bool { return !e.Ephemeral.IsEphemeral }},
			{"locked", func() error { return admin.SetGroupLocked(group, true) }, func(e *events.GroupInfo) bool { return e.Locked.IsLocked }},
			{"unlocked", func() error { return admin.SetGroupLocked(group, false) }, func(e *events.GroupInfo) bool { return !e.Locked.IsLocked }},
			{"announce", func() error { return admin.SetGroupAnnounce(group, true) }, func(e *events.GroupInfo) bool { return e.Announce.IsAnnounce }},
			{"everybody writes", func() error { return admin.SetGroupAnnounce(group, false) }, func(e *events.GroupInfo) bool { return !e.Announce.IsAnnounce }},
			{"admins add", func() error { return admin.SetGroupAdminsAdd(group, true) }, func(e *events.GroupInfo) bool {
				return len(e.UnknownChanges) == 1 && e.UnknownChanges[0].Tag == "member_add_mode" && textOf(e.UnknownChanges[0]) == "admin_add"
			}},
			{"approval", func() error { return admin.SetGroupApproval(group, true) }, func(e *events.GroupInfo) bool { return e.MembershipApprovalMode.IsJoinApprovalRequired }},
			{"new code", func() error { _, err := admin.ResetGroupInvite(group); return err }, func(e *events.GroupInfo) bool {
				return *e.NewInviteLink == whatsmeow.InviteLinkPrefix+admin.Groups()[0].InviteCode
			}},
			{"approved", func() error {
				ok(t, guest.JoinGroup(admin.Groups()[0].InviteCode))
				return admin.DecideJoin(group, true, guest.Number())
			}, func(e *events.GroupInfo) bool { return len(e.Join) == 1 && e.Join[0] == guest.LID() }},
			{"removed", func() error { return admin.RemoveFromGroup(group, guest.Number()) }, func(e *events.GroupInfo) bool { return e.Leave[0] == guest.LID() }},
		} {
			if err := test.do(); err != nil {
				t.Errorf("%s: %v", test.name, err)
			} else if e := await[*events.GroupInfo](c); !test.told(e) || *e.Sender != admin.LID() {
				t.Errorf("told of %s: %+v", test.name, e)
			}
		}
		ok(t, admin.SetGroupPicture(group, photo(t, 640, 640, 1)))
		if e := await[*events.Picture](c); e.JID != group || e.PictureID == "" {
			t.Errorf("told of the picture: %+v", e)
		}
		ok(t, admin.RemoveGroupPicture(group))
		if e := await[*events.Picture](c); e.JID != group || !e.Remove {
			t.Errorf("told that the picture is gone: %+v", e)
		}
		if err := c.phone.SetGroupTimer(group, time.Hour); err == nil {
			t.Error("a timer that nobody offers was set")
		}
		if _, err := c.phone.ResetGroupInvite(group); err != errNotAuthorized {
			t.Errorf("a member makes a new code: %v", err)
		}
		if err := admin.DecideJoin(group, false, guest.Number()); err == nil {
			t.Error("somebody who has not asked was sent away")
		}
	})
}
