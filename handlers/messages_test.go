package handlers_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance"
)

// notification is what tests look at in one.
type notification struct {
	ReceiptID int64
	Body      struct {
		TypeWebhook string
		IDMessage   string
		Status      string
		SenderData  struct{ ChatID, ChatName, Sender, SenderName string }
		MessageData struct {
			TypeMessage     string
			TextMessageData struct{ TextMessage string }
		}
	}
}

// next polls for a notification and deletes it; nil when there is none.
func (s *stack) next() *notification {
	s.t.Helper()
	answer := s.get(s.method("receiveNotification"))
	var n *notification
	s.must(json.Unmarshal([]byte(answer.body), &n))
	if n != nil {
		path := s.method("deleteNotification") + "/" + itoa(n.ReceiptID)
		if answer := s.do("DELETE", path, nil, nil); answer.body != `{"result":true,"reason":""}` {
			s.t.Errorf("delete: %s", answer.body)
		}
	}
	return n
}

// set switches settings on.
func (s *stack) set(settings ...string) {
	s.t.Helper()
	patch := instance.SettingsPatch{}
	for _, name := range settings {
		patch[name] = json.RawMessage(`"yes"`)
	}
	s.must(s.instance().SetSettings(s.t.Context(), patch))
}

// send calls a method that answers with the id of a message.
func (s *stack) send(method, body string) string {
	s.t.Helper()
	answer := s.post(s.method(method), body)
	var sent struct{ IDMessage string }
	if err := json.Unmarshal([]byte(answer.body), &sent); err != nil || answer.status != 200 || sent.IDMessage == "" {
		s.t.Fatalf("%s: %d %s", method, answer.status, answer.body)
	}
	return sent.IDMessage
}

// messageSetUps are set-ups of golden exchanges that concern messages.
var messageSetUps = map[string]func(s *stack, args []string){
	"settings": func(s *stack, args []string) { s.set(args...) }, // names: they are switched on
	"says": func(s *stack, args []string) { // number words: that phone writes them to us, as {message}
		id, err := s.world.Phone(args[0]).SendText(s.t.Context(), s.phone.JID(), strings.Join(args[1:], " "))
		s.must(err)
		s.names["{message}"] = id
		synctest.Wait()
	},
	"sent": func(s *stack, args []string) { // number words: we have sent them to that phone, as {message}
		s.names["{message}"] = s.send("sendMessage", `{"chatId":"`+args[0]+`@c.us","message":"`+strings.Join(args[1:], " ")+`"}`)
		<-time.After(time.Second)
		synctest.Wait()
	},
	"drain": func(s *stack, _ []string) { // no notification is left
		for s.next() != nil {
		}
	},
}

func TestTextsGoBothWays(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook", "outgoingWebhook", "outgoingAPIMessageWebhook")
		id := s.send("sendMessage", `{"chatId":"`+otherNumber+`@c.us","message":"Hello"}`)
		m, err := bob.Next(s.t.Context())
		s.must(err)
		if m.ID != id || m.Text != "Hello" {
			t.Errorf("Bob got %q under %s", m.Text, m.ID)
		}
		for _, want := range []string{"outgoingAPIMessageReceived", "outgoingMessageStatus sent", "outgoingMessageStatus delivered"} {
			n := s.next()
			if n == nil || strings.TrimSpace(n.Body.TypeWebhook+" "+n.Body.Status) != want || n.Body.IDMessage != id {
				t.Errorf("%+v, want %s", n, want)
			}
		}
		id, err = bob.SendText(s.t.Context(), s.phone.JID(), "Hi yourself")
		s.must(err)
		n := s.next()
		if n == nil || n.Body.IDMessage != id || n.Body.MessageData.TextMessageData.TextMessage != "Hi yourself" ||
			n.Body.SenderData.ChatID != otherNumber+"@c.us" || n.Body.SenderData.SenderName != "Bob" {
			t.Errorf("%+v", n)
		}
		start := time.Now()
		if n := s.next(); n != nil || time.Since(start) != 5*time.Second {
			t.Errorf("%+v after %v", n, time.Since(start))
		}
		synctest.Wait()
		history := s.post(s.method("getChatHistory"), `{"chatId":"`+otherNumber+`@c.us"}`).body
		for _, want := range []string{"Hi yourself", `"statusMessage":"delivered"`, id} {
			if !strings.Contains(history, want) {
				t.Errorf("no %s in %s", want, history)
			}
		}
	})
}
