package sandbox

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// awaitHistory waits for a piece of history of a type.
func awaitHistory(t *testing.T, c *client, typ waHistorySync.HistorySync_HistorySyncType) *waHistorySync.HistorySync {
	t.Helper()
	e := await[*events.HistorySync](c)
	if e.Data.GetSyncType() != typ {
		t.Fatalf("got a piece of history of type %s instead of %s", e.Data.GetSyncType(), typ)
	}
	return e.Data
}

func TestHistory(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		ctx := t.Context()
		alice, bob, carol := addPhone(t, w, alice), addPhone(t, w, bob), addPhone(t, w, carol)
		group := groupOf(t, alice, bob, carol)
		ok(t, alice.SaveContact(bob.JID(), "Bob Saved"))
		ok(t, alice.Archive(carol.JID(), true))
		ok(t, alice.SetChatTimer(ctx, carol.JID(), 24*time.Hour))
		ok(t, alice.Pin(bob.JID(), true))
		ok(t, alice.Mute(bob.LID(), true, time.Hour))
		ok(t, alice.Mute(group, true, 0))
		ok(t, alice.MarkChat(group, false))
		set := time.Now().Unix()
		for i := range firstMessages + 5 {
			sendText(t, bob, alice, fmt.Sprint("number ", i))
			pass(time.Second)
		}
		read, edited := receive(t, alice), sendText(t, alice, bob, "first")
		alice.Read(read.ID)
		pass(time.Second)
		_, err := alice.Edit(ctx, bob.JID(), edited, "better")
		ok(t, err)
		revoked := sendText(t, carol, alice, "oops")
		_, err = carol.Delete(ctx, alice.JID(), revoked)
		ok(t, err)
		poll, err := alice.SendPoll(ctx, group, Poll{Name: "Tea?", Options: []string{"yes", "no"}})
		ok(t, err)
		asked := receive(t, carol)
		for asked.ID != poll {
			asked = receive(t, carol)
		}
		_, err = carol.Vote(ctx, asked, "yes")
		ok(t, err)
		_, err = carol.React(ctx, asked, "👍")
		ok(t, err)
		_, err = bob.PostStatus(ctx, say("a status"), alice.Number())
		ok(t, err)

		c := linkClient(t, w, alice)
		later := sendText(t, bob, alice, "after linking")
		first := awaitHistory(t, c, waHistorySync.HistorySync_INITIAL_BOOTSTRAP)
		chats := map[string]*waHistorySync.Conversation{}
		for _, chat := range first.Conversations {
			chats[chat.GetID()] = chat
			for _, m := range chat.Messages {
				if m.GetMessage().GetKey().GetID() == later {
					t.Error("the history has a message from after the linking")
				}
			}
		}
		if len(chats) != 3 || len(first.PhoneNumberToLidMappings) != 3 {
			t.Fatalf("chats: %v", first.Conversations)
		}
		withBob := chats[bob.LID().String()]
		if withBob.GetName() != "Bob Saved" || withBob.GetPnJID() != bob.JID().String() || len(withBob.Messages) != firstMessages ||
			withBob.GetUnreadCount() != firstMessages+4 || withBob.GetArchived() || int64(withBob.GetPinned()) != set ||
			int64(withBob.GetMuteEndTime()) != set+3600 || withBob.MarkedAsUnread != nil || withBob.EphemeralExpiration != nil {
			t.Errorf("chat with %d messages: %+v", len(withBob.Messages), withBob)
		}
		newest, err := c.ParseWebMessage(types.EmptyJID, withBob.Messages[0].Message)
		ok(t, err)
		if newest.Info.ID != edited || newest.Message.GetConversation() != "better" || !newest.Info.IsFromMe ||
			withBob.Messages[0].Message.GetStatus() != waWeb.WebMessageInfo_DELIVERY_ACK {
			t.Errorf("edited message: %+v", newest.Info)
		}
		if second := withBob.Messages[1].Message; second.GetMessage().GetConversation() != fmt.Sprint("number ", firstMessages+4) || second.GetKey().GetFromMe() {
			t.Errorf("received message: %+v", second)
		}
		withCarol := chats[carol.LID().String()]
		if len(withCarol.Messages) != 1 || withCarol.Messages[0].Message.GetMessageStubType() != waWeb.WebMessageInfo_REVOKE || !withCarol.GetArchived() ||
			withCarol.GetEphemeralExpiration() != 86400 || withCarol.GetEphemeralSettingTimestamp() != set || withCarol.MuteEndTime != nil {
			t.Errorf("chat with a deleted message: %+v", withCarol)
		}
		inGroup := chats[group.String()]
		question := inGroup.Messages[0].Message
		if inGroup.GetName() != "Friends" || len(inGroup.Participant) != 3 || len(question.PollUpdates) != 1 || len(question.Reactions) != 1 ||
			question.GetReactions()[0].GetText() != "👍" || question.GetMessageSecret() == nil || !inGroup.GetMarkedAsUnread() || inGroup.GetMuteEndTime() < 1<<36 {
			t.Errorf("group: %+v", inGroup)
		}
		if p := awaitHistory(t, c, waHistorySync.HistorySync_INITIAL_STATUS_V3).StatusV3Messages; len(p) != 1 || p[0].GetParticipant() != bob.LID().String() {
			t.Errorf("statuses: %v", p)
		}
		awaitHistory(t, c, waHistorySync.HistorySync_PUSH_NAME)
		recent := awaitHistory(t, c, waHistorySync.HistorySync_RECENT)
		if len(recent.Conversations) != 1 || len(recent.Conversations[0].Messages) != 6 || recent.GetProgress() != 100 {
			t.Errorf("older messages: %v", recent.Conversations)
		}
		synctest.Wait()
		if contact, err := c.Store.Contacts.GetContact(ctx, carol.JID()); err != nil || contact.PushName != "Phone "+carol.Number() {
			t.Errorf("the push name: %+v, %v", contact, err)
		}
		if got := awaitMessage(c); got.Info.ID != later {
			t.Errorf("the live message: %+v", got.Info)
		}
	})
}

