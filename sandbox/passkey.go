package sandbox

import (
	waBinary "go.mau.fi/whatsmeow/binary"
)

// passkeyPairing is a client whose phone wants a passkey before it links.
type passkeyPairing struct {
	phone *Phone
}

// RequirePasskey makes the phone ask every client that it scans for a passkey instead of linking it at once.
func (p *Phone) RequirePasskey(required bool) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.passkeyRequired = required
}

func (p *Phone) requestPasskey(pr *pairing) error {
	pr.passkey = &passkeyPairing{phone: p}
	pr.session.send(p.w.serverNotification("passkey_prologue_request", waBinary.Node{
		Tag:     "passkey_request_options",
		Content: []byte(`{"challenge":"c2FuZGJveCBwYXNza2V5IGNoYWxsZW5nZQ","timeout":60000,"rpId":"whatsapp.com","allowCredentials":[],"userVerification":"required","extensions":{}}`),
	}))
	return nil
}
