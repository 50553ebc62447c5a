package instance

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.mau.fi/whatsmeow/types"

	"greengate/store"
)

const (
	pictureHost     = "https://pps.whatsapp.net"
	maxPreviewBytes = 1 << 20
)

// Avatar is somebody's picture as far as the account may see it.
type Avatar struct {
	URL    string // empty when there is none to see
	Base64 string // of the small preview, empty when it could not be fetched
	Hidden bool   // privacy hides it
}

// Avatar looks up the picture of a person or a group. No picture, a hidden one and a number without WhatsApp are answers, not
// errors.
func (i *Instance) Avatar(ctx context.Context, jid types.JID) (Avatar, error) {
	picture, err := i.Picture(ctx, jid, PictureQuery{})
	if err == nil {
		return Avatar{URL: picture.URL, Base64: i.preview(ctx, jid).Base64}, nil
	}
	switch AsError(err).Kind {
	case KindNotFound:
		return Avatar{}, nil
	case KindForbidden:
		return Avatar{Hidden: true}, nil
	default:
		return Avatar{}, err
	}
}

// OwnAvatar looks up the account's own small picture with its bytes; it is empty while none is set or WhatsApp does not answer.
func (i *Instance) OwnAvatar(ctx context.Context) Avatar { return i.preview(ctx, i.self()) }

func (i *Instance) preview(ctx context.Context, jid types.JID) Avatar {
	picture, err := i.Picture(ctx, jid, PictureQuery{Preview: true})
	if err != nil {
		return Avatar{}
	}
	data, err := i.download(ctx, picture.DirectPath)
	if err != nil {
		i.log.Warn("preview not fetched", "error", err)
	}
	return Avatar{URL: picture.URL, Base64: base64.StdEncoding.EncodeToString(data)}
}

// download fetches a small picture from WhatsApp's picture host.
func (i *Instance) download(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, contactWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, pictureHost+path, nil)
	if err != nil {
		return nil, err
	}
	client := i.httpClient()
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("picture host: %s", response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxPreviewBytes))
}

// avatarHook is the archived notification of a picture. Its type is really that of another one
// (docs/api/receiving/notifications-format/AvatarInfo).
type avatarHook struct {
	TypeWebhook  string       `json:"typeWebhook"`
	InstanceData instanceData `json:"instanceData"`
	Timestamp    int64        `json:"timestamp"`
	AvatarInfo   avatarInfo   `json:"avatarInfo"`
}

type avatarInfo struct {
	ChatID         ChatID `json:"chatId"`
	ExistsWhatsapp bool   `json:"existsWhatsapp"`
	URLAvatar      string `json:"urlAvatar"`
	Reason         string `json:"reason,omitempty"`
}

// AvatarLater looks a picture up in the background and tells of it in a notification, whatever the settings are: it was asked for.
func (i *Instance) AvatarLater(jid types.JID) error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	i.background(func(ctx context.Context) {
		body, err := json.Marshal(avatarHook{"deviceInfo", i.instanceData(), time.Now().Unix(), i.avatarInfo(ctx, jid)})
		if err == nil {
			err = i.store.Update(ctx, func(tx *store.Tx) error { return i.notifyUser(tx, string(body)) })
		}
		if err != nil {
			i.log.Error("picture not told", "error", err)
			return
		}
		i.kickNotifications()
	})
	return nil
}

func (i *Instance) avatarInfo(ctx context.Context, jid types.JID) avatarInfo {
	info := avatarInfo{ChatID: i.chatOf(ctx, jid)}
	avatar, err := i.Avatar(ctx, jid)
	info.URLAvatar, info.ExistsWhatsapp = avatar.URL, avatar.URL != "" || avatar.Hidden || jid.Server == types.GroupServer
	if err == nil && !info.ExistsWhatsapp {
		var check WhatsAppCheck
		check, err = i.CheckWhatsApp(ctx, jid)
		info.ExistsWhatsapp = check.Exists
	}
	switch {
	case err == nil:
	case AsError(err).Kind == KindTimeout:
		info.Reason = "get avatar timeout limit exceeded"
	default:
		info.Reason = "bad request data"
	}
	return info
}
