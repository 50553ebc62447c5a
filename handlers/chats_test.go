package handlers_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/types"

	"greengate/handlers"
	"greengate/sandbox"
	"greengate/store"
)

func TestTypingReachesThePhone(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		begin := time.Now()
		s.ok("sendTyping", `{"chatId":"`+bob+`","typingTime":5000,"typingType":"recording"}`)
		for _, want := range []struct {
			state types.ChatPresence
			media types.ChatPresenceMedia
			after time.Duration
		}{
			{types.ChatPresenceComposing, types.ChatPresenceMediaAudio, 0},
			{types.ChatPresencePaused, "", 5 * time.Second},
		} {
			got, err := phone.NextTyping(s.t.Context())
			s.must(err)
			if got.State != want.state || got.Media != want.media || time.Since(begin) != want.after || got.From != s.phone.JID() {
				t.Errorf("%+v after %v, want %+v", got, time.Since(begin), want)
			}
		}
		s.must(s.instance().Disconnect())
		s.ok("sendTyping", `{"chatId":"`+bob+`"}`)
		queue := s.get(s.method("showMessagesQueue")).body
		if !strings.Contains(queue, `"type":"sendTyping","body":{"chatId":"`+bob+`","typingTime":1000}`) {
			t.Errorf("queue: %s", queue)
		}
	})
}

// expirations sends one message of each kind to a chat and returns after how many seconds they expire on a phone.
func (s *stack) expirations(chat string, phone *sandbox.Phone) []uint32 {
	s.t.Helper()
	s.send("sendMessage", `{"chatId":"`+chat+`","message":"Hello"}`)
	s.send("sendPoll", `{"chatId":"`+chat+`","message":"Lunch?","options":[{"optionName":"12:00"},{"optionName":"13:00"}]}`)
	s.send("sendLocation", `{"chatId":"`+chat+`","latitude":1,"longitude":2}`)
	s.send("sendContact", `{"chatId":"`+chat+`","contact":{"phoneContact":15550003333,"firstName":"Cleo"}}`)
	return []uint32{
		s.receives(phone).Proto.GetExtendedTextMessage().GetContextInfo().GetExpiration(),
		s.receives(phone).Proto.GetPollCreationMessage().GetContextInfo().GetExpiration(),
		s.receives(phone).Proto.GetLocationMessage().GetContextInfo().GetExpiration(),
		s.receives(phone).Proto.GetContactMessage().GetContextInfo().GetExpiration(),
	}
}

func all(seconds uint32) []uint32 { return slices.Repeat([]uint32{seconds}, 4) }

func TestMessagesExpireAsTheirChatWants(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		if got := s.expirations(bob, phone); !slices.Equal(got, all(0)) {
			t.Errorf("at first: %v", got)
		}
		s.expire(phone, 86400)
		if got := s.expirations(bob, phone); !slices.Equal(got, all(86400)) {
			t.Errorf("as Bob has set it: %v", got)
		}
		<-time.After(time.Hour) // from here on ours is the newer setting
		s.ok("setDisappearingChat", `{"chatId":"`+bob+`","ephemeralExpiration":604800}`)
		if p := s.receives(phone).Proto.GetProtocolMessage(); p.GetEphemeralExpiration() != 604800 {
			t.Errorf("Bob got %v", p)
		}
		s.expire(phone, 86400) // delivered late
		if got := s.expirations(bob, phone); !slices.Equal(got, all(604800)) {
			t.Errorf("as we have set it: %v", got)
		}
		s.ok("setDisappearingChat", `{"chatId":"`+bob+`","ephemeralExpiration":0}`)
		s.receives(phone)
		if got := s.expirations(bob, phone); !slices.Equal(got, all(0)) {
			t.Errorf("switched off: %v", got)
		}
	})
}

func TestMessagesExpireAsTheirGroupWants(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		group, err := phone.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		s.ok("setDisappearingChat", `{"chatId":"`+group.String()+`","ephemeralExpiration":7776000}`)
		if timer := phone.Groups()[0].Ephemeral; timer != 90*24*time.Hour {
			t.Errorf("the group's timer is %v", timer)
		}
		if got := s.expirations(group.String(), phone); !slices.Equal(got, all(7776000)) {
			t.Errorf("as set: %v", got)
		}
		s.must(s.store.Update(s.t.Context(), func(tx *store.Tx) error { return tx.ForgetChats(int64(s.id)) }))
		if got := s.expirations(group.String(), phone); !slices.Equal(got, all(7776000)) {
			t.Errorf("as WhatsApp says when asked: %v", got)
		}
	})
}

