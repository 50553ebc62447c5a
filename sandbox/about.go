package sandbox

import (
	"strconv"
	"time"
	"unicode/utf8"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// maxAbout is how many characters the official apps let people type.
const maxAbout = 139

func (w *World) addAboutRoutes() {
	w.router.iqs[iqRoute{"status", "set", "status"}] = setAbout
	w.router.iqs[iqRoute{"status", "get", "privacy"}] = getStatusPrivacy
	w.router.iqs[iqRoute{"disappearing_mode", "set", "disappearing_mode"}] = setDisappearingMode
}

func setAbout(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	return nil, s.w.changeAbout(s.device.account, string(childBytes(iq, "status")))
}

// changeAbout sets the text under somebody's name and tells everybody who may see it.
func (w *World) changeAbout(a *account, text string) error {
	if utf8.RuneCountInString(text) > maxAbout {
		return errNotAcceptable
	}
	a.about, a.aboutSet = text, w.now()
	w.notifyContacts(a, "status", w.notification("status", a.pn, waBinary.Node{Tag: "set", Content: []byte(text)}))
	return nil
}

// setDisappearingMode sets the timer with which new chats begin.
func setDisappearingMode(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	seconds, err := strconv.ParseUint(attr(child(iq, "disappearing_mode"), "duration"), 10, 32)
	if err != nil {
		return nil, errBadRequest
	}
	s.device.account.disappearing = time.Duration(seconds) * time.Second
	return nil, nil
}
