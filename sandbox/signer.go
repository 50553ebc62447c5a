package sandbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

// signer vouches for texts that go out into the world and come back, until a time.
type signer struct{ key [32]byte }

func newSigner() signer {
	var s signer
	_, _ = rand.Read(s.key[:])
	return s
}

// sign returns the expiry and the signature to send along.
func (s *signer) sign(text string, until time.Time) (expiry, mac string) {
	expiry = strconv.FormatInt(until.Unix(), 16)
	return expiry, s.mac(text, expiry)
}

func (s *signer) mac(text, expiry string) string {
	h := hmac.New(sha256.New, s.key[:])
	h.Write([]byte(text + "?" + expiry))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (s *signer) valid(text, expiry, mac string, now time.Time) bool {
	until, err := strconv.ParseInt(expiry, 16, 64)
	return err == nil && now.Unix() <= until && hmac.Equal([]byte(mac), []byte(s.mac(text, expiry)))
}
