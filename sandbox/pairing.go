package sandbox

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waCompanionReg"
	"go.mau.fi/whatsmeow/proto/waWa6"
	"google.golang.org/protobuf/proto"
)

// A QR code is shown for firstRef, each one after it for nextRef; a connection gets refCount of them at once.
const (
	refCount = 6
	firstRef = 60 * time.Second
	nextRef  = 20 * time.Second
)

// pairing is a connection that waits for a phone to link it.
type pairing struct {
	session   *session
	noiseKey  [32]byte
	identity  [32]byte
	keys      keyBundle
	platform  string // the name the companion shows in the phone's list of devices
	started   time.Time
	refs      []string
	code      *codePairing
	linked    bool // a phone has accepted it
	stopTimer func()
}

var (
	errQRFormat  = errors.New("this is not a WhatsApp QR code")
	errQRUnknown = errors.New("the QR code belongs to no connected client")
	errQRExpired = errors.New("the QR code has expired")
	errQRKeys    = errors.New("the QR code does not match the client that is connected")
)

// beginPairing sends the references that the client shows as QR codes and ends the connection when the last one has expired.
func (s *session) beginPairing(h *hello) {
	p, err := newPairing(h)
	if err != nil {
		s.w.log.Warn("client sent an incomplete registration", "error", err)
		s.fail(400, nil)
		return
	}
	p.session, p.started, s.pairing = s, s.w.now(), p
	refs := make([]waBinary.Node, refCount)
	for i := range refs {
		ref := p.newRef()
		refs[i] = waBinary.Node{Tag: "ref", Content: []byte(ref)}
	}
	p.stopTimer = s.w.after(p.expiry(refCount-1).Sub(p.started), s.cut)
	s.query("md", waBinary.Node{Tag: "pair-device", Content: refs}, func(*waBinary.Node) {})
}

func newPairing(h *hello) (*pairing, error) {
	r := h.payload.GetDevicePairingData()
	if len(r.GetEIdent()) != 32 || len(r.GetERegid()) != 4 || len(r.GetESkeyID()) != 3 ||
		len(r.GetESkeyVal()) != 32 || len(r.GetESkeySig()) != 64 {
		return nil, errors.New("a key has the wrong length")
	}
	var props waCompanionReg.DeviceProps
	if err := proto.Unmarshal(r.GetDeviceProps(), &props); err != nil {
		return nil, err
	}
	return &pairing{
		noiseKey: h.clientKey,
		identity: [32]byte(r.GetEIdent()),
		keys:     registrationKeys(r),
		platform: props.GetOs(),
	}, nil
}

func registrationKeys(r *waWa6.ClientPayload_DevicePairingRegistrationData) keyBundle {
	return keyBundle{
		registrationID: binary.BigEndian.Uint32(r.GetERegid()),
		signedPreKey: preKey{
			id:        binary.BigEndian.Uint32(append([]byte{0}, r.GetESkeyID()...)),
			public:    [32]byte(r.GetESkeyVal()),
			signature: [64]byte(r.GetESkeySig()),
		},
	}
}

func (p *pairing) newRef() string {
	ref := "2@" + p.session.w.newID()
	p.refs = append(p.refs, ref)
	p.session.w.refs[ref] = p
	return ref
}

// expiry is when the reference with this index stops being valid.
func (p *pairing) expiry(index int) time.Time {
	return p.started.Add(firstRef + time.Duration(index)*nextRef)
}

func (p *pairing) end() {
	if p.stopTimer != nil {
		p.stopTimer()
	}
	for _, ref := range p.refs {
		delete(p.session.w.refs, ref)
	}
	p.endCode()
}

// qrCode is what a client writes into its QR code.
type qrCode struct {
	ref             string
	noise, identity [32]byte
	advSecret       []byte
}

// parseQR reads the fields of a QR code, alone or after the address that newer clients put before them.
func parseQR(text string) (*qrCode, error) {
	if _, fields, found := strings.Cut(text, "#"); found {
		text = fields
	}
	fields := strings.Split(strings.TrimSpace(text), ",")
	if len(fields) < 4 || len(fields) > 5 || fields[0] == "" {
		return nil, errQRFormat
	}
	var decoded [3][]byte
	for i := range decoded {
		field, err := base64.StdEncoding.DecodeString(fields[i+1])
		if err != nil || len(field) != 32 {
			return nil, errQRFormat
		}
		decoded[i] = field
	}
	return &qrCode{ref: fields[0], noise: [32]byte(decoded[0]), identity: [32]byte(decoded[1]), advSecret: decoded[2]}, nil
}

// ScanQR links the client that shows a QR code; text is the code's content. It returns when the network has told the client, which
// then reconnects as one of the account's devices. A phone that requires a passkey asks the client for it first.
func (p *Phone) ScanQR(text string) error {
	code, err := parseQR(text)
	if err != nil {
		return err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	pr := p.w.refs[code.ref]
	if pr == nil {
		return errQRUnknown
	}
	index := slices.Index(pr.refs, code.ref)
	switch {
	case index < 0 || !p.w.now().Before(pr.expiry(index)):
		return errQRExpired
	case code.noise != pr.noiseKey || code.identity != pr.identity:
		return errQRKeys
	case p.passkeyRequired:
		p.requestPasskey(pr)
		return nil
	}
	return p.link(pr, code.advSecret)
}
