package sandbox

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestIsOnWhatsApp(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		shop := addPhone(t, w, bob)
		shop.SetBusiness(Business{Name: "Flowers"})
		answers, err := c.IsOnWhatsApp(t.Context(), []string{"+" + bob, "+491799999999"})
		ok(t, err)
		if len(answers) != 2 {
			t.Fatalf("%d answers, want 2", len(answers))
		}
		in, out := answers[0], answers[1]
		if !in.IsIn || in.JID != shop.LID() || in.PhoneNumber != shop.JID() || in.Query != "+"+bob {
			t.Errorf("somebody registered: %+v", in)
		}
		if name := in.VerifiedName.Details.GetVerifiedName(); name != "Flowers" {
			t.Errorf("verified name %q", name)
		}
		if out.IsIn || out.PhoneNumber.User != "491799999999" || out.Query != "+491799999999" {
			t.Errorf("somebody not registered: %+v", out)
		}
	})
}

func TestUserInfo(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		anna := newClient(t, w, bob)
		ok(t, anna.phone.SetAbout("At sea"))
		ok(t, anna.phone.SetPicture(photo(t, 64, 64, 1)))
		unknown := types.NewJID("491799999999", types.DefaultUserServer)
		infos, err := c.GetUserInfo(t.Context(), []types.JID{anna.phone.JID(), anna.phone.LID(), unknown})
		ok(t, err)
		byNumber, byLID := infos[anna.phone.JID()], infos[anna.phone.LID()]
		if byNumber.LID != anna.phone.LID() || !byLID.LID.IsEmpty() {
			t.Errorf("LIDs: %s by number, %s by LID", byNumber.LID, byLID.LID)
		}
		for _, info := range []types.UserInfo{byNumber, byLID} {
			if info.Status != "At sea" || info.PictureID == "" || len(info.Devices) != 2 || info.Devices[1].Device != anna.Store.ID.Device {
				t.Errorf("info: %+v", info)
			}
		}
		if info := infos[unknown]; !info.LID.IsEmpty() || len(info.Devices) != 0 {
			t.Errorf("info of nobody: %+v", info)
		}
		ok(t, anna.phone.SetPrivacy("status", "none"))
		ok(t, anna.phone.SetPrivacy("profile", "none"))
		infos, err = c.GetUserInfo(t.Context(), []types.JID{anna.phone.JID()})
		ok(t, err)
		if info := infos[anna.phone.JID()]; info.Status != "" || info.PictureID != "" {
			t.Errorf("info of somebody who hides: %+v", info)
		}
	})
}

func TestPrivacySettings(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		other := linkClient(t, w, c.phone)
		settings, err := c.TryFetchPrivacySettings(t.Context(), true)
		ok(t, err)
		want := types.PrivacySettings{
			GroupAdd: "all", LastSeen: "all", Status: "all", Profile: "all", ReadReceipts: "all",
			CallAdd: "all", Online: "all", Messages: "all", Defense: "off", Stickers: "contacts",
		}
		if *settings != want {
			t.Errorf("settings at first: %+v", *settings)
		}
		_, err = c.SetPrivacySetting(t.Context(), types.PrivacySettingTypeProfile, types.PrivacySettingContacts)
		ok(t, err)
		if now := c.phone.Privacy("profile"); now != "contacts" {
			t.Errorf("the phone shows %q", now)
		}
		if event := await[*events.PrivacySettings](other); !event.ProfileChanged {
			t.Errorf("the other device was told: %+v", event)
		}
		_, err = c.SetPrivacySetting(t.Context(), types.PrivacySettingTypeReadReceipts, types.PrivacySettingContacts)
		if !errors.Is(err, whatsmeow.ErrIQBadRequest) {
			t.Errorf("a value the category does not have: %v", err)
		}
	})
}

func TestBlocklist(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		other := linkClient(t, w, c.phone)
		anna, ben := addPhone(t, w, bob), addPhone(t, w, carol)
		for _, jid := range []types.JID{anna.JID(), ben.LID()} {
			_, err := c.UpdateBlocklist(t.Context(), jid, events.BlocklistChangeActionBlock)
			ok(t, err)
		}
		if blocked := strings.Join(c.phone.Blocked(), " "); blocked != anna.Number()+" "+ben.Number() {
			t.Errorf("the phone has blocked %s", blocked)
		}
		told, hashes := map[types.JID]bool{}, map[string]bool{} // the library handles such notices side by side: their order may change
		for range 2 {
			event := await[*events.Blocklist](other)
			hashes[event.DHash] = true
			for _, change := range event.Changes {
				told[change.JID] = change.Action == events.BlocklistChangeActionBlock
			}
		}
		if want := (map[types.JID]bool{anna.LID(): true, ben.LID(): true}); !maps.Equal(told, want) {
			t.Errorf("the other device was told: %v", told)
		}
		list, err := c.UpdateBlocklist(t.Context(), anna.JID(), events.BlocklistChangeActionUnblock)
		ok(t, err)
		if len(list.JIDs) != 1 || list.JIDs[0] != ben.LID() {
			t.Errorf("the list after unblocking: %v", list.JIDs)
		}
		if fetched, err := c.GetBlocklist(t.Context()); err != nil || fetched.DHash != list.DHash || hashes[fetched.DHash] {
			t.Errorf("fetched %+v, %v, after %v", fetched, err, hashes)
		}
	})
}

