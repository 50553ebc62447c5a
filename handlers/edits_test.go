package handlers_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/sandbox"
)

// entry is what tests look at in a journal.
type entry struct {
	Type, IDMessage, TypeMessage, StatusMessage, TextMessage, Caption string
	EditedMessageID, DeletedMessageID                                 string
	IsEdited, IsDeleted                                               bool
	DeletedMessageData                                                struct{ StanzaID string }
}

// chatHistory reads the journal of a chat, newest first.
func (s *stack) chatHistory(chat string) []entry {
	s.t.Helper()
	<-time.After(time.Second)
	synctest.Wait()
	var list []entry
	answer := s.post(s.method("getChatHistory"), `{"chatId":"`+chat+`"}`)
	s.must(json.Unmarshal([]byte(answer.body), &list))
	return list
}

// hooksOf takes all notifications out of the queue and returns those of a type.
func (s *stack) hooksOf(typeWebhook string) []map[string]any {
	s.t.Helper()
	var list []map[string]any
	for {
		answer := s.get(s.method("receiveNotification"))
		var n *struct {
			ReceiptID int64
			Body      map[string]any
		}
		s.must(json.Unmarshal([]byte(answer.body), &n))
		if n == nil {
			return list
		}
		s.do("DELETE", s.method("deleteNotification")+"/"+itoa(n.ReceiptID), nil, nil)
		if n.Body["typeWebhook"] == typeWebhook {
			list = append(list, n.Body)
		}
	}
}

// ok calls a method and fails unless the answer is 200.
func (s *stack) ok(method, body string) string {
	s.t.Helper()
	answer := s.post(s.method(method), body)
	if answer.status != 200 {
		s.t.Fatalf("%s: %d %s", method, answer.status, answer.body)
	}
	return answer.body
}

// receives waits for the next message on a phone.
func (s *stack) receives(phone *sandbox.Phone) sandbox.Message {
	s.t.Helper()
	m, err := phone.Next(s.t.Context())
	s.must(err)
	return m
}

const bob = otherNumber + "@c.us"

func TestEditReachesThePhone(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		s.set("outgoingAPIMessageWebhook", "editedMessageWebhook")
		id := s.send("sendMessage", `{"chatId":"`+bob+`","message":"Hello"}`)
		edit := s.send("editMessage", `{"chatId":"`+bob+`","idMessage":"`+id+`","message":"Good day"}`)
		s.receives(phone)
		got := s.receives(phone)
		if p := got.Proto.GetProtocolMessage(); got.ID != edit || p.GetType() != waE2E.ProtocolMessage_MESSAGE_EDIT || p.GetKey().GetID() != id ||
			got.Text != "Good day" {
			t.Errorf("Bob got %+v", got)
		}
		history := s.chatHistory(bob)
		if len(history) != 1 || history[0].IDMessage != id || history[0].TextMessage != "Good day" || !history[0].IsEdited ||
			history[0].EditedMessageID != edit {
			t.Errorf("journal: %+v", history)
		}
		hooks := s.hooksOf("outgoingAPIMessageReceived")
		if len(hooks) != 2 || hooks[1]["idMessage"] != edit {
			t.Fatalf("notifications: %v", hooks)
		}
		data, _ := json.Marshal(hooks[1]["messageData"])
		if want := `{"editedMessageData":{"stanzaId":"` + id + `","textMessage":"Good day"},"typeMessage":"editedMessage"}`; string(data) != want {
			t.Errorf("%s, want %s", data, want)
		}
	})
}

func TestEditWaitsInTheQueue(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.addPhone(otherNumber, "Bob")
		id := s.send("sendMessage", `{"chatId":"`+bob+`","message":"Hello"}`)
		s.chatHistory(bob)
		s.must(s.instance().Disconnect())
		edit := s.send("editMessage", `{"chatId":"`+bob+`","idMessage":"`+id+`","message":"Good day"}`)
		want := `[{"messageID":"` + edit + `","type":"editMessage","body":{"chatId":"` + bob + `","idMessage":"` + id +
			`","message":"Good day","linkPreview":true}}]`
		if got := s.get(s.method("showMessagesQueue")).body; got != want {
			t.Errorf("queue %s, want %s", got, want)
		}
	})
}

