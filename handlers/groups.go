package handlers

import (
	"context"
	"encoding/json"
	"net/http"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

func groupMethods() []Method {
	const example = `{"groupId":"{{groupId}}","participantChatId":"{{chatId}}"}`
	return []Method{
		forInstance(Method{
			Name: "createGroup", Verb: http.MethodPost, Rate: 1,
			Summary: "Create a group",
			Example: `{"groupName":"Gardeners","chatIds":["{{chatId}}"]}`,
			Answer:  `{"created":true,"chatId":"120363000000000001@g.us","groupInviteLink":"https://chat.whatsapp.com/AbCdEf0123456789AbCdEf"}`,
		}, createGroup),
		forInstance(Method{
			Name: "updateGroupName", Verb: http.MethodPost, Rate: 1,
			Summary: "Rename a group",
			Example: `{"groupId":"{{groupId}}","groupName":"Gardeners and cooks"}`, Answer: `{"updateGroupName":true}`,
		}, updateGroupName),
		forInstance(Method{
			Name: "updateGroupSettings", Verb: http.MethodPost, Rate: 1,
			Summary: "Choose what members of a group may do",
			Example: `{"groupId":"{{groupId}}","allowParticipantsEditGroupSettings":false,"allowParticipantsSendMessages":true}`,
			Answer:  `{"updateGroupSettings":true,"reason":""}`,
		}, updateGroupSettings),
		forInstance(Method{
			Name: "getGroupData", Verb: http.MethodPost, Rate: 1,
			Summary: "Get what is known of a group, its members included",
			Example: `{"groupId":"{{groupId}}"}`, Answer: answerGroup,
		}, getGroupData),
		forInstance(Method{
			Name: "addGroupParticipant", Verb: http.MethodPost, Rate: 10,
			Summary: "Add a person to a group", Example: example, Answer: `{"addParticipant":true}`,
		}, addGroupParticipant),
		forInstance(Method{
			Name: "removeGroupParticipant", Verb: http.MethodPost, Rate: 10,
			Summary: "Remove a person from a group", Example: example, Answer: `{"removeParticipant":true}`,
		}, removeGroupParticipant),
		forInstance(Method{
			Name: "setGroupAdmin", Verb: http.MethodPost, Rate: 10,
			Summary: "Make a member of a group an admin", Example: example, Answer: `{"setGroupAdmin":true}`,
		}, setGroupAdmin),
		forInstance(Method{
			Name: "removeAdmin", Verb: http.MethodPost, Rate: 10,
			Summary: "Take the rank of an admin of a group", Example: example, Answer: `{"removeAdmin":true}`,
		}, removeAdmin),
		setGroupPictureMethod(),
		forInstance(Method{
			Name: "leaveGroup", Verb: http.MethodPost, Rate: 10,
			Summary: "Leave a group",
			Example: `{"groupId":"{{groupId}}"}`, Answer: `{"leaveGroup":true}`,
		}, leaveGroup),
	}
}

const (
	maxGroupName   = 100
	maxGroupPeople = 1023 // beside the account
	formatsOfGroup = "'groupId' must be one of the next formats: 'group_id@g.us'"
)

// groupID is the id of a group in a request.
type groupID string

// UnmarshalJSON refuses ids of other chats.
func (g *groupID) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, (*string)(g)); err != nil {
		return err
	}
	if jid, ok := instance.ParseChatID(string(*g)); !ok || isPerson(jid) {
		return invalid("%s", formatsOfGroup)
	}
	return nil
}

func (g groupID) jid() types.JID {
	jid, _ := instance.ParseChatID(string(g)) // checked when it was read
	return jid
}

// personID is the id of a person in a request.
type personID string

// UnmarshalJSON refuses other ids in the words of the real service, which name another key than it has.
func (p *personID) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, (*string)(p)); err != nil {
		return err
	}
	if jid, ok := instance.ParseChatID(string(*p)); !ok || !isPerson(jid) {
		return invalid("'chatId': invalid phone number")
	}
	return nil
}

func (p personID) jid() types.JID {
	jid, _ := instance.ParseChatID(string(p)) // checked when it was read
	return jid
}

