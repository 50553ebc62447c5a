package sandbox

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	pictureURL     = "https://pps.whatsapp.net"
	picturePrefix  = "/v/t61.24694-24/"
	pictureURLLife = 14 * 24 * time.Hour // real addresses expire too; how soon is not known
)

// pictureHost serves the current profile pictures to everybody who was given an address.
type pictureHost struct {
	key    [32]byte          // signs addresses
	files  map[string][]byte // by path
	lastID int64
}

func newPictureHost() pictureHost {
	h := pictureHost{files: make(map[string][]byte)}
	_, _ = rand.Read(h.key[:])
	return h
}

// nextID gives a picture its id, which looks like a Unix time and is never given twice.
func (h *pictureHost) nextID(now time.Time) string {
	h.lastID = max(h.lastID+1, now.Unix())
	return strconv.FormatInt(h.lastID, 10)
}

func picturePath(p *picture, kind string) string {
	return picturePrefix + p.id + "_" + kind + ".jpg"
}

func (h *pictureHost) publish(p *picture) {
	h.files[picturePath(p, "image")] = p.full
	h.files[picturePath(p, "preview")] = p.preview
}

// withdraw ends the addresses of a picture; nil is allowed.
func (h *pictureHost) withdraw(p *picture) {
	if p != nil {
		delete(h.files, picturePath(p, "image"))
		delete(h.files, picturePath(p, "preview"))
	}
}

// sign makes an address that cannot be guessed and does not live for ever.
func (h *pictureHost) sign(path string, until time.Time) string {
	expiry := strconv.FormatInt(until.Unix(), 16)
	return fmt.Sprintf("%s?ccb=11-4&oh=%s&oe=%s", path, h.signature(path, expiry), expiry)
}

func (h *pictureHost) signature(path, expiry string) string {
	mac := hmac.New(sha256.New, h.key[:])
	mac.Write([]byte(path + "?" + expiry))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (h *pictureHost) valid(u *url.URL, now time.Time) bool {
	expiry := u.Query().Get("oe")
	until, err := strconv.ParseInt(expiry, 16, 64)
	return err == nil && now.Unix() <= until &&
		hmac.Equal([]byte(u.Query().Get("oh")), []byte(h.signature(u.Path, expiry)))
}

func (w *World) pictureBaseURL() string {
	return strings.TrimSuffix(cmp.Or(w.opts.PictureBaseURL, pictureURL), "/")
}

// PictureHandler serves the addresses of profile pictures, for mounting where Options.PictureBaseURL points to.
// Any web page may read them.
func (w *World) PictureHandler() http.Handler {
	return http.HandlerFunc(w.servePicture)
}

// servePicture answers 403 for an address that was made up or has expired and 404 for a picture replaced since.
func (w *World) servePicture(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	valid := w.pictures.valid(r.URL, w.now())
	data := w.pictures.files[r.URL.Path]
	w.mu.Unlock()
	out.Header().Set("Access-Control-Allow-Origin", "*")
	switch {
	case !valid:
		http.Error(out, "URL signature mismatch", http.StatusForbidden)
	case data == nil:
		http.NotFound(out, r)
	default:
		out.Header().Set("Content-Type", "image/jpeg")
		_, _ = out.Write(data)
	}
}