func TestLateEditFails(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.set("outgoingWebhook")
		phone := s.addPhone(otherNumber, "Bob")
		id := s.send("sendMessage", `{"chatId":"`+bob+`","message":"Hello"}`)
		s.receives(phone)
		<-time.After(21 * time.Minute)
		s.set("outgoingWebhook")
		edit := s.send("editMessage", `{"chatId":"`+bob+`","idMessage":"`+id+`","message":"Good day"}`)
		if history := s.chatHistory(bob); len(history) != 1 || history[0].TextMessage != "Hello" || history[0].IsEdited {
			t.Errorf("journal: %+v", history)
		}
		hooks := s.hooksOf("outgoingMessageStatus")[2:] // those of the message itself come first
		if len(hooks) != 1 || hooks[0]["idMessage"] != edit || hooks[0]["status"] != "failed" ||
			!strings.Contains(hooks[0]["description"].(string), "20 minutes") {
			t.Errorf("notifications: %v", hooks)
		}
		if n := len(phone.Messages()); n != 1 {
			t.Errorf("Bob has %d messages", n)
		}
	})
}

func TestEditOfACaptionKeepsTheFile(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		id, err := s.phone.Send(s.t.Context(), phone.JID(), &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
			Caption: proto.String("A bike"), Mimetype: proto.String("image/jpeg"), DirectPath: proto.String("/v/bike"),
		}})
		s.must(err)
		s.receives(phone)
		s.chatHistory(bob)
		s.send("editMessage", `{"chatId":"`+bob+`","idMessage":"`+id+`","message":"My bike"}`)
		image := s.receives(phone).Proto.GetProtocolMessage().GetEditedMessage().GetImageMessage()
		if image.GetCaption() != "My bike" || image.GetDirectPath() != "/v/bike" {
			t.Errorf("Bob got %v", image)
		}
		<-time.After(time.Second)
		if history := s.chatHistory(bob); len(history) != 1 || history[0].Caption != "My bike" || history[0].TypeMessage != "imageMessage" {
			t.Errorf("journal: %+v", history)
		}
	})
}

func TestDeletionReachesThePhone(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		s.set("outgoingAPIMessageWebhook", "deletedMessageWebhook")
		id := s.send("sendMessage", `{"chatId":"`+bob+`","message":"Hello"}`)
		s.receives(phone)
		s.chatHistory(bob)
		if body := s.ok("deleteMessage", `{"chatId":"`+bob+`","idMessage":"`+id+`"}`); body != "" {
			t.Errorf("answer %q", body)
		}
		got := s.receives(phone)
		if p := got.Proto.GetProtocolMessage(); p.GetType() != waE2E.ProtocolMessage_REVOKE || p.GetKey().GetID() != id {
			t.Errorf("Bob got %+v", got)
		}
		history := s.chatHistory(bob)
		if len(history) != 2 || history[0].TypeMessage != "deletedMessage" || history[0].DeletedMessageData.StanzaID != id ||
			history[0].IDMessage != got.ID || !history[1].IsDeleted || history[1].DeletedMessageID != got.ID || history[1].TextMessage != "Hello" {
			t.Errorf("journal: %+v", history)
		}
		hooks := s.hooksOf("outgoingAPIMessageReceived")
		if len(hooks) != 2 || hooks[1]["idMessage"] != got.ID || hooks[1]["messageData"].(map[string]any)["typeMessage"] != "deletedMessage" {
			t.Errorf("notifications: %v", hooks)
		}
	})
}

