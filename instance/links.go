package instance

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"time"

	"greengate/store"
)

// FileLife is how long an uploaded file is kept and a download link works, as long as at GREEN-API.
const FileLife = 15 * 24 * time.Hour

// Link names the file of one message for whoever holds it, until it expires.
type Link struct {
	ID      ID
	ChatID  ChatID
	Message MessageID
	Expires int64 // Unix seconds
	MAC     string
}

// downloadURL is a link to the file of a stored message. It ends in the file's name, since clients look at that.
func (i *Instance) downloadURL(m store.Message, name string) string {
	l := Link{ID: i.ID, ChatID: ChatID(m.ChatID), Message: m.ID, Expires: time.Now().Add(FileLife).Unix()}
	mac, err := i.sign(l)
	if err != nil {
		i.log.Error("link not signed", "error", err)
		return ""
	}
	return fmt.Sprintf("%s/download/%d/%s/%s/%s?expires=%d&signature=%s",
		i.publicURL, i.ID, url.PathEscape(m.ChatID), url.PathEscape(m.ID), url.PathEscape(name), l.Expires, mac)
}

func (s *shared) sign(l Link) (string, error) {
	key, err := s.linkKey()
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%d\n%s\n%s\n%d", l.ID, l.ChatID, l.Message, l.Expires) // a hash takes everything
	return hex.EncodeToString(mac.Sum(nil)[:16]), nil
}

// loadLinkKey reads the key of links, which is the same after every restart.
func (s *shared) loadLinkKey() ([]byte, error) {
	return s.store.Secret(context.WithoutCancel(s.ctx), "links")
}

// fileName makes a name for a file that came without one, out of its message's id and its type.
func fileName(id MessageID, mimeType string) string {
	media, _, _ := strings.Cut(mimeType, ";")
	if known, ok := extensions[strings.TrimSpace(media)]; ok {
		return id + known
	}
	if all, err := mime.ExtensionsByType(media); err == nil && len(all) > 0 {
		return id + all[0]
	}
	return id + ".bin"
}

// extensions are those of the types that WhatsApp sends, where the system's list has none or an odd one first.
var extensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "video/mp4": ".mp4", "video/3gpp": ".3gp",
	"audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/aac": ".aac", "audio/amr": ".amr", "application/pdf": ".pdf",
}
