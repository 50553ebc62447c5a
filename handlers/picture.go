package handlers

import (
	"context"
	"net/http"
	"time"

	"greengate/instance"
)

func setProfilePictureMethod() Method {
	return forInstance(Method{
		Name: "setProfilePicture", Verb: http.MethodPost, Rate: 0.1, Upload: "file", ownLimit: true,
		Summary: "Set the account's profile picture from a JPEG, PNG or WebP file, at most once in 10 seconds",
		Answer:  `{"reason":null,"urlAvatar":"https://pps.whatsapp.net/v/t61.24694-24/picture.jpg","setProfilePicture":true}`,
	}, setProfilePicture)
}

// Upload is what requests with a file have in common. Texts beside the file are fields with a form tag.
type Upload struct{ File []byte }

func (u *Upload) setFile(data []byte) { u.File = data }

// SetProfilePictureResponse has a null reason when the picture was set, and else a null URL. The URL can be null as well when
// WhatsApp took the picture but did not say where it is in time.
type SetProfilePictureResponse struct {
	Reason            *string `json:"reason"`
	URLAvatar         *string `json:"urlAvatar"`
	SetProfilePicture bool    `json:"setProfilePicture"`

	retryAfter time.Duration
}

// RetryAfter is set when the change came too early.
func (r SetProfilePictureResponse) RetryAfter() time.Duration { return r.retryAfter }

func setProfilePicture(ctx context.Context, i *instance.Instance, upload Upload) (SetProfilePictureResponse, error) {
	return pictureSet(i.SetProfilePicture(ctx, upload.File))
}

func pictureSet(picture instance.ProfilePicture, err error) (SetProfilePictureResponse, error) {
	if err == nil {
		response := SetProfilePictureResponse{SetProfilePicture: true}
		if picture.URL != "" {
			response.URLAvatar = &picture.URL
		}
		return response, nil
	}
	e := instance.AsError(err)
	if reason := pictureRefusal(e); reason != "" {
		return SetProfilePictureResponse{Reason: &reason, retryAfter: e.RetryAfter}, nil
	}
	return SetProfilePictureResponse{}, err
}

// pictureRefusal is what GREEN-API puts into reason, with status 200, when WhatsApp does not take the picture; empty for errors that
// are answered as such (docs/api/account/SetProfilePicture).
func pictureRefusal(e *instance.Error) string {
	switch e.Kind {
	case instance.KindRateOverLimit:
		return "rate-overlimit"
	case instance.KindNotAcceptable:
		return "not-acceptable"
	case instance.KindForbidden:
		return "not-authorized"
	case instance.KindTimeout:
		return "Timed Out"
	case instance.KindRefused:
		return e.Detail
	default:
		return ""
	}
}

// pictureExtras are what users miss beside setProfilePicture.
func pictureExtras() []Method {
	return []Method{setProfilePictureByURLMethod(), deleteProfilePictureMethod()}
}

func setProfilePictureByURLMethod() Method {
	return forInstance(Method{
		Name: "setProfilePictureByUrl", Verb: http.MethodPost, Rate: 0.1, ownLimit: true,
		Summary: "Set the account's profile picture from an address on the internet, or that of an uploaded file; not in GREEN-API",
		Example: `{"urlFile":"{{urlFile}}"}`,
		Answer:  `{"reason":null,"urlAvatar":"https://pps.whatsapp.net/v/t61.24694-24/picture.jpg","setProfilePicture":true}`,
	}, setProfilePictureByURL)
}

// SetProfilePictureByURLRequest has the address of a JPEG, PNG or WebP file.
type SetProfilePictureByURLRequest struct {
	URLFile string `json:"urlFile" check:"required"`
}

func setProfilePictureByURL(ctx context.Context, i *instance.Instance, r SetProfilePictureByURLRequest) (SetProfilePictureResponse, error) {
	return pictureSet(i.SetProfilePictureByURL(ctx, r.URLFile))
}

func deleteProfilePictureMethod() Method {
	return forInstance(Method{
		Name: "deleteProfilePicture", Verb: http.MethodPost, Rate: 0.1, ownLimit: true,
		Summary: "Take the account's profile picture away; counts as a change of it; not in GREEN-API",
		Answer:  `{"reason":null,"deleteProfilePicture":true}`,
	}, deleteProfilePicture)
}

// DeleteProfilePictureResponse has a null reason when the account has no picture any more.
type DeleteProfilePictureResponse struct {
	Reason               *string `json:"reason"`
	DeleteProfilePicture bool    `json:"deleteProfilePicture"`

	retryAfter time.Duration
}

// RetryAfter is set when the change came too early.
func (r DeleteProfilePictureResponse) RetryAfter() time.Duration { return r.retryAfter }

func deleteProfilePicture(ctx context.Context, i *instance.Instance, _ none) (DeleteProfilePictureResponse, error) {
	err := i.DeleteProfilePicture(ctx)
	if err == nil {
		return DeleteProfilePictureResponse{DeleteProfilePicture: true}, nil
	}
	e := instance.AsError(err)
	if reason := pictureRefusal(e); reason != "" {
		return DeleteProfilePictureResponse{Reason: &reason, retryAfter: e.RetryAfter}, nil
	}
	return DeleteProfilePictureResponse{}, err
}
