package handlers

import (
	"context"
	"net/http"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

func setGroupPictureMethod() Method {
	return forInstance(Method{
		Name: "setGroupPicture", Verb: http.MethodPost, Rate: 1, Upload: "file",
		Summary: "Set the picture of a group from a JPEG, PNG or WebP file",
		Answer:  `{"reason":"","urlAvatar":"https://pps.whatsapp.net/v/t61.24694-24/picture.jpg","setGroupPicture":true}`,
	}, setGroupPicture)
}

// SetGroupPictureRequest has the file and the group's id in any order.
type SetGroupPictureRequest struct {
	Upload
	GroupID string `form:"groupId" check:"required"`
}

// SetGroupPictureResponse has an empty reason when the picture was set, and else a null URL. The URL can be null as well when WhatsApp
// took the picture but did not say where it is in time (docs/api/groups/SetGroupPicture).
type SetGroupPictureResponse struct {
	Reason          string  `json:"reason"`
	URLAvatar       *string `json:"urlAvatar"`
	SetGroupPicture bool    `json:"setGroupPicture"`
}

func setGroupPicture(ctx context.Context, i *instance.Instance, r SetGroupPictureRequest) (SetGroupPictureResponse, error) {
	group, ok := instance.ParseChatID(r.GroupID)
	switch {
	case !ok:
		return SetGroupPictureResponse{}, invalid("%s", formatsOfGroup)
	case len(r.File) == 0:
		return SetGroupPictureResponse{}, &instance.Error{Kind: instance.KindFileEmpty}
	case group.Server != types.GroupServer: // what the real service asks of WhatsApp in vain
		return SetGroupPictureResponse{Reason: "Timed Out"}, nil
	}
	picture, err := i.SetGroupPicture(ctx, group, r.File)
	if err != nil {
		reason := groupPictureRefusal(err)
		if reason != "" {
			err = nil
		}
		return SetGroupPictureResponse{Reason: reason}, err
	}
	response := SetGroupPictureResponse{SetGroupPicture: true}
	if picture.URL != "" {
		response.URLAvatar = &picture.URL
	}
	return response, nil
}

// groupPictureRefusal is pictureRefusal, but that an unknown group is told as a timeout.
func groupPictureRefusal(err error) string {
	e := instance.AsError(err)
	if e.Kind == instance.KindNotFound {
		return "Timed Out"
	}
	return pictureRefusal(e)
}
