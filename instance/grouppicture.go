package instance

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

// SetGroupPicture makes an image (JPEG, PNG or WebP) the picture of a group and reads it back; no bytes remove the picture, and the id is
// "remove" then. The URL is empty when WhatsApp did not say it in time. Kinds: those of SetProfilePicture but for FileEmpty; WhatsApp
// alone decides what is too fast.
func (i *Instance) SetGroupPicture(ctx context.Context, group types.JID, image []byte) (ProfilePicture, error) {
	if err := i.requireAuthorized(); err != nil {
		return ProfilePicture{}, err
	}
	var jpeg []byte // nil removes
	if len(image) > 0 {
		picture, err := i.pictures.Normalize(ctx, image)
		if err != nil {
			return ProfilePicture{}, fromMedia(err)
		}
		jpeg = picture.JPEG
	}
	ctx, cancel := context.WithTimeout(ctx, pictureWithin)
	defer cancel()
	id, err := ask(ctx, i, pictureWithin, func(ctx context.Context, client *whatsmeow.Client) (string, error) {
		return client.SetGroupPhoto(ctx, group, jpeg)
	})
	if err != nil || jpeg == nil {
		return ProfilePicture{ID: id}, err
	}
	picture, err := i.readBack(ctx, group)
	if err != nil && AsError(err).Kind == KindForbidden { // as communities answer
		picture, err = i.fetchPicture(ctx, group, PictureQuery{Community: true})
	}
	if err != nil {
		i.log.Warn("group picture set, but its URL could not be read", "error", err)
	}
	return ProfilePicture{ID: id, URL: picture.URL}, nil
}
