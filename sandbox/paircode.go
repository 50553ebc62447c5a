package sandbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/util/keys"
	"golang.org/x/crypto/curve25519"
)

// codePairing is a client that shows a code of eight characters, to be typed into the phone.
type codePairing struct {
	phone     *Phone
	ref       string
	display   string // the client's name for itself, such as "Chrome (Linux)"
	notify    bool   // the phone shows that a client waits
	wrapped   []byte // the client's ephemeral key, encrypted with the code
	ephemeral *keys.KeyPair
	shared    []byte     // from both ephemeral keys, once a code was entered
	entered   chan error // how the entered code turned out
}

var (
	errNoCode    = errors.New("no client waits for a code of this phone")
	errWrongCode = errors.New("the code is wrong")
	errNoAnswer  = errors.New("the client did not answer")
)

// codeIterations is the cost of deriving a key from a code.
const codeIterations = 2 << 16

// clientDisplay is how a client must write its name: a known browser, and a system in parentheses.
var clientDisplay = regexp.MustCompile(`^(Chrome|Edge|Firefox|IE|Opera|Safari|Electron|Android|Other) \((Windows|Mac OS|macOS|Linux|Ubuntu|Android|iOS|Chrome OS|Chromium OS)\)$`)

func (w *World) addPairCodeRoutes() {
	w.router.pairingIQs[iqRoute{"md", "set", "link_code_companion_reg"}] = linkCode
}

func linkCode(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	reg := child(iq, "link_code_companion_reg")
	switch attr(reg, "stage") {
	case "companion_hello":
		return s.codeHello(reg)
	case "companion_finish":
		return nil, s.codeFinish(reg)
	}
	return nil, errBadRequest
}

// codeHello notes that a client waits for a phone's code.
func (s *session) codeHello(reg *waBinary.Node) ([]waBinary.Node, error) {
	display := textOf(child(reg, "companion_platform_display"))
	wrapped := childBytes(reg, "link_code_pairing_wrapped_companion_ephemeral_pub")
	if !clientDisplay.MatchString(display) || len(wrapped) != 80 {
		return nil, errBadRequest
	}
	a := s.w.account(attrJID(reg, "jid"))
	if a == nil {
		return nil, errItemNotFound
	}
	s.pairing.endCode()
	s.pairing.code = &codePairing{
		phone:   a.phone,
		ref:     s.pairing.newRef(),
		display: display,
		notify:  attr(reg, "should_show_push_notification") == "true",
		wrapped: wrapped,
		entered: make(chan error, 1),
	}
	a.phone.waiting = append(a.phone.waiting, s.pairing)
	return []waBinary.Node{{Tag: "link_code_companion_reg", Attrs: waBinary.Attrs{"stage": "companion_hello"}, Content: []waBinary.Node{
		{Tag: "link_code_pairing_ref", Content: []byte(s.pairing.code.ref)},
	}}}, nil
}

func (p *pairing) endCode() {
	if p.code == nil {
		return
	}
	phone := p.code.phone
	phone.waiting = slices.DeleteFunc(phone.waiting, func(w *pairing) bool { return w == p })
	p.code = nil
}

// PendingCodes names the clients whose waiting for a code this phone shows as a notification.
func (p *Phone) PendingCodes() []string {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var names []string
	for _, pr := range p.waiting {
		if pr.code.notify {
			names = append(names, pr.code.display)
		}
	}
	return names
}

// EnterCode links the client that shows a code, as "ABCD-EFGH" or without the dash. It returns when the client has proven to know
// the same code, or after 30 s; the client then reconnects as one of the account's devices. Of several clients that wait,
// the last one is meant.
func (p *Phone) EnterCode(code string) error {
	entered, gone, err := p.offerCode(strings.ToUpper(strings.ReplaceAll(code, "-", "")))
	if err != nil {
		return err
	}
	select {
	case err := <-entered:
		return err
	case <-time.After(30 * time.Second):
	case <-gone:
	}
	select {
	case err := <-entered: // a client that was linked goes, too
		return err
	default:
		return errNoAnswer
	}
}

