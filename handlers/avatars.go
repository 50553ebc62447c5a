package handlers

import (
	"context"
	"net/http"

	"greengate/instance"
)

func avatarMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "getAvatar", Verb: http.MethodPost, Rate: 10,
			Summary: "Get the picture of a person or a group",
			Example: `{"chatId":"{{chatId}}"}`,
			Answer: `{"urlAvatar":"https://pps.whatsapp.net/v/t61.24694-24/picture.jpg","base64Avatar":"/9j/4AAQ","available":true,` +
				`"existsWhatsapp":true}`,
		}, getAvatar),
		forInstance(Method{
			Name: "getAvatarAsync", Verb: http.MethodPost, Rate: 10, Works: "yes; archived",
			Summary: "Get the picture of a person or a group in a notification (archived by GREEN-API)",
			Example: `{"chatId":"{{chatId}}"}`,
		}, getAvatarAsync),
	}
}

// GetAvatarResponse has an empty URL when there is no picture, and available false when privacy hides it. Base64Avatar is the small
// picture itself, empty when it could not be fetched. ExistsWhatsapp is for clients of the older generations, and is there when it is
// known to be true (docs/api/service/GetAvatar).
type GetAvatarResponse struct {
	URLAvatar      string `json:"urlAvatar"`
	Base64Avatar   string `json:"base64Avatar"`
	Available      bool   `json:"available"`
	ExistsWhatsapp bool   `json:"existsWhatsapp,omitempty"`
}

func getAvatar(ctx context.Context, i *instance.Instance, chat Chat) (GetAvatarResponse, error) {
	jid, err := chat.jid(formatsOfChat)
	if err != nil {
		return GetAvatarResponse{}, err
	}
	avatar, err := i.Avatar(ctx, jid)
	return GetAvatarResponse{avatar.URL, avatar.Base64, !avatar.Hidden, avatar.URL != "" || avatar.Hidden}, err
}

func getAvatarAsync(_ context.Context, i *instance.Instance, chat Chat) (empty, error) {
	jid, err := chat.jid(formatsOfChat)
	if err != nil {
		return empty{}, err
	}
	return empty{}, i.AvatarLater(jid)
}
