package instance

import (
	"context"
	"slices"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const groupWithin = 10 * time.Second

// Group is a group as a member sees it. Times and the creator are empty where WhatsApp does not tell them.
type Group struct {
	ID                     ChatID
	Owner                  ChatID
	Subject                string
	SubjectAt              time.Time
	SubjectOwner           ChatID
	CreatedAt              time.Time
	InviteLink             string // empty unless the account is an admin
	DisappearsAfter        time.Duration
	AdminsEdit             bool // only admins change subject, description and picture
	AdminsWrite            bool // only admins write
	AdminsAdd              bool // only admins add members
	Community              bool
	CommunityAnnouncements bool
	Size                   int
	Members                []GroupMember
}

// GroupMember is somebody in a group. ID is the number, or the LID while the number is not known; LID is empty where that is not known.
type GroupMember struct {
	ID         ChatID
	LID        ChatID
	Admin      bool
	SuperAdmin bool
}

// Group looks a group up. KindNotFound when there is none, KindForbidden when the account is no member.
func (i *Instance) Group(ctx context.Context, group types.JID) (Group, error) {
	if err := i.requireAuthorized(); err != nil {
		return Group{}, err
	}
	info, err := i.groupInfo(ctx, group, groupWithin)
	if err != nil {
		return Group{}, err
	}
	g := Group{
		ID: ChatIDOf(group), Owner: i.numberOr(ctx, info.OwnerJID, info.OwnerPN), Subject: info.Name, SubjectAt: info.NameSetAt,
		SubjectOwner: i.numberOr(ctx, info.NameSetBy, info.NameSetByPN), CreatedAt: info.GroupCreated,
		DisappearsAfter: time.Duration(info.DisappearingTimer) * time.Second, AdminsEdit: info.IsLocked, AdminsWrite: info.IsAnnounce,
		AdminsAdd: info.MemberAddMode == types.GroupMemberAddModeAdmin, Community: info.IsParent,
		CommunityAnnouncements: info.IsDefaultSubGroup, Size: info.ParticipantCount, Members: i.groupMembers(ctx, info),
	}
	if i.administers(info) {
		g.InviteLink = i.inviteLink(ctx, group)
	}
	return g, nil
}

func (i *Instance) groupMembers(ctx context.Context, info *types.GroupInfo) []GroupMember {
	members := make([]GroupMember, 0, len(info.Participants))
	device := i.device()
	for _, p := range info.Participants {
		if p.LID.IsEmpty() && device != nil {
			p.LID, _ = device.GetAltJID(ctx, p.PhoneNumber)
		}
		members = append(members, GroupMember{i.numberOr(ctx, p.JID, p.PhoneNumber), ChatIDOf(p.LID), p.IsAdmin, p.IsSuperAdmin})
	}
	return members
}

// numberOr is a person's number, or the LID while that is not known, in every mode: the LID stands beside it.
func (i *Instance) numberOr(ctx context.Context, jid, number types.JID) ChatID {
	return i.addressOf(ctx, types.DefaultUserServer, jid, number)
}

// administers tells whether the account is an admin of a group.
func (i *Instance) administers(info *types.GroupInfo) bool {
	self, account := i.self(), i.Account()
	return slices.ContainsFunc(info.Participants, func(p types.GroupParticipant) bool {
		return p.IsAdmin && (p.PhoneNumber.User == self.User || account.LID != "" && ChatIDOf(p.LID) == account.LID)
	})
}

// CreateGroup creates a group of the account and the people that have WhatsApp, as far as their privacy allows. The link is empty when
// WhatsApp did not tell it in time. KindNotFound when people are given and none has WhatsApp.
func (i *Instance) CreateGroup(ctx context.Context, subject string, people []types.JID) (id ChatID, inviteLink string, err error) {
	if err := i.requireAuthorized(); err != nil {
		return "", "", err
	}
	info, err := ask(ctx, i, groupWithin, func(ctx context.Context, client *whatsmeow.Client) (*types.GroupInfo, error) {
		members, err := i.onWhatsApp(ctx, client, people)
		if err != nil {
			return nil, err
		} else if len(members) == 0 && len(people) > 0 {
			return nil, errNoAccount
		}
		return client.CreateGroup(ctx, whatsmeow.ReqCreateGroup{Name: subject, Participants: slices.DeleteFunc(members, i.isSelf)})
	})
	if err != nil {
		return "", "", err
	}
	i.groups.set(ChatIDOf(info.JID), subject, "")
	return ChatIDOf(info.JID), i.inviteLink(ctx, info.JID), nil
}

// onWhatsApp leaves out who has no WhatsApp, and who is named twice. The others are named by LID where it is known; numbers that are
// met for the first time are asked for in one query.
func (i *Instance) onWhatsApp(ctx context.Context, client *whatsmeow.Client, people []types.JID) ([]types.JID, error) {
	var known []types.JID
	var numbers []string
	for _, person := range people {
		if person.Server == types.DefaultUserServer {
			lid, err := client.Store.LIDs.GetLIDForPN(ctx, person)
			if err != nil {
				return nil, err
			} else if lid.IsEmpty() {
				numbers = append(numbers, "+"+person.User)
				continue
			}
			person = lid
		}
		known = append(known, person)
	}
	if len(numbers) > 0 {
		found, err := client.IsOnWhatsApp(ctx, numbers)
		if err != nil {
			return nil, err
		}
		for _, answer := range found {
			if answer.IsIn {
				known = append(known, answer.JID.ToNonAD())
			}
		}
	}
	return withoutDuplicates(known), nil
}

func withoutDuplicates(list []types.JID) []types.JID {
	seen := map[types.JID]bool{}
	return slices.DeleteFunc(list, func(jid types.JID) bool {
		again := seen[jid]
		seen[jid] = true
		return again
	})
}

// isSelf tells the account's own addresses.
func (i *Instance) isSelf(jid types.JID) bool {
	return jid.ToNonAD() == i.self() || ChatIDOf(jid) == i.Account().LID
}

// changeGroup makes one change to a group, or several.
func (i *Instance) changeGroup(ctx context.Context, change func(context.Context, *whatsmeow.Client) error) error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	_, err := ask(ctx, i, groupWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		return struct{}{}, change(ctx, client)
	})
	return err
}