func TestAbout(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		friend := newClient(t, w, bob)
		ok(t, friend.phone.SaveContact(c.phone.JID(), "Bot"))
		set := func(text string) error {
			return c.SetStatusMessage(context.Background(), types.SetStatusInput{Text: &text})
		}
		ok(t, set("Open until six"))
		if about := c.phone.About(); about != "Open until six" {
			t.Errorf("the phone shows %q", about)
		}
		if event := await[*events.UserAbout](friend); event.JID != c.phone.JID() || event.Status != "Open until six" {
			t.Errorf("the friend was told: %+v", event)
		}
		if err := set(strings.Repeat("ä", maxAbout)); err != nil {
			t.Errorf("the longest text: %v", err)
		}
		if err := set(strings.Repeat("ä", maxAbout+1)); !errors.Is(err, whatsmeow.ErrIQNotAcceptable) {
			t.Errorf("a longer text: %v", err)
		}
		_, err := c.DangerousInternals().SendIQ(t.Context(), whatsmeow.DangerousInfoQuery{ // as older versions of the library do
			Namespace: "status", Type: "set", To: types.ServerJID, Content: []waBinary.Node{{Tag: "status", Content: []byte("Closed")}},
		})
		if err != nil || c.phone.About() != "Closed" {
			t.Errorf("set the old way: %q, %v", c.phone.About(), err)
		}
	})
}

func TestDisappearingMode(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		ok(t, c.SetDefaultDisappearingTimer(t.Context(), 24*time.Hour))
		if timer := c.phone.DisappearingMode(); timer != 24*time.Hour {
			t.Errorf("the phone's timer is %s", timer)
		}
	})
}

func TestBusinessProfile(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		shop := addPhone(t, w, bob)
		if _, err := c.GetBusinessProfile(t.Context(), shop.JID()); err == nil {
			t.Error("a private person has a business profile")
		}
		shop.SetBusiness(Business{Name: "Flowers", Address: "Main St 1", Email: "a@example.org", Category: "Florist"})
		profile, err := c.GetBusinessProfile(t.Context(), shop.JID())
		ok(t, err)
		if profile.JID != shop.JID() || profile.Address != "Main St 1" || profile.Email != "a@example.org" || profile.Categories[0].Name != "Florist" {
			t.Errorf("profile: %+v", profile)
		}
	})
}

func TestContactCode(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		other := newClient(t, w, bob)
		code, err := c.GetContactQRLink(t.Context(), false)
		ok(t, err)
		found, err := other.ResolveContactQRLink(t.Context(), "https://wa.me/qr/"+code)
		ok(t, err)
		if found.JID != c.phone.JID() || found.Type != "contact" {
			t.Errorf("the code leads to %+v", found)
		}
		_, err = c.GetContactQRLink(t.Context(), true)
		ok(t, err)
		if _, err := other.ResolveContactQRLink(t.Context(), code); !errors.Is(err, whatsmeow.ErrContactQRLinkNotFound) {
			t.Errorf("the revoked code: %v", err)
		}
	})
}

// TestServices calls what this network has nothing to tell about; newWorld fails the test if any of it is not understood.
func TestServices(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		channels, err := c.GetSubscribedNewsletters(t.Context())
		if err != nil || len(channels) != 0 {
			t.Errorf("channels: %v, %v", channels, err)
		}
		channel := types.NewJID("120363000000000001", types.NewsletterServer)
		if info, err := c.GetNewsletterInfo(t.Context(), channel); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("a channel that does not exist: %v, %v", info, err)
		}
		if _, err := c.GetNewsletterMessages(t.Context(), channel, nil); !errors.Is(err, whatsmeow.ErrIQNotFound) {
			t.Errorf("messages of a channel: %v", err)
		}
		if _, err := c.GetOrderDetails(t.Context(), "1", "x"); !errors.Is(err, whatsmeow.ErrIQNotFound) {
			t.Errorf("an order: %v", err)
		}
		if bots, err := c.GetBotListV2(t.Context()); err != nil || len(bots) != 0 {
			t.Errorf("bots: %v, %v", bots, err)
		}
		ok(t, c.AcceptTOSNotice(t.Context(), "20601218", "5"))
		_, err = c.GetServerPushNotificationConfig(t.Context())
		ok(t, err)
		if audience, err := c.GetStatusPrivacy(t.Context()); err != nil || audience[0].Type != types.StatusPrivacyTypeContacts {
			t.Errorf("audience of status posts: %v, %v", audience, err)
		}
		h := w.Network().HTTPClient()
		defer h.CloseIdleConnections()
		if _, err := whatsmeow.GetLatestVersion(t.Context(), h); err != nil {
			t.Errorf("newest version: %v", err)
		}
	})
}