// chats lists the chats by id.
func (s *stack) chats() map[string]handlers.ListedChat {
	s.t.Helper()
	<-time.After(time.Second) // its rate
	synctest.Wait()
	var list []handlers.ListedChat
	s.must(json.Unmarshal([]byte(s.get(s.method("getChats")).body), &list))
	chats := map[string]handlers.ListedChat{}
	for _, c := range list {
		chats[string(c.ID)] = c
	}
	return chats
}

func TestArchiveIsTheSameOnAllDevices(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		<-time.After(time.Second)
		id, err := phone.SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		synctest.Wait()
		for _, archived := range []bool{true, false} {
			s.ok(map[bool]string{true: "archiveChat", false: "unarchiveChat"}[archived], `{"chatId":"`+bob+`"}`)
			action := s.phone.Setting("archive", personJID(otherNumber).String()).GetArchiveChatAction()
			if action.GetArchived() != archived || action.GetMessageRange().GetMessages()[0].GetKey().GetID() != id {
				t.Errorf("our phone has %v", action)
			}
			if chat := s.chats()[bob]; chat.Archive != archived {
				t.Errorf("%+v", chat)
			}
		}
		s.must(s.phone.Archive(personJID(otherNumber), true))
		if chat := s.chats()[bob]; !chat.Archive {
			t.Errorf("archived on the phone: %+v", chat)
		}
		s.must(s.phone.Archive(phone.LID(), false))
		if chat := s.chats()[bob]; chat.Archive {
			t.Errorf("taken out on the phone, by LID: %+v", chat)
		}
	})
}

func TestUnreadMessagesAreReadOnAnyDevice(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		var ids []string
		for range 3 {
			id, err := phone.SendText(s.t.Context(), s.phone.JID(), "Hello")
			s.must(err)
			ids = append(ids, id)
		}
		if n := s.chats()[bob].UnreadCount; n != 3 {
			t.Errorf("%d unread, want 3", n)
		}
		s.phone.Read(ids[0])
		if n := s.chats()[bob].UnreadCount; n != 2 {
			t.Errorf("%d unread, want 2: one was read on the phone", n)
		}
		s.ok("readChat", `{"chatId":"`+bob+`"}`)
		if n := s.chats()[bob].UnreadCount; n != 0 {
			t.Errorf("%d unread, want 0", n)
		}
	})
}

// reads counts the messages that somebody was told to be read.
func reads(phone *sandbox.Phone) (n int) {
	synctest.Wait()
	for _, r := range phone.Receipts() {
		if r.Type == string(types.ReceiptTypeRead) {
			n += len(r.IDs)
		}
	}
	return n
}

func TestReplyMarksAsRead(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		for range 2 {
			_, err := phone.SendText(s.t.Context(), s.phone.JID(), "Hello")
			s.must(err)
		}
		synctest.Wait()
		s.send("sendMessage", `{"chatId":"`+bob+`","message":"Hi"}`)
		s.receives(phone)
		if n := reads(phone); n != 0 {
			t.Errorf("%d read while the setting is off", n)
		}
		s.set("markIncomingMessagesReadedOnReply")
		s.send("sendMessage", `{"chatId":"`+bob+`","message":"Hi"}`)
		s.receives(phone)
		if n := reads(phone); n != 2 {
			t.Errorf("%d read, want 2", n)
		}
	})
}

func TestOnlineStatusIsKept(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		<-time.After(time.Second)
		switchTo := func(value string, online bool) {
			t.Helper()
			s.must(s.instance().SetSettings(s.t.Context(), map[string]json.RawMessage{"keepOnlineStatus": json.RawMessage(value)}))
			synctest.Wait()
			if s.phone.Online() != online {
				t.Errorf("online: %v", !online)
			}
		}
		if s.phone.Online() {
			t.Error("online by default")
		}
		switchTo(`"yes"`, true)
		s.must(s.phone.Kick(1, sandbox.KickCut))
		<-time.After(5 * time.Second)
		synctest.Wait()
		if !s.phone.Online() {
			t.Error("not online after a reconnect")
		}
		switchTo(`"no"`, false)
	})
}
