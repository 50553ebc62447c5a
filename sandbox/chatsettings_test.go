package sandbox

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

func TestCompanionSetsChats(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		awaitAppState(alice)
		sendText(t, bob, alice.phone, "hello")
		m := awaitMessage(alice)
		for _, chat := range []types.JID{bob.JID(), bob.LID()} {
			for _, test := range []struct {
				name  string
				patch appstate.PatchInfo
				want  Chat
			}{
				{"archive", appstate.BuildArchive(chat, true, m.Info.Timestamp, nil), Chat{Archived: true, Unread: 1}},
				{"take back", appstate.BuildArchive(chat, false, m.Info.Timestamp, nil), Chat{Unread: 1}},
				{"pin", appstate.BuildPin(chat, true), Chat{Pinned: true, Unread: 1}},
				{"unpin", appstate.BuildPin(chat, false), Chat{Unread: 1}},
				{"mute", appstate.BuildMute(chat, true, time.Hour), Chat{Muted: true, Unread: 1}},
				{"unmute", appstate.BuildMute(chat, false, 0), Chat{Unread: 1}},
				{"unread", appstate.BuildMarkChatAsRead(chat, false, m.Info.Timestamp, nil), Chat{MarkedUnread: true, Unread: 1}},
				{"read", appstate.BuildMarkChatAsRead(chat, true, m.Info.Timestamp, nil), Chat{}},
			} {
				pass(time.Second)
				ok(t, alice.SendAppState(t.Context(), test.patch))
				test.want.JID, test.want.Name, test.want.Last = bob.JID(), "Phone "+bob.Number(), m.Info.Timestamp
				if diff := cmp.Diff(test.want, alice.phone.Chat(chat)); diff != "" {
					t.Errorf("%s: %s", test.name, diff)
				}
			}
			sendText(t, bob, alice.phone, "again")
			m = awaitMessage(alice)
		}
		ok(t, alice.SendAppState(t.Context(), appstate.BuildMute(bob.JID(), true, time.Hour)))
		pass(2 * time.Hour)
		if alice.phone.Chat(bob.JID()).Muted {
			t.Error("the silence has not ended")
		}
		nowhere := types.NewJID("4915100000009", types.DefaultUserServer)
		ok(t, alice.phone.Archive(nowhere, true))
		if c := alice.phone.Chat(nowhere); !c.Archived || !c.Last.IsZero() {
			t.Errorf("a chat without messages: %+v", c)
		}
	})
}

func TestPhoneSetsChats(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		awaitAppState(alice)
		group := groupOf(t, bob, alice.phone)
		ok(t, alice.phone.MarkChat(bob.JID(), false))
		if e := await[*events.MarkChatAsRead](alice); e.JID != bob.JID() || e.Action.GetRead() {
			t.Errorf("marked as unread: %+v", e)
		}
		for _, to := range []types.JID{alice.phone.JID(), group} {
			id, err := bob.SendText(t.Context(), to, "hello")
			ok(t, err)
			awaitMessage(alice)
			ok(t, alice.phone.DeleteForMe(receive(t, alice.phone)))
			e := await[*events.DeleteForMe](alice)
			if e.MessageID != id || e.IsFromMe || e.ChatJID != group && e.ChatJID != bob.LID() || e.SenderJID.IsEmpty() != (to != group) {
				t.Errorf("deleted for me: %+v", e)
			}
			if !alice.phone.DeletedForMe(id) || !alice.phone.Chat(bob.JID()).Last.IsZero() {
				t.Error("the phone still shows what it has deleted for itself")
			}
		}
		if alice.phone.DeletedForMe("another") {
			t.Error("another message is deleted")
		}
	})
}

func TestCompanionDeletesForItself(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		awaitAppState(alice)
		id := sendText(t, bob, alice.phone, "hello")
		ok(t, alice.SendAppState(t.Context(), appstate.PatchInfo{Type: appstate.WAPatchRegularHigh, Mutations: []appstate.MutationInfo{{
			Index: []string{appstate.IndexDeleteMessageForMe, bob.JID().String(), id, "0", "0"}, Version: 3,
			Value: &waSyncAction.SyncActionValue{DeleteMessageForMeAction: &waSyncAction.DeleteMessageForMeAction{DeleteMedia: proto.Bool(true)}},
		}}}))
		if !alice.phone.DeletedForMe(id) {
			t.Error("the phone still shows the message")
		}
	})
}

