package sandbox

import (
	"bytes"
	"testing"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func TestPushNameComesWithTheKeys(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		if err := c.SendPresence(t.Context(), types.PresenceAvailable); err == nil {
			t.Error("a client without a push name sent its presence")
		}
		awaitAppState(c)
		if c.Store.PushName != "Phone "+c.phone.Number() {
			t.Errorf("push name %q", c.Store.PushName)
		}
	})
}

func TestPhoneChangesReachCompanions(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		awaitAppState(c)
		chat := types.NewJID("4915100000009", types.DefaultUserServer)
		for _, change := range []error{
			c.phone.SetPushName("New name"), c.phone.EditLabel(Label{"7", "Paid", 3}), c.phone.LabelChat("7", chat, true),
			c.phone.Archive(chat, true), c.phone.SaveContact(chat, "Nine"),
		} {
			if change != nil {
				t.Fatal(change)
			}
		}
		if e := await[*events.PushNameSetting](c); e.Action.GetName() != "New name" {
			t.Errorf("push name event %v", e.Action)
		}
		if e := await[*events.LabelEdit](c); e.LabelID != "7" || e.Action.GetName() != "Paid" || e.Action.GetColor() != 3 {
			t.Errorf("label event %v", e)
		}
		if e := await[*events.LabelAssociationChat](c); e.LabelID != "7" || e.JID != chat || !e.Action.GetLabeled() {
			t.Errorf("chat label event %v", e)
		}
		if e := await[*events.Archive](c); e.JID != chat || !e.Action.GetArchived() {
			t.Errorf("archive event %v", e)
		}
		if e := await[*events.Contact](c); e.JID != chat || e.Action.GetFullName() != "Nine" {
			t.Errorf("contact event %v", e)
		}
	})
}

func TestCompanionChangesReachThePhone(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		other := linkClient(t, w, c.phone)
		awaitAppState(c)
		awaitAppState(other)
		chat := types.NewJID("4915100000009", types.DefaultUserServer)
		for _, patch := range []appstate.PatchInfo{
			appstate.BuildLabelEdit("4", "New", 1, false), appstate.BuildLabelChat(chat, "4", true), appstate.BuildMute(chat, true, 0),
		} {
			if err := c.SendAppState(t.Context(), patch); err != nil {
				t.Fatal(err)
			}
		}
		if labels := c.phone.Labels(); len(labels) != 1 || labels[0] != (Label{"4", "New", 1}) {
			t.Errorf("the phone's labels: %v", labels)
		}
		if ids := c.phone.ChatLabels(chat); len(ids) != 1 || ids[0] != "4" {
			t.Errorf("the chat's labels: %v", ids)
		}
		if !c.phone.Setting("mute", chat.String()).GetMuteAction().GetMuted() {
			t.Error("the phone does not know that the chat is mute")
		}
		if e := await[*events.LabelEdit](other); e.LabelID != "4" {
			t.Errorf("the other companion got %v", e)
		}
	})
}

func TestConflictingChangesAreMerged(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		awaitAppState(c)
		unseen := appstate.BuildLabelEdit("1", "Phone", 1, false)
		w.locked(func() {
			raw, err := c.phone.encode(unseen)
			if err == nil {
				err = c.phone.publish(unseen.Type, raw, endpoint{c.phone.account, c.Store.ID.Device}) // its author is not told
			}
			if err != nil {
				t.Error(err)
			}
		})
		if err := c.SendAppState(t.Context(), appstate.BuildLabelEdit("2", "Companion", 2, false)); err != nil {
			t.Fatal(err)
		}
		if labels := c.phone.Labels(); len(labels) != 2 {
			t.Errorf("the phone's labels: %v", labels)
		}
		if e := await[*events.LabelEdit](c); e.LabelID != "1" {
			t.Errorf("the companion got %+v", e)
		}
	})
}

func TestLongAppStateComesInPages(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		p := addPhone(t, w, alice)
		for i := range 2*patchesAtOnce + 1 {
			if err := p.EditLabel(Label{"1", "Label", i}); err != nil {
				t.Fatal(err)
			}
		}
		c := linkClient(t, w, p)
		awaitAppState(c)
		version, _, err := c.Store.AppState.GetAppStateVersion(t.Context(), string(appstate.WAPatchRegular))
		if err != nil || version != 2*patchesAtOnce+2 {
			t.Errorf("the client has version %d, %v", version, err)
		}
	})
}

func FuzzPatch(f *testing.F) {
	w := newWorld(f)
	p := addPhone(f, w, alice)
	raw, err := p.encode(appstate.BuildLabelEdit("1", "Paid", 1, false))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, patch []byte) {
		w.locked(func() {
			if err := p.publish(appstate.WAPatchRegular, patch, p.endpoint()); err == nil && !bytes.Equal(patch, raw) {
				t.Errorf("the phone took a patch that it has not made: %x", patch)
			}
		})
	})
}
