package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
)

const (
	mediaHostname = "mmg.whatsapp.net"
	mediaPrefix   = "/v/t62.7118-24/"
	mediaConnLife = time.Hour
	mediaAuthLife = 6 * time.Hour

	maxUpload = 100 << 20
	maxMedia  = 1 << 30 // all files together; the oldest make room
)

// mediaHost keeps uploaded files, which are encrypted by the clients, in memory.
type mediaHost struct {
	files map[string][]byte // by path
	lost  map[string]bool   // paths that answer no more, though phones still have the files
	moved map[string]string // the path at which a file was last stored again, by the id of its message
	order []string          // paths, oldest first
	size  int
	limit int // of size
}

func newMediaHost() mediaHost {
	return mediaHost{files: make(map[string][]byte), lost: make(map[string]bool), moved: make(map[string]string), limit: maxMedia}
}

func (w *World) addMediaRoutes() {
	w.router.iqs[iqRoute{"w:m", "set", "media_conn"}] = mediaConn
	w.mux.HandleFunc("POST /mms/{type}/{token}", w.authorized("upload", w.upload))
	w.mux.HandleFunc("POST /newsletter/{type}/{token}", w.authorized("upload", w.upload))
	w.mux.HandleFunc("DELETE /mms/{type}/{token}", w.authorized("delete", w.deleteUpload))
	w.mux.HandleFunc("GET "+mediaPrefix, w.download)
}

// mediaConn tells a client where to upload, and with what proof that it may.
func mediaConn(s *session, _ *waBinary.Node) ([]waBinary.Node, error) {
	number := s.device.account.pn.User
	expiry, mac := s.w.signer.sign(number, s.w.now().Add(mediaAuthLife))
	return []waBinary.Node{{
		Tag: "media_conn",
		Attrs: waBinary.Attrs{
			"auth":        number + "." + expiry + "." + mac,
			"ttl":         strconv.Itoa(int(mediaConnLife.Seconds())),
			"auth_ttl":    strconv.Itoa(int(mediaAuthLife.Seconds())),
			"max_buckets": "12",
		},
		Content: []waBinary.Node{{Tag: "host", Attrs: waBinary.Attrs{"hostname": mediaHostname, "type": "primary"}}},
	}}, nil
}

// authorized lets those through who show what mediaConn gave them, unless a fault stands in the way.
func (w *World) authorized(direction string, next http.HandlerFunc) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		auth := strings.SplitN(r.URL.Query().Get("auth"), ".", 3)
		if len(auth) != 3 || !w.signer.valid(auth[0], auth[1], auth[2], w.now()) {
			http.Error(out, "unauthorized", http.StatusUnauthorized)
			return
		}
		if !w.mediaFault(out, auth[0], direction+" "+r.PathValue("type")) {
			next(out, r)
		}
	}
}

// mediaFault answers a request as a fault wants it, if there is one; number is empty when nobody is known.
func (w *World) mediaFault(out http.ResponseWriter, number, key string) bool {
	w.mu.Lock()
	f := w.fault(FaultMediaError, w.accounts[number], key)
	w.mu.Unlock()
	if f == nil {
		return false
	}
	http.Error(out, f.Text, f.code(http.StatusServiceUnavailable))
	return true
}

// upload takes a file whose hash is the token in its address.
func (w *World) upload(out http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(out, r.Body, maxUpload))
	if err != nil {
		status := http.StatusBadRequest
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(out, "the file could not be read", status)
		return
	}
	if mediaToken(data) != r.PathValue("token") {
		http.Error(out, "hash mismatch", http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	path := w.storeMedia(data)
	w.mu.Unlock()
	out.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(out).Encode(map[string]string{
		"url":         "https://" + mediaHostname + path,
		"direct_path": path,
		"handle":      r.PathValue("token"),
		"object_id":   r.PathValue("token"),
	})
}

func mediaToken(data []byte) string {
	hash := sha256.Sum256(data)
	return base64.URLEncoding.EncodeToString(hash[:])
}

// storeMedia keeps an encrypted file and returns its direct path, which is new each time and ends in a query because clients append
// to it with "&".
func (w *World) storeMedia(data []byte) string {
	path := mediaPrefix + w.newID() + "_n.enc"
	w.media.add(path, data)
	return path + "?ccb=11-4&_nc_sid=5e03e0"
}

// mediaPath cuts a direct path down to the name of its file.
func mediaPath(directPath string) string {
	path, _, _ := strings.Cut(directPath, "?")
	return path
}

func (h *mediaHost) add(path string, data []byte) {
	h.files[path] = data
	h.order = append(h.order, path)
	h.size += len(data)
	for h.size > h.limit {
		h.remove(h.order[0])
	}
}

func (h *mediaHost) remove(path string) {
	h.size -= len(h.files[path])
	delete(h.files, path)
	delete(h.lost, path)
	h.order = slices.DeleteFunc(h.order, func(p string) bool { return p == path })
}

// get returns the file at a direct path; nil if it is not there any more.
func (h *mediaHost) get(directPath string) []byte {
	path := mediaPath(directPath)
	if h.lost[path] {
		return nil
	}
	return h.files[path]
}

// download answers 404 for a file that was never uploaded, or no longer there.
func (w *World) download(out http.ResponseWriter, r *http.Request) {
	if w.mediaFault(out, "", "download "+r.URL.Query().Get("mms-type")) {
		return
	}
	w.mu.Lock()
	data := w.media.get(r.URL.Path)
	w.mu.Unlock()
	if data == nil {
		http.NotFound(out, r)
		return
	}
	out.Header().Set("Content-Type", "application/octet-stream")
	_, _ = out.Write(data)
}

// deleteUpload removes a file that a client is done with, such as a piece of history.
func (w *World) deleteUpload(out http.ResponseWriter, r *http.Request) {
	path, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("d_md"))
	if err != nil {
		http.Error(out, "malformed path", http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	w.media.remove(string(path))
	w.mu.Unlock()
}
