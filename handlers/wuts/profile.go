package wuts

import "greengate/instance"

func setProfilePicture(c *call, r PictureUpload) (PictureSet, error) {
	bytes, err := image(r.Image)
	if err != nil {
		return PictureSet{}, err
	}
	picture, err := c.device.SetProfilePicture(c.Context(), bytes)
	switch e := instance.AsError(err); {
	case err == nil:
		return PictureSet{true, picture.ID}, nil
	case replyTo(e.Kind).code == codeValidation:
		return PictureSet{}, invalid("image_base64", e.Detail, "")
	default:
		return PictureSet{}, err
	}
}
