package instance

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

// SetGroupPicture makes an image (JPEG, PNG or WebP) the picture of a group and returns its id; no bytes remove the picture, and the id
// is "remove" then. Kinds: those of SetProfilePicture but for FileEmpty; WhatsApp alone decides what is too fast.
func (i *Instance) SetGroupPicture(ctx context.Context, group types.JID, image []byte) (string, error) {
	if err := i.requireAuthorized(); err != nil {
		return "", err
	}
	var jpeg []byte // nil removes
	if len(image) > 0 {
		picture, err := i.pictures.Normalize(ctx, image)
		if err != nil {
			return "", fromMedia(err)
		}
		jpeg = picture.JPEG
	}
	return ask(ctx, i, pictureWithin, func(ctx context.Context, client *whatsmeow.Client) (string, error) {
		return client.SetGroupPhoto(ctx, group, jpeg)
	})
}