// flag makes of a refusal of WhatsApp, as GREEN-API does, a false with status 200; other failures stay errors.
func flag(err error) (bool, error) {
	if err == nil {
		return true, nil
	} else if isRefusal(err) {
		return false, nil
	}
	return false, err
}

func isRefusal(err error) bool {
	switch instance.AsError(err).Kind {
	case instance.KindNotFound, instance.KindForbidden, instance.KindNotAcceptable, instance.KindRefused:
		return true
	default:
		return false
	}
}

// CreateGroupRequest names the group, in up to 100 characters, and its members beside the account.
type CreateGroupRequest struct {
	GroupName string   `json:"groupName" check:"required"`
	ChatIDs   []string `json:"chatIds" check:"required"`
}

func (r *CreateGroupRequest) validate() error {
	if len(r.ChatIDs) > maxGroupPeople {
		return invalid("'chatIds' must contain less than or equal to %d items", maxGroupPeople)
	}
	return tooLong("groupName", r.GroupName, maxGroupName)
}

// people are the members; a group among them is what the real service stumbles over.
func (r *CreateGroupRequest) people() ([]types.JID, error) {
	people := make([]types.JID, 0, len(r.ChatIDs))
	for n, id := range r.ChatIDs {
		jid, ok := instance.ParseChatID(id)
		if !ok {
			return nil, invalid("'chatIds[%d]' must be one of the next formats: 'phone_number@c.us' or 'chat_id@lid'", n)
		} else if !isPerson(jid) {
			return nil, errGroupRefused
		}
		people = append(people, jid)
	}
	return people, nil
}

// errGroupRefused is GREEN-API's answer when a group cannot be created (docs/api/groups/CreateGroup).
var errGroupRefused = reply{http.StatusInternalServerError, true, "Internal Server Error"}

// CreateGroupResponse has false and empty texts when nobody of those named has WhatsApp. The link is empty when WhatsApp did not tell it.
type CreateGroupResponse struct {
	Created         bool            `json:"created"`
	ChatID          instance.ChatID `json:"chatId"`
	GroupInviteLink string          `json:"groupInviteLink"`
}

func createGroup(ctx context.Context, i *instance.Instance, r CreateGroupRequest) (CreateGroupResponse, error) {
	people, err := r.people()
	if err != nil {
		return CreateGroupResponse{}, err
	}
	id, link, err := i.CreateGroup(ctx, r.GroupName, people)
	switch kind := instance.AsError(err).Kind; {
	case err == nil:
		return CreateGroupResponse{true, id, link}, nil
	case kind == instance.KindNotFound:
		return CreateGroupResponse{}, nil
	case isRefusal(err), kind == instance.KindRateOverLimit:
		return CreateGroupResponse{}, errGroupRefused
	}
	return CreateGroupResponse{}, err
}

// UpdateGroupNameRequest has a name of up to 100 characters.
type UpdateGroupNameRequest struct {
	GroupID   groupID `json:"groupId" check:"required"`
	GroupName string  `json:"groupName" check:"required"`
}

func (r *UpdateGroupNameRequest) validate() error {
	return tooLong("groupName", r.GroupName, maxGroupName)
}

// UpdateGroupNameResponse has false when WhatsApp refuses.
type UpdateGroupNameResponse struct {
	UpdateGroupName bool `json:"updateGroupName"`
}

func updateGroupName(ctx context.Context, i *instance.Instance, r UpdateGroupNameRequest) (UpdateGroupNameResponse, error) {
	done, err := flag(i.RenameGroup(ctx, r.GroupID.jid(), r.GroupName))
	return UpdateGroupNameResponse{done}, err
}

// UpdateGroupSettingsRequest has at least one of the settings.
type UpdateGroupSettingsRequest struct {
	GroupID groupID `json:"groupId" check:"required"`
	Edit    *bool   `json:"allowParticipantsEditGroupSettings"`
	Send    *bool   `json:"allowParticipantsSendMessages"`
}

func (r *UpdateGroupSettingsRequest) validate() error {
	if r.Edit == nil && r.Send == nil {
		return invalid("'value' must contain at least one of [allowParticipantsEditGroupSettings, allowParticipantsSendMessages]")
	}
	return nil
}