func TestNoHistoryWithoutChats(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		awaitAppState(c)
		synctest.Wait()
		if e, ok := takeEvent[*events.HistorySync](c); ok {
			t.Errorf("got %v", e.Data)
		}
	})
}

func TestOlderHistory(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		awaitAppState(alice)
		var last *events.Message
		for i := range 5 {
			sendText(t, bob, alice.phone, fmt.Sprint(i))
			last = awaitMessage(alice)
		}
		_, err := alice.SendPeerMessage(t.Context(), alice.BuildHistorySyncRequest(&last.Info, 3))
		ok(t, err)
		piece := awaitHistory(t, alice, waHistorySync.HistorySync_ON_DEMAND)
		var got string
		for _, m := range piece.Conversations[0].Messages {
			got += m.Message.GetMessage().GetConversation()
		}
		more := waHistorySync.Conversation_COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY
		if got != "321" || piece.Conversations[0].GetEndOfHistoryTransferType() != more {
			t.Errorf("messages %q, %s", got, piece.Conversations[0].GetEndOfHistoryTransferType())
		}
	})
}

func TestHistoryIsLost(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), addPhone(t, w, bob)
		sendText(t, bob, alice, "hello")
		inject(t, w, Fault{Kind: FaultMediaError, Match: "download md-msg-hist", Code: 404})
		c := linkClient(t, w, alice)
		awaitHistory(t, c, waHistorySync.HistorySync_INITIAL_STATUS_V3)
		ok(t, c.SendHistorySyncServerErrorReceipt(t.Context(), "3EB0", make([]byte, 32)))
	})
}

func TestChats(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol := newClient(t, w, alice), addPhone(t, w, bob), addPhone(t, w, carol)
		awaitAppState(alice)
		for range 2 {
			sendText(t, bob, alice.phone, "hello")
		}
		m := awaitMessage(alice)
		sendText(t, carol, alice.phone, "hello")
		unread := func() [2]int {
			chats := alice.phone.Chats()
			if len(chats) != 2 || chats[0].JID != carol.JID() || chats[1].JID != bob.JID() || chats[1].Name != "Phone "+bob.Number() {
				t.Fatalf("chats: %+v", chats)
			}
			return [2]int{chats[0].Unread, chats[1].Unread}
		}
		if got := unread(); got != [2]int{1, 2} {
			t.Errorf("unread at first: %v", got)
		}
		ok(t, alice.MarkRead(t.Context(), []string{m.Info.ID}, m.Info.Timestamp, m.Info.Chat, m.Info.Sender))
		synctest.Wait()
		if got := unread(); got != [2]int{1, 1} {
			t.Errorf("unread after a companion has read one: %v", got)
		}
	})
}