func TestContacts(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol := newClient(t, w, alice), addPhone(t, w, bob), addPhone(t, w, carol)
		awaitAppState(alice)
		save := func(jid types.JID, full, first string) {
			t.Helper()
			ok(t, alice.SendAppState(t.Context(), appstate.PatchInfo{Type: appstate.WAPatchCriticalUnblockLow, Mutations: []appstate.MutationInfo{{
				Index: []string{appstate.IndexContact, jid.String()}, Version: 2,
				Value: &waSyncAction.SyncActionValue{ContactAction: &waSyncAction.ContactAction{FullName: &full, FirstName: &first}},
			}}}))
		}
		check := func(want ...Contact) {
			t.Helper()
			if diff := cmp.Diff(want, alice.phone.Contacts()); diff != "" {
				t.Error(diff)
			}
		}
		save(bob.JID(), "Bob Builder", "Bob")
		check(Contact{bob.JID(), "Bob Builder", "Bob"})
		save(bob.JID(), "Bob Baker", "Bob")
		check(Contact{bob.JID(), "Bob Baker", "Bob"})
		ok(t, bob.SetPrivacy("profile", "none"))
		friends(t, alice.phone, carol)
		synctest.Wait() // the companion has to follow before it makes its own change
		save(bob.JID(), "", "")
		check(Contact{carol.JID(), "Friend " + carol.Number(), "Friend " + carol.Number()})
		ok(t, alice.phone.DeleteContact(carol.LID()))
		check()
		if err := alice.phone.DeleteContact(carol.JID()); err != errNoContact {
			t.Errorf("deleting what is not there: %v", err)
		}
		ok(t, alice.phone.SetPushName("still in step"))
		friends(t, alice.phone, carol)
		synctest.Wait()
		if e, ok := takeEvent[*events.AppStateSyncError](alice); ok {
			t.Errorf("the client cannot follow: %v", e.Error)
		}
		version, _, err := alice.Store.AppState.GetAppStateVersion(t.Context(), string(appstate.WAPatchCriticalUnblockLow))
		if err != nil || version != 7 {
			t.Errorf("the client has version %d, %v", version, err)
		}
	})
}

func TestChatTimer(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		ctx := t.Context()
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		group := groupOf(t, bob.phone, alice.phone)
		ok(t, alice.SetDisappearingTimer(ctx, bob.phone.JID(), 24*time.Hour, time.Time{}))
		receive(t, bob.phone)
		receive(t, alice.phone)
		if a, b := alice.phone.Chat(bob.phone.JID()).Timer, bob.phone.Chat(alice.phone.JID()).Timer; a != 24*time.Hour || b != a {
			t.Errorf("the phones show %s and %s", a, b)
		}
		awaitMessage(bob)
		sendText(t, bob.phone, alice.phone, "will be gone")
		e := awaitMessage(alice)
		if c := e.Message.GetExtendedTextMessage().GetContextInfo(); c.GetExpiration() != 86400 || c.GetEphemeralSettingTimestamp() == 0 {
			t.Errorf("a text: %+v", e.Message)
		}
		ok(t, bob.phone.SetChatTimer(ctx, alice.phone.JID(), 0))
		e = awaitMessage(alice)
		if p := e.Message.GetProtocolMessage(); p.GetType() != waE2E.ProtocolMessage_EPHEMERAL_SETTING || p.GetEphemeralExpiration() != 0 {
			t.Errorf("turned off: %+v", e.Message)
		}
		sendText(t, bob.phone, alice.phone, "stays")
		if e := awaitMessage(alice); e.Message.GetConversation() != "stays" {
			t.Errorf("a text that stays: %+v", e.Message)
		}
		ok(t, bob.phone.SetGroupTimer(group, 7*24*time.Hour))
		_, err := bob.phone.SendMedia(ctx, group, Media{Kind: MediaImage, Data: []byte("photo")})
		ok(t, err)
		if e := awaitMessage(alice); e.Message.GetImageMessage().GetContextInfo().GetExpiration() != 604800 {
			t.Errorf("an image in a group: %+v", e.Message)
		}
	})
}