// offerCode answers the waiting client with the phone's ephemeral key, encrypted with the code. It returns where the outcome will
// come and what is closed if the client goes.
func (p *Phone) offerCode(code string) (entered <-chan error, gone <-chan struct{}, err error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if len(p.waiting) == 0 {
		return nil, nil, errNoCode
	}
	pr := p.waiting[len(p.waiting)-1]
	c := pr.code
	companion, err := cryptWithCode(code, c.wrapped[:32], c.wrapped[32:48], c.wrapped[48:])
	if err != nil {
		return nil, nil, err
	}
	c.ephemeral = keys.NewKeyPair()
	if c.shared, err = curve25519.X25519(c.ephemeral.Priv[:], companion); err != nil {
		return nil, nil, errWrongCode
	}
	saltIV := make([]byte, 48)
	_, _ = rand.Read(saltIV)
	sealed, err := cryptWithCode(code, saltIV[:32], saltIV[32:], c.ephemeral.Pub[:])
	if err != nil {
		return nil, nil, err
	}
	pr.session.send(p.w.serverNotification("link_code_companion_reg", waBinary.Node{
		Tag: "link_code_companion_reg", Attrs: waBinary.Attrs{"stage": "primary_hello"},
		Content: []waBinary.Node{
			{Tag: "link_code_pairing_ref", Content: []byte(c.ref)},
			{Tag: "link_code_pairing_wrapped_primary_ephemeral_pub", Content: slices.Concat(saltIV, sealed)},
			{Tag: "primary_identity_pub", Content: p.identity.Pub[:]},
		},
	}))
	return c.entered, pr.session.done, nil
}

// cryptWithCode encrypts or decrypts, which is the same, with a key derived from a code.
func cryptWithCode(code string, salt, iv, data []byte) ([]byte, error) {
	key, err := pbkdf2.Key(sha256.New, code, salt, codeIterations, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(data))
	cipher.NewCTR(block, iv).XORKeyStream(out, data)
	return out, nil
}

// codeFinish takes the client's keys, which it can have encrypted so only if both sides used the same code.
func (s *session) codeFinish(reg *waBinary.Node) error {
	c := s.pairing.code
	if c == nil || c.shared == nil || string(childBytes(reg, "link_code_pairing_ref")) != c.ref {
		return errBadRequest
	}
	advSecret, err := c.openBundle(childBytes(reg, "link_code_pairing_wrapped_key_bundle"), s.pairing.identity)
	if err == nil {
		phone := c.phone
		s.w.after(0, func() { c.report(phone.link(s.pairing, advSecret)) })
		return nil
	}
	c.report(err)
	return errNotAuthorized
}

func (c *codePairing) report(err error) {
	select {
	case c.entered <- err:
	default:
	}
}

// openBundle opens salt, nonce and the sealed identities and random bytes, and derives the secret that signs the link.
func (c *codePairing) openBundle(bundle []byte, identity [32]byte) ([]byte, error) {
	if len(bundle) < 44 {
		return nil, errBadRequest
	}
	key, err := hkdf.Key(sha256.New, c.shared, bundle[:32], "link_code_pairing_key_bundle_encryption_key", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, bundle[32:44], bundle[44:], nil)
	if err != nil || len(plain) != 96 || [32]byte(plain[:32]) != identity || [32]byte(plain[32:64]) != *c.phone.identity.Pub {
		return nil, errWrongCode
	}
	identityShared, err := curve25519.X25519(c.phone.identity.Priv[:], identity[:])
	if err != nil {
		return nil, errWrongCode
	}
	return hkdf.Key(sha256.New, slices.Concat(c.shared, identityShared, plain[64:]), nil, "adv_secret", 32)
}
