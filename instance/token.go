package instance

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"log/slog"
)

// Token is a secret of the API: an instance's token or the partner token. It prints as [redacted].
type Token string

const tokenLength = 50 // hex digits, as GREEN-API's tokens have

// String hides the token from logs and errors.
func (Token) String() string { return "[redacted]" }

// GoString hides the token from %#v.
func (Token) GoString() string { return "[redacted]" }

// LogValue hides the token from slog.
func (Token) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Equal compares in constant time; an empty token equals nothing.
func (t Token) Equal(other Token) bool {
	a, b := t.hash(), other.hash()
	return subtle.ConstantTimeCompare(a, b) == 1 && t != ""
}

func (t Token) hash() []byte {
	sum := sha256.Sum256([]byte(t))
	return sum[:]
}

func (t Token) matches(hash []byte) bool { return subtle.ConstantTimeCompare(t.hash(), hash) == 1 }

// deriveToken makes an instance's token out of the partner token and a random salt. Only its hash and the salt are stored, and yet
// whoever holds the partner token can be shown it again, as GREEN-API's getInstances does.
func deriveToken(partner Token, salt []byte) Token {
	mac := hmac.New(sha256.New, []byte(partner))
	mac.Write(salt)
	return Token(hex.EncodeToString(mac.Sum(nil))[:tokenLength])
}

// newToken issues a token. Without a partner token the key is random and forgotten, so the token is shown this once only.
func newToken(partner Token) (token Token, salt []byte) {
	salt = make([]byte, 16)
	rand.Read(salt) // never fails: crypto/rand ends the process instead
	if partner == "" {
		partner = Token(rand.Text())
	}
	return deriveToken(partner, salt), salt
}
