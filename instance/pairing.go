package instance

import (
	"context"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const (
	pairingFor      = 3 * time.Minute // how long one call keeps the pairing connection up
	firstCodeLives  = 60 * time.Second
	codeLives       = 20 * time.Second
	codeWithin      = 25 * time.Second // how long a caller waits for the first code: a hanging handshake takes 20 s
	logoutWithin    = 10 * time.Second
	pairingName     = "Chrome (Linux)" // WhatsApp refuses names of another form
	passkeyReason   = "WhatsApp asks for a passkey to link this account; switch the passkey off on the phone or link with a code, then try again"
	noAnswerReason  = "WhatsApp gives no pairing code now; try again"
	loggedOutReason = "logged out through the API"
	offlineLogout   = "logged out while offline; remove the linked device on the phone too"
)

// pairing is an attempt to link an account. Guarded by Instance.mu.
type pairing struct {
	until   time.Time // keep the pairing connection up that long
	codes   []string
	shownAt time.Time
	passkey bool
	failure string // why the last attempt failed, for people
}

// show takes the codes of a connection; each is valid for a time, one after the other.
func (p *pairing) show(codes []string) {
	p.codes, p.shownAt = codes, time.Now()
}

func (p *pairing) clearCodes() { p.codes = nil }

// current returns the code to show now and when it ends; ok is false when there is none.
func (p *pairing) current(now time.Time) (code QRCode, ok bool) {
	end := p.shownAt
	for n, text := range p.codes {
		if n == 0 {
			end = end.Add(firstCodeLives)
		} else {
			end = end.Add(codeLives)
		}
		if now.Before(end) {
			return QRCode{Text: text, ExpiresAt: end}, true
		}
	}
	return QRCode{}, false
}

// QRCode is what a phone scans.
type QRCode struct {
	Text      string
	ExpiresAt time.Time
}

// QR returns the code to scan now, and keeps codes coming for some minutes. It waits for the first one. Kinds: AlreadyAuthorized,
// PasskeyRequired, Timeout.
func (i *Instance) QR(ctx context.Context) (QRCode, error) {
	ctx, cancel := context.WithTimeout(ctx, codeWithin)
	defer cancel()
	for {
		code, changed, err := i.pairingStep()
		if err != nil || code.Text != "" {
			return code, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return QRCode{}, fail(KindTimeout, noAnswerReason)
		}
	}
}

// pairingStep starts or prolongs the pairing connection and looks for a code.
func (i *Instance) pairingStep() (QRCode, <-chan struct{}, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case !i.deletedAt.IsZero():
		return QRCode{}, nil, fail(KindDeleted, "Instance is deleted")
	case !i.deviceJID.IsEmpty():
		return QRCode{}, nil, fail(KindAlreadyAuthorized, "instance account already authorized")
	case i.pairing.passkey:
		i.pairing.passkey = false // the next call tries again
		return QRCode{}, nil, fail(KindPasskeyRequired, i.pairing.failure)
	}
	now := time.Now()
	code, ok := i.pairing.current(now)
	i.pairing.until = now.Add(pairingFor)
	if !ok {
		i.link.held = false
		if i.link.phase == phaseOpen && len(i.pairing.codes) > 0 { // all have expired, and the server has not closed yet
			i.link.restart = true
		}
		select {
		case i.wake <- struct{}{}:
		default:
		}
	}
	return code, i.changed, nil
}

// PairCode returns the eight letters to type on the phone with that number (digits, international). Kinds: as QR, and Invalid for
// a number WhatsApp does not take.
func (i *Instance) PairCode(ctx context.Context, phone string) (string, error) {
	if _, err := i.QR(ctx); err != nil {
		return "", err
	}
	code, err := ask(ctx, i, codeWithin, func(ctx context.Context, client *whatsmeow.Client) (string, error) {
		return client.PairPhone(ctx, phone, true, whatsmeow.PairClientChrome, pairingName)
	})
	return strings.ReplaceAll(code, "-", ""), err
}

// paired notes a linked account; WhatsApp ends the connection now and lets us in on the next. The caller holds i.mu.
func (i *Instance) paired(client *whatsmeow.Client, jid types.JID) {
	i.deviceJID = jid
	i.setAccount(client.Store)
	i.pairing = pairing{}
	i.link.since = time.Now() // from here the time to be let in counts
	i.setStatus(Status{State: StateStarting, Reason: "linked; logging in"})
}

// pairingFailed notes why, for people, and makes the next call start afresh. The caller holds i.mu.
func (i *Instance) pairingFailed(reason string, err error) {
	i.log.Warn("pairing failed", "reason", reason, "error", err)
	i.pairing.failure = reason
	i.pairing.until = time.Time{}
	i.link.restart = true
	i.setStatus(Status{State: StateNotAuthorized, Reason: reason})
	if err := i.store.SetDevice(i.ctx, int64(i.ID), ""); err != nil {
		i.log.Error("device not forgotten", "error", err)
	}
}

// Logout unlinks the device at WhatsApp and deletes its keys; the account must be linked again afterwards. Without a connection the
// keys are deleted all the same, and the state's reason says what is left to do on the phone.
func (i *Instance) Logout(ctx context.Context) error {
	_, err := ask(ctx, i, logoutWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		return struct{}{}, client.Logout(ctx)
	})
	reason := loggedOutReason
	if err != nil {
		reason = offlineLogout
	}
	i.mu.Lock()
	jid, client := i.deviceJID, i.client
	if !jid.IsEmpty() {
		i.unpair(Status{State: StateNotAuthorized, Reason: reason})
	}
	i.mu.Unlock()
	if client != nil {
		client.Disconnect()
	}
	return i.deleteDevice(context.WithoutCancel(ctx), jid)
}

func (i *Instance) deleteDevice(ctx context.Context, jid types.JID) error {
	if jid.IsEmpty() {
		return nil
	}
	device, err := i.devices.GetDevice(ctx, jid)
	if err != nil || device == nil {
		return err
	}
	return device.Delete(ctx)
}
