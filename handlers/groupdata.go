package handlers

import (
	"context"
	"time"

	"greengate/instance"
)

const answerGroup = `{"groupId":"120363000000000001@g.us","owner":"15550001111@c.us","subject":"Gardeners","creation":1790000000,` +
	`"subjectTime":1790000000,"subjectOwner":"15550001111@c.us","groupInviteLink":"https://chat.whatsapp.com/AbCdEf0123456789AbCdEf",` +
	`"ephemeralExpiration":0,"allowParticipantsEditGroupSettings":true,"allowParticipantsSendMessages":true,` +
	`"allowParticipantsAddMembers":true,"isCommunity":false,"isCommunityAnnounce":false,"size":1,"participants":[` +
	`{"id":"15550001111@c.us","lid":"100000000000001@lid","isAdmin":true,"isSuperAdmin":true}]}`

// GetGroupDataResponse is a group with its keys in the order of the real service. Times are in Unix seconds, ephemeralExpiration in
// seconds; the link is empty unless the account is an admin (docs/api/groups/GetGroupData).
type GetGroupDataResponse struct {
	GroupID                            instance.ChatID    `json:"groupId"`
	Owner                              instance.ChatID    `json:"owner"`
	Subject                            string             `json:"subject"`
	Creation                           int64              `json:"creation"`
	SubjectTime                        int64              `json:"subjectTime"`
	SubjectOwner                       instance.ChatID    `json:"subjectOwner"`
	GroupInviteLink                    string             `json:"groupInviteLink"`
	EphemeralExpiration                int64              `json:"ephemeralExpiration"`
	AllowParticipantsEditGroupSettings bool               `json:"allowParticipantsEditGroupSettings"`
	AllowParticipantsSendMessages      bool               `json:"allowParticipantsSendMessages"`
	AllowParticipantsAddMembers        bool               `json:"allowParticipantsAddMembers"`
	IsCommunity                        bool               `json:"isCommunity"`
	IsCommunityAnnounce                bool               `json:"isCommunityAnnounce"`
	Size                               int                `json:"size"`
	Participants                       []GroupParticipant `json:"participants"`
}

// GroupParticipant is a member: id is the number, or the LID while the number is not known.
type GroupParticipant struct {
	ID           instance.ChatID `json:"id"`
	LID          instance.ChatID `json:"lid"`
	IsAdmin      bool            `json:"isAdmin"`
	IsSuperAdmin bool            `json:"isSuperAdmin"`
}

func getGroupData(ctx context.Context, i *instance.Instance, r GroupRequest) (GetGroupDataResponse, error) {
	g, err := i.Group(ctx, r.GroupID.jid())
	if err != nil {
		return GetGroupDataResponse{}, groupFailure(err)
	}
	response := GetGroupDataResponse{
		GroupID: g.ID, Owner: g.Owner, Subject: g.Subject, Creation: unix(g.CreatedAt), SubjectTime: unix(g.SubjectAt),
		SubjectOwner: g.SubjectOwner, GroupInviteLink: g.InviteLink, EphemeralExpiration: int64(g.DisappearsAfter / time.Second),
		AllowParticipantsEditGroupSettings: !g.AdminsEdit, AllowParticipantsSendMessages: !g.AdminsWrite,
		AllowParticipantsAddMembers: !g.AdminsAdd, IsCommunity: g.Community, IsCommunityAnnounce: g.CommunityAnnouncements,
		Size: g.Size, Participants: make([]GroupParticipant, 0, len(g.Members)),
	}
	for _, m := range g.Members {
		response.Participants = append(response.Participants, GroupParticipant{m.ID, m.LID, m.Admin, m.SuperAdmin})
	}
	return response, nil
}

// groupFailure words what the real service answers in the place of a group.
func groupFailure(err error) error {
	switch instance.AsError(err).Kind {
	case instance.KindNotFound:
		return plainFailure("Error: item-not-found")
	case instance.KindForbidden:
		return plainFailure("Error: forbidden")
	default:
		return err
	}
}

// unix is 0 for a time that is not known.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
