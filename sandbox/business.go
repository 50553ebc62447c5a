package sandbox

import (
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waVnameCert"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// Business is what a business account shows of itself. Name is the verified name.
type Business struct {
	Name, Address, Email, Category string
}

func (w *World) addBusinessRoutes() {
	w.router.iqs[iqRoute{"w:biz", "get", "business_profile"}] = getBusinessProfile
}

// getBusinessProfile leaves the profile out for people who are not a business.
func getBusinessProfile(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	asked := child(iq, "business_profile", "profile")
	if asked == nil {
		return nil, errBadRequest
	}
	jid := attrJID(asked, "jid")
	var profiles []waBinary.Node
	if a := s.w.account(jid); a != nil && a.business != nil {
		profiles = append(profiles, a.business.profile(jid))
	}
	return []waBinary.Node{{Tag: "business_profile", Content: profiles}}, nil
}

func (b *Business) profile(jid types.JID) waBinary.Node {
	return waBinary.Node{Tag: "profile", Attrs: waBinary.Attrs{"jid": jid}, Content: []waBinary.Node{
		{Tag: "address", Content: []byte(b.Address)},
		{Tag: "email", Content: []byte(b.Email)},
		{Tag: "categories", Content: []waBinary.Node{{
			Tag:     "category",
			Attrs:   waBinary.Attrs{"id": "1"},
			Content: []byte(b.Category),
		}}},
	}}
}

// usyncBusiness answers with the certificate of the verified name. Clients read the name in it and check no signature.
func usyncBusiness(_ *World, _, a *account, _ types.JID) *waBinary.Node {
	if a.business == nil {
		return nil
	}
	details, err := proto.Marshal(&waVnameCert.VerifiedNameCertificate_Details{
		Issuer:       proto.String("smb:wa"),
		VerifiedName: proto.String(a.business.Name),
	})
	if err != nil {
		return nil
	}
	certificate, err := proto.Marshal(&waVnameCert.VerifiedNameCertificate{Details: details})
	if err != nil {
		return nil
	}
	return &waBinary.Node{Tag: "business", Content: []waBinary.Node{{
		Tag: "verified_name",
		Attrs: waBinary.Attrs{
			"verified_level":  "unknown",
			"v":               "2",
			"host_storage":    "1",
			"actual_actors":   "1",
			"privacy_mode_ts": "0",
		},
		Content: certificate,
	}}}
}
