package gowa

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"
	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

const (
	qrImagePath = "/statics/qrcode/"
	qrSide      = 512 // pixels
)

func (s *server) login(c *call, _ none) (Login, error) {
	code, err := c.device.QR(c.Context())
	if err != nil {
		return Login{}, err
	}
	base := s.config.PublicURL
	if base == "" {
		base = "http://" + c.Host
	}
	return Login{
		DeviceID:   deviceID(c.device),
		QRDuration: int(math.Ceil(time.Until(code.ExpiresAt).Seconds())),
		QRLink:     base + s.config.Prefix + s.qrLink(c.device.ID, code.ExpiresAt),
	}, nil
}

// qrLink is the path of the image. Browsers fetch it without credentials, so it carries a proof of its own, in the query, which no log
// shows; nothing has to be kept until it ends.
func (s *server) qrLink(id instance.ID, until time.Time) string {
	name, end := strconv.FormatInt(int64(id), 10), strconv.FormatInt(until.Unix(), 10)
	return qrImagePath + name + ".png?" + url.Values{"until": {end}, "proof": {s.proof(name, end)}}.Encode()
}

func (s *server) proof(name, until string) string {
	mac := hmac.New(sha256.New, s.linkKey)
	mac.Write([]byte(name + "/" + until))
	return hex.EncodeToString(mac.Sum(nil))
}

// qrImage serves the present code of the device as PNG while a link to it lasts.
func (s *server) qrImage(w http.ResponseWriter, r *http.Request) {
	name, until := strings.TrimSuffix(r.PathValue("image"), ".png"), r.URL.Query().Get("until")
	proven := hmac.Equal([]byte(s.proof(name, until)), []byte(r.URL.Query().Get("proof")))
	end, _ := strconv.ParseInt(until, 10, 64)
	id, _ := strconv.ParseInt(name, 10, 64)
	i, err := s.manager.Instance(instance.ID(id))
	if err != nil || !proven || !time.Now().Before(time.Unix(end, 0)) {
		s.writeError(w, r, errNoSuchPage(r))
		return
	}
	code, err := i.QR(r.Context())
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	png, err := qrcode.Encode(code.Text, qrcode.Medium, qrSide)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(png)
}

func loginWithCode(c *call, q PhoneQuery) (LoginCode, error) {
	jid, err := parseJID(q.Phone)
	if err == nil && jid.Server != types.DefaultUserServer {
		err = errInvalidJID
	}
	if err != nil {
		return LoginCode{}, err
	}
	code, err := c.device.PairCode(c.Context(), jid.User)
	if err != nil {
		return LoginCode{}, err
	}
	return LoginCode{deviceID(c.device), code[:len(code)/2] + "-" + code[len(code)/2:]}, nil
}
