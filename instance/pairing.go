package instance

import (
	"context"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"greengate/store"
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
	letters pairingLetters
	passkey bool
	failure string // why the last attempt failed, for people
}

// show takes the codes of a connection; each is valid for a time, one after the other.
func (p *pairing) show(codes []string) {
	p.codes, p.shownAt = codes, time.Now()
}

// clearCodes forgets what is valid on one connection only.
func (p *pairing) clearCodes() { p.codes, p.letters = nil, pairingLetters{} }

// pairingLetters are the ones to type on the phone that were given out last.
type pairingLetters struct {
	text, phone string
	issuedAt    time.Time
}

// current returns the code to show now; ok is false when there is none.
func (p *pairing) current(now time.Time) (code QRCode, ok bool) {
	start, lives := p.shownAt, firstCodeLives
	for _, text := range p.codes {
		end := start.Add(lives)
		if now.Before(end) {
			return QRCode{Text: text, ShownAt: start, ExpiresAt: end}, true
		}
		start, lives = end, codeLives
	}
	return QRCode{}, false
}

// QRCode is what a phone scans, from one moment to the other.
type QRCode struct {
	Text               string
	ShownAt, ExpiresAt time.Time
}

// ShownQR returns the code that QR would return without waiting; ok is false when there is none. It starts nothing.
func (i *Instance) ShownQR() (code QRCode, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.pairing.current(time.Now())
}

// RenewQR drops the codes, so that the next QR waits for a fresh one. A linked account is left alone.
func (i *Instance) RenewQR() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.pairing.codes) > 0 && i.deviceJID.IsEmpty() {
		i.pairing.clearCodes()
		i.link.restart = true
		i.notify()
	}
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
	code, err := query(ctx, i, codeWithin, false, func(ctx context.Context, client *whatsmeow.Client) (string, error) {
		return client.PairPhone(ctx, phone, true, whatsmeow.PairClientChrome, pairingName)
	})
	if err != nil {
		return "", err
	}
	code = strings.ReplaceAll(code, "-", "")
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pairing.letters = pairingLetters{code, phone, time.Now()}
	return code, nil
}

// LastPairCode returns what PairCode gave out last for a phone, and when; ok is false once the connection it was for has ended.
func (i *Instance) LastPairCode(phone string) (code string, issuedAt time.Time, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	l := i.pairing.letters
	return l.text, l.issuedAt, l.text != "" && l.phone == phone
}

// paired notes a linked account; WhatsApp ends the connection now and lets us in on the next. The caller holds i.mu.
func (i *Instance) paired(client *whatsmeow.Client, jid types.JID) {
	if i.deviceJID == jid {
		return
	}
	i.deviceJID = jid
	i.setAccount(client.Store)
	i.pairing = pairing{}
	i.joined.forget()
	if err := i.store.Update(i.ctx, func(tx *store.Tx) error { return tx.ForgetChats(int64(i.ID)) }); err != nil {
		i.log.Error("chats not forgotten", "error", err)
	}
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