// RenameGroup gives a group another subject.
func (i *Instance) RenameGroup(ctx context.Context, group types.JID, subject string) error {
	err := i.changeGroup(ctx, func(ctx context.Context, client *whatsmeow.Client) error {
		return client.SetGroupName(ctx, group, subject)
	})
	if err == nil {
		i.groups.set(ChatIDOf(group), subject, "")
	}
	return err
}

// DescribeGroup gives a group another description; an empty one takes it away.
func (i *Instance) DescribeGroup(ctx context.Context, group types.JID, description string) error {
	return i.changeGroup(ctx, func(ctx context.Context, client *whatsmeow.Client) error {
		info, err := client.GetGroupInfo(ctx, group)
		if err != nil {
			return err
		}
		return client.SetGroupTopic(ctx, group, info.TopicID, "", description)
	})
}

// GroupSettings are what can be set of a group; nil leaves a setting alone.
type GroupSettings struct {
	AdminsEdit  *bool // only admins change subject, description and picture
	AdminsWrite *bool // only admins write
}

// SetGroupSettings changes settings of a group, one after the other; a failure leaves the later ones alone.
func (i *Instance) SetGroupSettings(ctx context.Context, group types.JID, s GroupSettings) error {
	return i.changeGroup(ctx, func(ctx context.Context, client *whatsmeow.Client) error {
		if s.AdminsEdit != nil {
			if err := client.SetGroupLocked(ctx, group, *s.AdminsEdit); err != nil {
				return err
			}
		}
		if s.AdminsWrite != nil {
			return client.SetGroupAnnounce(ctx, group, *s.AdminsWrite)
		}
		return nil
	})
}

// AddGroupMember adds a person to a group. What WhatsApp refuses is KindNotFound, for a number without WhatsApp too, KindForbidden, for
// a person's privacy too, or KindRefused, for somebody who is a member already.
func (i *Instance) AddGroupMember(ctx context.Context, group, person types.JID) error {
	return i.changeMember(ctx, group, person, whatsmeow.ParticipantChangeAdd)
}

// RemoveGroupMember removes a person from a group.
func (i *Instance) RemoveGroupMember(ctx context.Context, group, person types.JID) error {
	return i.changeMember(ctx, group, person, whatsmeow.ParticipantChangeRemove)
}

// PromoteGroupMember makes a member an admin.
func (i *Instance) PromoteGroupMember(ctx context.Context, group, person types.JID) error {
	return i.changeMember(ctx, group, person, whatsmeow.ParticipantChangePromote)
}

// DemoteGroupMember takes an admin's rank.
func (i *Instance) DemoteGroupMember(ctx context.Context, group, person types.JID) error {
	return i.changeMember(ctx, group, person, whatsmeow.ParticipantChangeDemote)
}

func (i *Instance) changeMember(ctx context.Context, group, person types.JID, change whatsmeow.ParticipantChange) error {
	return i.changeGroup(ctx, func(ctx context.Context, client *whatsmeow.Client) error {
		if _, err := i.recipient(ctx, client, ChatIDOf(person)); err != nil {
			return err
		}
		if err := i.knowGroup(ctx, group); err != nil {
			return err
		}
		member := i.memberJID(ctx, ChatIDOf(group), person)
		answers, err := client.UpdateGroupParticipants(ctx, group, []types.JID{member}, change)
		if err != nil {
			return err
		} else if len(answers) == 0 {
			return fail(KindRefused, "WhatsApp does not name the participant")
		} else if code := answers[0].Error; code != 0 {
			return refused(code, "participant", nil)
		}
		return nil
	})
}

// LeaveGroup leaves a group, and tells whether the account was one of its admins.
func (i *Instance) LeaveGroup(ctx context.Context, group types.JID) (wasAdmin bool, err error) {
	err = i.changeGroup(ctx, func(ctx context.Context, client *whatsmeow.Client) error {
		info, err := client.GetGroupInfo(ctx, group)
		if err != nil {
			return err
		}
		wasAdmin = i.administers(info)
		return client.LeaveGroup(ctx, group)
	})
	return wasAdmin && err == nil, err
}
