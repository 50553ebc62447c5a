package wuts

import (
	"context"
	"slices"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

func contactPicture(c *call, r PictureRequest) (Data[Picture], error) {
	jid, err := r.chat()
	if err != nil {
		return Data[Picture]{}, err
	}
	query := instance.PictureQuery{Preview: r.Preview == nil || *r.Preview, KnownID: r.ExistingID}
	picture, err := c.device.Picture(c.Context(), jid, query)
	answer := Picture{JID: jid.String(), URL: &picture.URL, ID: picture.ID, Type: picture.Type, DirectPath: picture.DirectPath}
	if err != nil && instance.AsError(err).Kind == instance.KindUnchanged {
		answer.URL, answer.Type, answer.Unchanged, err = nil, "image", true, nil
		if query.Preview {
			answer.Type = "preview"
		}
	}
	return data(answer), err
}

func contactProfile(c *call, r Contact) (Data[Profile], error) {
	jid, err := r.person()
	if err != nil {
		return Data[Profile]{}, err
	}
	known, err := c.device.Profile(c.Context(), jid)
	if err != nil {
		return Data[Profile]{}, err
	}
	profile := Profile{JID: jid.String(), UserInfo: UserInfo{Status: known.Status, PictureID: known.PictureID, Devices: []string{}}}
	for _, device := range known.Devices {
		profile.UserInfo.Devices = append(profile.UserInfo.Devices, device.String())
	}
	if known.BusinessName != "" {
		profile.UserInfo.VerifiedName = new(VerifiedName)
		profile.UserInfo.VerifiedName.Details.VerifiedName = known.BusinessName
	}
	if known.Business != nil {
		profile.BusinessProfile = businessProfile(known.Business)
	}
	return data(profile), nil
}

func businessProfile(b *types.BusinessProfile) *BusinessProfile {
	profile := &BusinessProfile{Address: b.Address, Email: b.Email, Categories: []string{}}
	for _, category := range b.Categories {
		profile.Categories = append(profile.Categories, category.Name)
	}
	return profile
}

func block(c *call, r Contact) (Data[BlockChange], error) {
	return changeBlock(c, r, "block", c.device.Block)
}

func unblock(c *call, r Contact) (Data[BlockChange], error) {
	return changeBlock(c, r, "unblock", c.device.Unblock)
}

type blockChange func(context.Context, types.JID) (instance.Blocklist, error)

// changeBlock answers with the JID by which the person stands in the list, and else with the one that was asked for.
func changeBlock(c *call, r Contact, action string, change blockChange) (Data[BlockChange], error) {
	jid, err := r.person()
	if err != nil {
		return Data[BlockChange]{}, err
	}
	list, err := change(c.Context(), jid)
	answer := BlockChange{JID: jid.String(), Action: action, Count: len(list.Blocked), DHash: list.Hash}
	if jid.Server == types.DefaultUserServer {
		answer.PhoneNumber = jid.User
	}
	n := slices.IndexFunc(list.Blocked, func(b instance.Blocked) bool { return b.JID == jid || b.Number == jid })
	if n >= 0 {
		answer.JID, answer.PhoneNumber, answer.Blocked = list.Blocked[n].JID.String(), list.Blocked[n].Number.User, true
	}
	return data(answer), err
}

func blocklist(c *call, _ Device) (Data[Blocklist], error) {
	list, err := c.device.Blocklist(c.Context())
	answer := Blocklist{Items: []Blocked{}, Count: len(list.Blocked), DHash: list.Hash}
	for _, b := range list.Blocked {
		answer.Items = append(answer.Items, Blocked{b.JID.String(), b.Number.User})
	}
	return data(answer), err
}
