package sandbox

import (
	"crypto/rand"
	"encoding/base32"

	waBinary "go.mau.fi/whatsmeow/binary"
)

func (w *World) addContactCodeRoutes() {
	w.router.iqs[iqRoute{"w:qr", "get", "qr"}] = resolveContactCode
	w.router.iqs[iqRoute{"w:qr", "set", "qr"}] = ownContactCode
}

// resolveContactCode finds whose https://wa.me/qr/ link a code is.
func resolveContactCode(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	code := attr(child(iq, "qr"), "code")
	for _, a := range s.w.accounts {
		if code != "" && a.contactCode == code {
			return []waBinary.Node{{Tag: "qr", Attrs: waBinary.Attrs{
				"jid":    a.pn,
				"notify": a.pushName,
				"type":   "contact",
			}}}, nil
		}
	}
	return nil, errItemNotFound
}

// ownContactCode gives an account its code; asking to revoke makes a new one.
func ownContactCode(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	me := s.device.account
	if me.contactCode == "" || attr(child(iq, "qr"), "action") == "revoke" {
		me.contactCode = shareCode(14)
	}
	return []waBinary.Node{{Tag: "qr", Attrs: waBinary.Attrs{"code": me.contactCode}}}, nil
}

// shareCode makes a code of n letters and digits for a link that people hand on.
func shareCode(n int) string {
	random := make([]byte, n)
	_, _ = rand.Read(random)
	return base32.StdEncoding.EncodeToString(random)[:n]
}