func TestDeletionForTheSenderOnly(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		<-time.After(time.Second)
		ours := s.send("sendMessage", `{"chatId":"`+bob+`","message":"Hello"}`)
		s.receives(phone)
		theirs, err := phone.SendText(s.t.Context(), s.phone.JID(), "Hi")
		s.must(err)
		s.chatHistory(bob)
		for id, fromMe := range map[string]string{ours: "1", theirs: "0"} {
			s.ok("deleteMessage", `{"chatId":"`+bob+`","idMessage":"`+id+`","onlySenderDelete":true}`)
			if s.phone.Setting("deleteMessageForMe", personJID(otherNumber).String(), id, fromMe, "0").GetDeleteMessageForMeAction() == nil {
				t.Errorf("our phone still has %s", id)
			}
		}
		if n := len(phone.Messages()); n != 1 {
			t.Errorf("Bob has %d messages", n)
		}
		for _, e := range s.chatHistory(bob)[2:] {
			if !e.IsDeleted {
				t.Errorf("journal: %+v", e)
			}
		}
	})
}

func TestAdminDeletesMessagesOfOthers(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		group, err := phone.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		id, err := phone.SendText(s.t.Context(), group, "Hello")
		s.must(err)
		s.chatHistory(group.String())
		request := `{"chatId":"` + group.String() + `","idMessage":"` + id + `"}`
		if answer := s.post(s.method("deleteMessage"), request); answer.status != 400 || !strings.Contains(answer.body, "admin") {
			t.Errorf("as a member: %d %s", answer.status, answer.body)
		}
		s.must(phone.PromoteInGroup(group, ownNumber))
		s.ok("deleteMessage", request)
		key := s.receives(phone).Proto.GetProtocolMessage().GetKey()
		if key.GetID() != id || key.GetFromMe() || key.GetParticipant() != phone.LID().String() {
			t.Errorf("Bob got %v", key)
		}
	})
}

func TestQueuedMessageIsWithdrawn(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		s.must(s.instance().SetSettings(s.t.Context(), map[string]json.RawMessage{"delaySendMessagesMilliseconds": []byte("60000")}))
		s.send("sendMessage", `{"chatId":"`+bob+`","message":"first"}`)
		paced := s.send("sendMessage", `{"chatId":"`+bob+`","message":"second"}`)
		last := s.send("sendMessage", `{"chatId":"`+bob+`","message":"third"}`)
		s.receives(phone)
		<-time.After(10 * time.Second) // the second one is waiting for its turn
		s.ok("deleteMessage", `{"chatId":"`+bob+`","idMessage":"`+paced+`"}`)
		if m := s.receives(phone); m.ID != last {
			t.Errorf("Bob got %q", m.Text)
		}
		for _, e := range s.chatHistory(bob) {
			if e.IDMessage == paced && (e.StatusMessage != "failed" || !e.IsDeleted) {
				t.Errorf("journal: %+v", e)
			}
		}
	})
}

func TestReactionReachesThePhone(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		s.set("outgoingAPIMessageWebhook")
		group, err := phone.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		for _, chat := range []struct{ id, participant string }{{bob, ""}, {group.String(), phone.LID().String()}} {
			to := s.phone.JID()
			if chat.participant != "" {
				to = group
			}
			id, err := phone.SendText(s.t.Context(), to, "Hello")
			s.must(err)
			synctest.Wait()
			for _, emoji := range []string{"👍", ""} {
				reaction := s.send("sendReaction", `{"chatId":"`+chat.id+`","idMessage":"`+id+`","reaction":"`+emoji+`"}`)
				got := s.receives(phone)
				r := got.Proto.GetReactionMessage()
				if got.ID != reaction || r.GetText() != emoji || r.GetKey().GetID() != id || r.GetKey().GetFromMe() ||
					r.GetKey().GetParticipant() != chat.participant {
					t.Errorf("Bob got %+v", got)
				}
			}
		}
		hooks := s.hooksOf("outgoingAPIMessageReceived")
		if len(hooks) != 4 || hooks[0]["messageData"].(map[string]any)["typeMessage"] != "reactionMessage" {
			t.Errorf("notifications: %v", hooks)
		}
	})
}
