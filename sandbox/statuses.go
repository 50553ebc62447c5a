package sandbox

import (
	"context"
	"slices"

	"go.mau.fi/whatsmeow/appstate"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// A status is a message to status@broadcast, which its author encrypts for everybody who may see it.

// statusPrivacy says who sees what an account posts, unless a post has an audience of its own.
type statusPrivacy struct {
	mode types.StatusPrivacyType // empty: all contacts
	list []*account              // who is left out, or who alone is meant
}

// PostStatus posts a status for people, or without numbers for those whom SetStatusPrivacy allows, and returns its id.
// Views of it are read receipts of status@broadcast; Delete with that chat takes it back.
func (p *Phone) PostStatus(ctx context.Context, m *waE2E.Message, numbers ...string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	audience, err := p.w.byNumbers(numbers)
	if err != nil {
		return "", err
	}
	if len(numbers) == 0 {
		audience = p.statusAudience()
	}
	id := p.w.newID()
	p.mailbox.audiences[id] = audience
	return id, p.sendTo(p.withOwnDevices(audience), types.StatusBroadcastJID, id, withSecret(m))
}

// SetStatusPrivacy chooses who sees statuses by default, on all devices: "contacts", or "blacklist" for all contacts but some, or
// "whitelist" for some only.
func (p *Phone) SetStatusPrivacy(mode types.StatusPrivacyType, numbers ...string) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	list, err := p.w.byNumbers(numbers)
	if err == nil {
		p.account.statusPrivacy = statusPrivacy{mode, list}
	}
	return err
}

func (w *World) byNumbers(numbers []string) ([]*account, error) {
	var list []*account
	for _, number := range numbers {
		a, err := w.byNumber(number)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// statusAudience lists those who see a status by default.
func (p *Phone) statusAudience() []*account {
	privacy := p.account.statusPrivacy
	if privacy.mode == types.StatusPrivacyTypeWhitelist {
		return privacy.list
	}
	var list []*account
	for _, s := range p.settingsOf(appstate.IndexContact) {
		a := p.w.contactOf(s)
		if a != nil && a != p.account && !slices.Contains(list, a) && !slices.Contains(privacy.list, a) {
			list = append(list, a)
		}
	}
	return list
}

// contactOf finds whom an entry of the address book is about; nil for people who are not on the network.
func (w *World) contactOf(s setting) *account {
	if len(s.index) < 2 || !named(s.value) {
		return nil
	}
	jid, err := types.ParseJID(s.index[1])
	if err != nil {
		return nil
	}
	return w.account(jid)
}

// statusReaders are the devices that something said in status@broadcast is for: a reaction for the author of a status, a deletion
// for those who have seen it, anything else for all who see a status by default.
func (p *Phone) statusReaders(m *waE2E.Message) []endpoint {
	if author, err := types.ParseJID(m.GetReactionMessage().GetKey().GetParticipant()); err == nil {
		if a := p.w.account(author); a != nil {
			return p.withOwnDevices([]*account{a})
		}
	}
	if audience, known := p.mailbox.audiences[m.GetProtocolMessage().GetKey().GetID()]; known {
		return p.withOwnDevices(audience)
	}
	return p.withOwnDevices(p.statusAudience())
}

func (p *Phone) withOwnDevices(accounts []*account) []endpoint {
	var list []endpoint
	for _, a := range accounts {
		if a != p.account {
			list = append(list, a.endpoints()...)
		}
	}
	return append(list, p.account.endpoints()...)
}

// recipients tells the author's own devices who gets a message to a broadcast list.
func (w *World) recipients(from endpoint, message *waBinary.Node) []waBinary.Node {
	participants := child(message, "participants")
	if participants == nil {
		return nil
	}
	var list []waBinary.Node
	for _, entry := range participants.GetChildrenByTag("to") {
		jid := attrJID(&entry, "jid")
		if a := w.account(jid); a != nil && a != from.account && jid.Device == 0 {
			list = append(list, waBinary.Node{Tag: "to", Attrs: waBinary.Attrs{"jid": a.lid, "peer_recipient_pn": a.pn}})
		}
	}
	return []waBinary.Node{{Tag: "participants", Content: list}}
}

// getStatusPrivacy says who gets the status posts of the account.
func getStatusPrivacy(s *session, _ *waBinary.Node) ([]waBinary.Node, error) {
	privacy := s.device.account.statusPrivacy
	if privacy.mode == "" {
		privacy.mode = types.StatusPrivacyTypeContacts
	}
	var users []waBinary.Node
	for _, a := range privacy.list {
		users = append(users, waBinary.Node{Tag: "user", Attrs: waBinary.Attrs{"jid": a.pn}})
	}
	return []waBinary.Node{{Tag: "privacy", Content: []waBinary.Node{{
		Tag: "list", Attrs: waBinary.Attrs{"type": string(privacy.mode), "default": "true"}, Content: users,
	}}}}, nil
}
