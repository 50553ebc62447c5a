package sandbox

import (
	waBinary "go.mau.fi/whatsmeow/binary"
)

// passkeyOptions is what a phone asks a client's authenticator for.
const passkeyOptions = `{"challenge":"c2FuZGJveCBwYXNza2V5IGNoYWxsZW5nZQ","timeout":60000,"rpId":"whatsapp.com",` +
	`"allowCredentials":[],"userVerification":"required","extensions":{}}`

// RequirePasskey makes the phone ask every client that it scans for a passkey instead of linking it. The network takes no answer to
// that: such a client stays unlinked.
func (p *Phone) RequirePasskey(required bool) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.passkeyRequired = required
}

func (p *Phone) requestPasskey(pr *pairing) {
	pr.session.send(p.w.serverNotification("passkey_prologue_request", waBinary.Node{
		Tag: "passkey_request_options", Content: []byte(passkeyOptions),
	}))
}
