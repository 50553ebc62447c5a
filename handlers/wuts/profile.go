package wuts

import "greengate/instance"

const imageField = "image_base64"

var errNotBase64 = invalid(imageField, "image_base64 must be base64, with or without the prefix of a data URL", "")

func setProfilePicture(c *call, r PictureUpload) (PictureSet, error) {
	data, err := image(r.Image)
	if err != nil {
		return PictureSet{}, err
	}
	picture, err := c.device.SetProfilePicture(c.Context(), data)
	if complaint := complaintAbout(err); complaint != "" {
		err = invalid(imageField, complaint, "")
	}
	return PictureSet{true, picture.ID}, err
}

// complaintAbout tells what is wrong with the image itself; empty when nothing is.
func complaintAbout(err error) string {
	if err == nil {
		return ""
	}
	switch instance.AsError(err).Kind {
	case instance.KindFileEmpty:
		return "image_base64 is empty"
	case instance.KindUnsupportedMedia:
		return "image_base64 is not a JPEG, PNG or WebP picture, or a broken one"
	case instance.KindTooLarge:
		return "image_base64 is too large a picture"
	default:
		return ""
	}
}
