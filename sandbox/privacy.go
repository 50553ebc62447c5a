package sandbox

import (
	"crypto/rand"
	"maps"
	"slices"

	"go.mau.fi/whatsmeow/appstate"
	waBinary "go.mau.fi/whatsmeow/binary"
)

// Who may see a field of one's account. The list of exceptions behind contact_blacklist lives in the official apps; here it is empty.
var audiences = []string{"all", "contacts", "contact_blacklist", "none"}

// privacyChoices are the values each category can have; the first one is where an account starts.
var privacyChoices = map[string][]string{
	"last":         audiences,
	"profile":      audiences,
	"status":       audiences,
	"groupadd":     audiences,
	"online":       {"all", "match_last_seen"},
	"readreceipts": {"all", "none"},
	"calladd":      {"all", "known"},
	"messages":     {"all", "contacts"},
	"defense":      {"off", "on_standard"},
	"stickers":     {"contacts", "contact_allowlist", "none"},
}

func (w *World) addPrivacyRoutes() {
	w.router.iqs[iqRoute{"privacy", "get", "privacy"}] = getPrivacy
	w.router.iqs[iqRoute{"privacy", "set", "privacy"}] = setPrivacy
	w.router.iqs[iqRoute{"privacy", "set", "tokens"}] = issueTokens
}

// privacyOf is an account's setting in a category.
func (a *account) privacyOf(category string) string {
	if value := a.privacy[category]; value != "" {
		return value
	}
	return privacyChoices[category][0]
}

// shows tells whether an account lets another see or do what a category is about.
func (a *account) shows(category string, to *account) bool {
	if a == to {
		return true
	}
	if a.blocked[to.lid] {
		return false
	}
	switch a.privacyOf(category) {
	case "all":
		return true
	case "none":
		return false
	}
	return a.knows(to)
}

// knows tells whether somebody is in an account's address book or was given a token of trust, which clients do with whom they write to.
func (a *account) knows(other *account) bool {
	if a.trusted[other.lid] {
		return true
	}
	return named(a.phone.settingOf(appstate.IndexContact, other.pn))
}

func getPrivacy(s *session, _ *waBinary.Node) ([]waBinary.Node, error) {
	var categories []waBinary.Node
	for _, name := range slices.Sorted(maps.Keys(privacyChoices)) {
		categories = append(categories, privacyCategory(name, s.device.account.privacyOf(name)))
	}
	return []waBinary.Node{{Tag: "privacy", Content: categories}}, nil
}

func privacyCategory(name, value string) waBinary.Node {
	return waBinary.Node{Tag: "category", Attrs: waBinary.Attrs{"name": name, "value": value}}
}

func setPrivacy(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	asked := child(iq, "privacy", "category")
	if asked == nil {
		return nil, errBadRequest
	}
	changed, err := s.w.changePrivacy(s.device.account, s.device, attr(asked, "name"), attr(asked, "value"))
	if err != nil {
		return nil, err
	}
	return []waBinary.Node{changed}, nil
}

// changePrivacy takes a new setting and tells the account's other devices.
func (w *World) changePrivacy(a *account, from *device, category, value string) (waBinary.Node, error) {
	if !slices.Contains(privacyChoices[category], value) {
		return waBinary.Node{}, errBadRequest
	}
	a.privacy[category] = value
	changed := waBinary.Node{Tag: "privacy", Content: []waBinary.Node{privacyCategory(category, value)}}
	w.notify(a, from, w.notification("account_sync", a.pn, changed))
	return changed, nil
}

// issueTokens makes the named people trusted contacts. Each gets a token to show when asking for what only contacts may see;
// the network remembers the trust itself and never asks for the token.
func issueTokens(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	me := s.device.account
	asked := child(iq, "tokens").GetChildrenByTag("token")
	for i := range asked {
		other := s.w.account(attrJID(&asked[i], "jid"))
		if other == nil || other == me {
			continue
		}
		me.trusted[other.lid] = true
		s.w.notify(other, nil, s.w.privacyToken(me))
	}
	return nil, nil
}

func (w *World) privacyToken(from *account) waBinary.Node {
	token := make([]byte, 16)
	_, _ = rand.Read(token)
	n := w.notification("privacy_token", from.pn, waBinary.Node{Tag: "tokens", Content: []waBinary.Node{{
		Tag: "token",
		Attrs: waBinary.Attrs{
			"type": "trusted_contact",
			"t":    unixText(w.now()),
		},
		Content: token,
	}}})
	n.Attrs["sender_lid"] = from.lid
	return n
}

// HideNumber chooses whether the network tells others the account's number beside its LID, as it does not of people who hide it.
func (p *Phone) HideNumber(hidden bool) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.account.hidden = hidden
}
