package sandbox

import (
	"cmp"
	"net/http"
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
	files  map[string][]byte // by path
	lastID int64
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

// pictureAddress makes the path and query of a picture, which cannot be guessed and do not live for ever.
func (w *World) pictureAddress(p *picture, kind string) string {
	path := picturePath(p, kind)
	expiry, mac := w.signer.sign(path, w.now().Add(pictureURLLife))
	return path + "?ccb=11-4&oh=" + mac + "&oe=" + expiry
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
	out.Header().Set("Access-Control-Allow-Origin", "*")
	if w.mediaFault(out, "", "download picture") {
		return
	}
	query := r.URL.Query()
	w.mu.Lock()
	valid := w.signer.valid(r.URL.Path, query.Get("oe"), query.Get("oh"), w.now())
	data := w.pictures.files[r.URL.Path]
	w.mu.Unlock()
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
