package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// avatar is the picture slot of an account or a group. lastSet outlives the picture, because the rate counts settings.
type avatar struct {
	picture *picture // nil: not set
	lastSet time.Time
}

// picture is an accepted profile picture; both forms are JPEG.
type picture struct {
	id            string
	full, preview []byte
}

// pictureTarget is whose picture a query is about; exactly one of account and group is set.
type pictureTarget struct {
	jid     types.JID
	avatar  *avatar
	account *account
	group   *group
}

func (w *World) addPictureRoutes() {
	w.router.iqs[iqRoute{"w:profile:picture", "set", ""}] = setPicture
	w.router.iqs[iqRoute{"w:profile:picture", "get", "picture"}] = getPicture
	w.router.iqs[iqRoute{"w:g2", "get", "pictures"}] = getCommunityPicture
	w.mux.Handle("GET "+picturePrefix, w.PictureHandler())
}

// setPicture sets the picture in the first child, or removes the picture when there is no child at all.
func setPicture(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	target, err := s.w.changeablePicture(s.device.account, iq)
	if err != nil {
		return nil, err
	}
	if child(iq, "picture") == nil {
		s.w.removePicture(target, s.device.account, s.device)
		return nil, nil
	}
	id, err := s.w.putPicture(target, s.device.account, s.device, childBytes(iq, "picture"))
	if err != nil {
		return nil, err
	}
	return []waBinary.Node{{Tag: "picture", Attrs: waBinary.Attrs{"id": id}}}, nil
}

// changeablePicture finds the target of a change. One's own picture is changed without a target: WhatsApp has been seen to
// refuse one's own JID as if the picture were bad.
func (w *World) changeablePicture(by *account, iq *waBinary.Node) (pictureTarget, error) {
	jid := attrJID(iq, "target")
	if jid.IsEmpty() {
		return accountPicture(by), nil
	}
	target, err := w.pictureTarget(jid)
	switch {
	case err != nil:
		return target, err
	case target.account == by:
		return target, errNotAcceptable
	case target.account != nil:
		return target, errNotAuthorized
	}
	return target, target.group.allows(by, groupEditors)
}

func accountPicture(a *account) pictureTarget {
	return pictureTarget{jid: a.pn, avatar: &a.avatar, account: a}
}

func groupPicture(g *group) pictureTarget {
	return pictureTarget{jid: g.jid, avatar: &g.avatar, group: g}
}

func (w *World) pictureTarget(jid types.JID) (pictureTarget, error) {
	if jid.Server == types.GroupServer {
		if g := w.groups[jid]; g != nil {
			return groupPicture(g), nil
		}
	} else if a := w.account(jid); a != nil {
		return accountPicture(a), nil
	}
	return pictureTarget{}, errItemNotFound
}

// putPicture accepts a JPEG as the target's picture and tells everybody who may see it, except the device it came from.
// The interval is judged first and starts only with an accepted picture.
func (w *World) putPicture(target pictureTarget, by *account, from *device, data []byte) (string, error) {
	now := w.now()
	if !target.avatar.lastSet.IsZero() && now.Sub(target.avatar.lastSet) < w.opts.PictureInterval {
		return "", errRateOverLimit
	}
	accepted, err := newPicture(data)
	if err != nil {
		return "", err
	}
	accepted.id = w.pictures.nextID(now)
	w.pictures.withdraw(target.avatar.picture)
	w.pictures.publish(accepted)
	*target.avatar = avatar{picture: accepted, lastSet: now}
	w.notifyPicture(target, by, from, "set")
	return accepted.id, nil
}

func (w *World) removePicture(target pictureTarget, by *account, from *device) {
	if target.avatar.picture == nil {
		return
	}
	w.pictures.withdraw(target.avatar.picture)
	target.avatar.picture = nil
	w.notifyPicture(target, by, from, "delete")
}

func (w *World) notifyPicture(target pictureTarget, by *account, from *device, change string) {
	attrs := waBinary.Attrs{"jid": target.jid, "author": by.lid}
	if target.avatar.picture != nil {
		attrs["id"] = target.avatar.picture.id
	}
	node := w.notification("picture", target.jid, waBinary.Node{Tag: change, Attrs: attrs})
	if target.group != nil {
		for _, m := range target.group.members {
			w.notify(m.account, from, node)
		}
		return
	}
	w.notify(target.account, from, node)
	w.notifyContacts(target.account, "profile", node)
}

func getPicture(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	query := child(iq, "picture")
	target := accountPicture(s.device.account)
	if jid := attrJID(iq, "target"); !jid.IsEmpty() {
		var err error
		if target, err = s.w.pictureTarget(jid); err != nil {
			return nil, err
		}
	}
	if !target.visibleTo(s.device.account, query) {
		return nil, errNotAuthorized
	}
	return s.w.describePicture(target.avatar.picture, query)
}

// visibleTo follows the privacy setting of a person, and for a group membership or an invite code. A community answers only
// through getCommunityPicture.
func (t pictureTarget) visibleTo(viewer *account, query *waBinary.Node) bool {
	if t.account != nil {
		return t.account.shows("profile", viewer)
	}
	if t.group.parent {
		return false
	}
	return t.group.member(viewer) != nil || attr(query, "invite") == t.group.invite
}

// getCommunityPicture answers the form in which the picture of a community, and only that, is asked for.
func getCommunityPicture(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	query := child(iq, "pictures", "picture")
	g := s.w.groups[attrJID(iq, "to")]
	switch {
	case query == nil:
		return nil, errBadRequest
	case g == nil:
		return nil, errItemNotFound
	case g.member(s.device.account) == nil:
		return nil, errNotAuthorized
	}
	found, err := s.w.describePicture(g.avatar.picture, query)
	return []waBinary.Node{{Tag: "pictures", Content: found}}, err
}

// describePicture answers a query for a picture, or says 304 when the asker already has it.
func (w *World) describePicture(p *picture, query *waBinary.Node) ([]waBinary.Node, error) {
	if p == nil {
		return nil, errItemNotFound
	}
	if attr(query, "id") == p.id {
		return []waBinary.Node{{Tag: "picture", Attrs: waBinary.Attrs{"status": "304"}}}, nil
	}
	kind, data := "image", p.full
	if attr(query, "type") == "preview" {
		kind, data = "preview", p.preview
	}
	hash := sha256.Sum256(data)
	address := w.pictureAddress(p, kind)
	return []waBinary.Node{{Tag: "picture", Attrs: waBinary.Attrs{
		"id":          p.id,
		"type":        kind,
		"url":         w.pictureBaseURL() + address,
		"direct_path": address,
		"hash":        base64.StdEncoding.EncodeToString(hash[:]),
	}}}, nil
}
