package sandbox

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mau.fi/libsignal/ecc"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

const maxCompanions = 4 // per account

var (
	errAlreadyLinked = errors.New("the client is being linked already")
	errTooMany       = errors.New("the account has as many linked devices as it may have")
	errBanned        = errors.New("the account is banned")
	errNoDevice      = errors.New("the account has no such device")
)

// The first bytes of what the account and the device sign.
var (
	accountSignature = []byte{6, 0}
	deviceSignature  = []byte{6, 1}
)

// Device is a linked companion as the phone lists it.
type Device struct {
	ID       uint16
	JID      types.JID // with the device number
	Platform string    // what the client calls its system
	LinkedAt time.Time
	Online   bool
}

// Devices lists the linked companions by id.
func (p *Phone) Devices() []Device {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var list []Device
	for _, d := range p.account.sortedDevices() {
		list = append(list, Device{ID: d.id, JID: d.jid, Platform: d.platform, LinkedAt: d.linkedAt, Online: d.session != nil})
	}
	return list
}

func (a *account) sortedDevices() []*device {
	return slices.SortedFunc(maps.Values(a.devices), func(x, y *device) int { return cmp.Compare(x.id, y.id) })
}

// link signs a client in as a new device of the account. advSecret is what only the client and the phone know.
func (p *Phone) link(pr *pairing, advSecret []byte) error {
	switch {
	case pr.linked:
		return errAlreadyLinked
	case p.account.banned:
		return errBanned
	case len(p.account.devices) >= maxCompanions:
		return errTooMany
	}
	d := p.newDevice(pr)
	signed, err := p.signDevice(d)
	if err != nil {
		return fmt.Errorf("sign device identity: %w", err)
	}
	container, err := sealDevice(signed, advSecret)
	if err != nil {
		return fmt.Errorf("seal device identity: %w", err)
	}
	pr.linked = true
	pr.session.query("md", waBinary.Node{Tag: "pair-success", Content: []waBinary.Node{
		{Tag: "device-identity", Content: container},
		{Tag: "device", Attrs: waBinary.Attrs{"jid": d.jid, "lid": d.lid}},
		{Tag: "platform", Attrs: waBinary.Attrs{"name": "android"}},
	}}, func(answer *waBinary.Node) { pr.session.finishPairing(d, signed, answer) })
	return nil
}

func (p *Phone) newDevice(pr *pairing) *device {
	p.lastDevice++
	d := &device{
		account:  p.account,
		id:       p.lastDevice,
		jid:      p.account.pn,
		lid:      p.account.lid,
		noiseKey: pr.noiseKey,
		identity: pr.identity,
		keys:     pr.keys,
		platform: pr.platform,
		linkedAt: p.w.now(),
	}
	d.jid.Device, d.lid.Device = d.id, d.id
	return d
}

func (p *Phone) signDevice(d *device) (*waAdv.ADVSignedDeviceIdentity, error) {
	details, err := proto.Marshal(&waAdv.ADVDeviceIdentity{
		RawID:     proto.Uint32(uint32(d.id)),
		Timestamp: proto.Uint64(uint64(d.linkedAt.Unix())),
		KeyIndex:  proto.Uint32(uint32(d.id)),
	})
	if err != nil {
		return nil, err
	}
	signature := ecc.CalculateSignature(ecc.NewDjbECPrivateKey(*p.identity.Priv), slices.Concat(accountSignature, details, d.identity[:]))
	return &waAdv.ADVSignedDeviceIdentity{
		Details:             details,
		AccountSignatureKey: p.identity.Pub[:],
		AccountSignature:    signature[:],
	}, nil
}

func sealDevice(signed *waAdv.ADVSignedDeviceIdentity, advSecret []byte) ([]byte, error) {
	details, err := proto.Marshal(signed)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, advSecret)
	mac.Write(details)
	return proto.Marshal(&waAdv.ADVSignedDeviceIdentityHMAC{Details: details, HMAC: mac.Sum(nil)})
}

// finishPairing takes the client's signature and sends it away to log in. The client closes the connection itself: if the network did,
// the client might see the end of the connection before the reason and never come back.
func (s *session) finishPairing(d *device, signed *waAdv.ADVSignedDeviceIdentity, answer *waBinary.Node) {
	if err := checkDeviceSignature(d, signed, answer); err != nil {
		s.w.log.Warn("pairing refused", "error", err)
		s.w.after(grace, s.cut)
		return
	}
	d.account.devices[d.id] = d
	for _, f := range s.w.router.onLinked {
		f(d)
	}
	if s.w.fault(FaultPairingDrop, d.account, "") == nil {
		s.streamError(515)
	}
	s.w.after(30*time.Second, s.cut)
}

func checkDeviceSignature(d *device, signed *waAdv.ADVSignedDeviceIdentity, answer *waBinary.Node) error {
	if attr(answer, "type") != "result" {
		return fmt.Errorf("client refused: %s", describe(answer))
	}
	var returned waAdv.ADVSignedDeviceIdentity
	if err := proto.Unmarshal(childBytes(answer, "pair-device-sign", "device-identity"), &returned); err != nil {
		return fmt.Errorf("decode device identity: %w", err)
	}
	if len(returned.GetDeviceSignature()) != 64 {
		return errors.New("the device has not signed")
	}
	message := slices.Concat(deviceSignature, signed.Details, d.identity[:], signed.AccountSignatureKey)
	if !ecc.VerifySignature(ecc.NewDjbECPublicKey(d.identity), message, [64]byte(returned.DeviceSignature)) {
		return errors.New("the device's signature is wrong")
	}
	return nil
}

// Unlink logs a linked device out, as a person does in the phone's list of devices.
func (p *Phone) Unlink(id uint16) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	d := p.account.devices[id]
	if d == nil {
		return errNoDevice
	}
	p.w.unlink(d)
	return nil
}

// UnlinkAll logs every linked device out.
func (p *Phone) UnlinkAll() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	for _, d := range p.account.sortedDevices() {
		p.w.unlink(d)
	}
}
