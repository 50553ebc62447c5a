package gowa

import (
	"context"
	"net/http"
	"time"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

// lookupWithin is GOWA's budget of time for looking up a picture.
const lookupWithin = 5 * time.Second

func getAvatar(c *call, q AvatarQuery) (Avatar, error) {
	jid, err := parseJID(q.Phone)
	if err != nil {
		return Avatar{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), lookupWithin)
	defer cancel()
	picture, err := lookUp(ctx, c.device, jid, q)
	if err != nil && instance.AsError(err).Kind == instance.KindTimeout {
		err = reply{status: http.StatusRequestTimeout, code: "CONTEXT_ERROR", text: "WhatsApp did not tell the picture in time"}
	}
	return Avatar{picture.URL, picture.ID, picture.Type}, err
}

// lookUp asks for a group as a community if the caller wants that, and then, since most groups are none, as a group.
func lookUp(ctx context.Context, i *instance.Instance, jid types.JID, q AvatarQuery) (instance.ProfilePicture, error) {
	if q.IsCommunity && jid.Server == types.GroupServer {
		picture, err := i.Picture(ctx, jid, instance.PictureQuery{Preview: q.IsPreview, Community: true})
		if err == nil {
			return picture, nil
		}
	}
	return i.Picture(ctx, jid, instance.PictureQuery{Preview: q.IsPreview})
}

func setAvatar(c *call, u AvatarUpload) (none, error) {
	_, err := c.device.SetProfilePicture(c.Context(), u.image)
	return nil, err
}

func setGroupPhoto(c *call, u GroupPhotoUpload) (GroupPhoto, error) {
	jid, err := parseJID(u.GroupID)
	if err == nil && jid.Server != types.GroupServer {
		err = errInvalidJID
	}
	if err != nil {
		return GroupPhoto{}, err
	}
	picture, err := c.device.SetGroupPicture(c.Context(), jid, u.image)
	return GroupPhoto{picture.ID}, err
}
