package handlers

import (
	"context"
	"net/http"

	"greengate/instance"
)

// groupExtras are what users ask for of groups and GREEN-API does not have.
func groupExtras() []Method {
	return []Method{
		forInstance(Method{
			Name: "getGroupInviteLink", Verb: http.MethodPost, Rate: 1,
			Summary: "Get the invite link of a group, or end it and get a new one (ours)",
			Example: `{"groupId":"{{groupId}}","reset":false}`,
			Answer:  `{"groupInviteLink":"https://chat.whatsapp.com/AbCdEf0123456789AbCdEf","reason":""}`,
		}, getGroupInviteLink),
		forInstance(Method{
			Name: "joinGroup", Verb: http.MethodPost, Rate: 1,
			Summary: "Join the group of an invite link or code (ours)",
			Example: `{"groupInviteLink":"{{groupInviteLink}}"}`,
			Answer:  `{"joinGroup":true,"chatId":"120363000000000001@g.us","awaitsApproval":false,"reason":""}`,
		}, joinGroup),
		forInstance(Method{
			Name: "setGroupDescription", Verb: http.MethodPost, Rate: 1,
			Summary: "Set the description of a group, an empty one to take it away (ours)",
			Example: `{"groupId":"{{groupId}}","description":"All about bulbs"}`, Answer: `{"setGroupDescription":true,"reason":""}`,
		}, setGroupDescription),
		forInstance(Method{
			Name: "deleteGroupPicture", Verb: http.MethodPost, Rate: 1,
			Summary: "Take the picture of a group away (ours)",
			Example: `{"groupId":"{{groupId}}"}`, Answer: `{"deleteGroupPicture":true,"reason":""}`,
		}, deleteGroupPicture),
	}
}

const maxGroupDescription = 2048

// explained is flag with the reason for a false.
func explained(err error) (done bool, reason string, failure error) {
	done, failure = flag(err)
	if err != nil && failure == nil {
		reason = instance.AsError(err).Detail
	}
	return done, reason, failure
}

// GetGroupInviteLinkRequest names a group; reset ends its present link.
type GetGroupInviteLinkRequest struct {
	GroupID groupID `json:"groupId" check:"required"`
	Reset   bool    `json:"reset"`
}

// GetGroupInviteLinkResponse has an empty link and a reason when WhatsApp refuses, as it does to all but admins.
type GetGroupInviteLinkResponse struct {
	GroupInviteLink string `json:"groupInviteLink"`
	Reason          string `json:"reason"`
}

func getGroupInviteLink(ctx context.Context, i *instance.Instance, r GetGroupInviteLinkRequest) (GetGroupInviteLinkResponse, error) {
	link, err := i.GroupInviteLink(ctx, r.GroupID.jid(), r.Reset)
	_, reason, err := explained(err)
	return GetGroupInviteLinkResponse{link, reason}, err
}

// JoinGroupRequest has a link, or the code at its end.
type JoinGroupRequest struct {
	GroupInviteLink string `json:"groupInviteLink" check:"required"`
}

// JoinGroupResponse has false, no id and a reason when the link is good for nothing. With awaitsApproval the account is a member as soon as
// an admin of the group agrees.
type JoinGroupResponse struct {
	JoinGroup      bool            `json:"joinGroup"`
	ChatID         instance.ChatID `json:"chatId"`
	AwaitsApproval bool            `json:"awaitsApproval"`
	Reason         string          `json:"reason"`
}

func joinGroup(ctx context.Context, i *instance.Instance, r JoinGroupRequest) (JoinGroupResponse, error) {
	code, ok := instance.ParseInvite(r.GroupInviteLink)
	if !ok {
		return JoinGroupResponse{}, invalid("'groupInviteLink' must be a link to chat.whatsapp.com or an invite code")
	}
	group, waiting, err := i.JoinGroup(ctx, code)
	joined, reason, err := explained(err)
	return JoinGroupResponse{joined, group, waiting, reason}, err
}

// SetGroupDescriptionRequest has a text of up to 2048 characters.
type SetGroupDescriptionRequest struct {
	GroupID     groupID `json:"groupId" check:"required"`
	Description string  `json:"description"`
}

func (r *SetGroupDescriptionRequest) validate() error {
	return tooLong("description", r.Description, maxGroupDescription)
}

// SetGroupDescriptionResponse has false and a reason when WhatsApp refuses.
type SetGroupDescriptionResponse struct {
	SetGroupDescription bool   `json:"setGroupDescription"`
	Reason              string `json:"reason"`
}

func setGroupDescription(ctx context.Context, i *instance.Instance, r SetGroupDescriptionRequest) (SetGroupDescriptionResponse, error) {
	done, reason, err := explained(i.DescribeGroup(ctx, r.GroupID.jid(), r.Description))
	return SetGroupDescriptionResponse{done, reason}, err
}

// DeleteGroupPictureResponse has false and a reason when WhatsApp refuses. A group without a picture is as wanted.
type DeleteGroupPictureResponse struct {
	DeleteGroupPicture bool   `json:"deleteGroupPicture"`
	Reason             string `json:"reason"`
}

func deleteGroupPicture(ctx context.Context, i *instance.Instance, r GroupRequest) (DeleteGroupPictureResponse, error) {
	_, err := i.SetGroupPicture(ctx, r.GroupID.jid(), nil)
	done, reason, err := explained(err)
	return DeleteGroupPictureResponse{done, reason}, err
}