// UpdateGroupSettingsResponse has an empty reason when the settings were changed.
type UpdateGroupSettingsResponse struct {
	UpdateGroupSettings bool   `json:"updateGroupSettings"`
	Reason              string `json:"reason"`
}

func updateGroupSettings(ctx context.Context, i *instance.Instance, r UpdateGroupSettingsRequest) (UpdateGroupSettingsResponse, error) {
	err := i.SetGroupSettings(ctx, r.GroupID.jid(), instance.GroupSettings{AdminsEdit: not(r.Edit), AdminsWrite: not(r.Send)})
	done, failure := flag(err)
	response := UpdateGroupSettingsResponse{UpdateGroupSettings: done}
	switch {
	case done:
	case instance.AsError(err).Kind == instance.KindForbidden:
		response.Reason = "FORBIDDEN"
	default:
		response.Reason = "NOT_ENOUGH_RIGHTS"
	}
	return response, failure
}

func not(b *bool) *bool {
	if b == nil {
		return nil
	}
	opposite := !*b
	return &opposite
}

// GroupRequest names a group.
type GroupRequest struct {
	GroupID groupID `json:"groupId" check:"required"`
}

// ParticipantRequest names a group and a person.
type ParticipantRequest struct {
	GroupID           groupID  `json:"groupId" check:"required"`
	ParticipantChatID personID `json:"participantChatId" check:"required"`
}

// AddGroupParticipantResponse has false when WhatsApp refuses: the account is no admin, the number has no WhatsApp, the person is a member
// or does not want to be added by strangers, the group is full.
type AddGroupParticipantResponse struct {
	AddParticipant bool `json:"addParticipant"`
}

func addGroupParticipant(ctx context.Context, i *instance.Instance, r ParticipantRequest) (AddGroupParticipantResponse, error) {
	done, err := flag(i.AddGroupMember(ctx, r.GroupID.jid(), r.ParticipantChatID.jid()))
	return AddGroupParticipantResponse{done}, err
}

// RemoveGroupParticipantResponse has false when WhatsApp refuses.
type RemoveGroupParticipantResponse struct {
	RemoveParticipant bool `json:"removeParticipant"`
}

func removeGroupParticipant(ctx context.Context, i *instance.Instance, r ParticipantRequest) (RemoveGroupParticipantResponse, error) {
	done, err := flag(i.RemoveGroupMember(ctx, r.GroupID.jid(), r.ParticipantChatID.jid()))
	return RemoveGroupParticipantResponse{done}, err
}

// SetGroupAdminResponse has false when WhatsApp refuses.
type SetGroupAdminResponse struct {
	SetGroupAdmin bool `json:"setGroupAdmin"`
}

func setGroupAdmin(ctx context.Context, i *instance.Instance, r ParticipantRequest) (SetGroupAdminResponse, error) {
	done, err := flag(i.PromoteGroupMember(ctx, r.GroupID.jid(), r.ParticipantChatID.jid()))
	return SetGroupAdminResponse{done}, err
}

// RemoveAdminResponse has false when WhatsApp refuses.
type RemoveAdminResponse struct {
	RemoveAdmin bool `json:"removeAdmin"`
}

func removeAdmin(ctx context.Context, i *instance.Instance, r ParticipantRequest) (RemoveAdminResponse, error) {
	done, err := flag(i.DemoteGroupMember(ctx, r.GroupID.jid(), r.ParticipantChatID.jid()))
	return RemoveAdminResponse{done}, err
}

// LeaveGroupResponse has removeAdmin, which the real service writes instead of leaveGroup, too when the account was an admin.
type LeaveGroupResponse struct {
	LeaveGroup  bool `json:"leaveGroup"`
	RemoveAdmin bool `json:"removeAdmin,omitempty"`
}

func leaveGroup(ctx context.Context, i *instance.Instance, r GroupRequest) (LeaveGroupResponse, error) {
	wasAdmin, err := i.LeaveGroup(ctx, r.GroupID.jid())
	left, err := flag(err)
	return LeaveGroupResponse{left, wasAdmin}, err
}
