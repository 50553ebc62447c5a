package handlers_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

// notification is what tests look at in one.
type notification struct {
	ReceiptID int64
	Body      notificationBody
}

type notificationBody struct {
	TypeWebhook   string
	IDMessage     string
	Status        string
	Description   string
	ChatID        string
	StateInstance string
	SendByAPI     bool
	SenderData    struct{ ChatID, ChatName, Sender, SenderName, SenderContactName string }
	MessageData   struct {
		TypeMessage             string
		TextMessageData         struct{ TextMessage string }
		ExtendedTextMessageData struct{ Text string }
	}
}

// String is the type with the status or state it tells, for comparisons of sequences.
func (b notificationBody) String() string {
	return strings.TrimSpace(b.TypeWebhook + " " + b.Status + b.StateInstance)
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
	"quota": func(s *stack, args []string) { // chats in a month
		chats, err := strconv.Atoi(args[0])
		s.must(err)
		s.correspondents = chats
		s.restart()
		s.await(instance.StateAuthorized)
	},
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
	"says-in-group": func(s *stack, args []string) { // number words: that phone writes them to {group}, as {message}
		group, err := types.ParseJID(s.names["{group}"])
		s.must(err)
		s.names["{message}"], err = s.world.Phone(args[0]).SendText(s.t.Context(), group, strings.Join(args[1:], " "))
		s.must(err)
		synctest.Wait()
	},
	"asked": func(s *stack, args []string) { // number question: we have sent a poll to that phone, as {message}
		s.names["{message}"] = s.send("sendPoll", `{"chatId":"`+args[0]+`@c.us","message":"`+args[1]+
			`","options":[{"optionName":"12:00"},{"optionName":"13:00"}]}`)
		<-time.After(time.Second)
		synctest.Wait()
	},
	"replied": func(s *stack, args []string) { // number words: we have answered {message} with them, as the new {message}
		s.names["{message}"] = s.send("sendMessage", `{"chatId":"`+args[0]+`@c.us","message":"`+strings.Join(args[1:], " ")+
			`","quotedMessageId":"`+s.names["{message}"]+`"}`)
		<-time.After(time.Second)
		synctest.Wait()
	},
	"forwarded": func(s *stack, args []string) { // number: we have forwarded {message} within the chat with it, as the new {message}
		var answer struct{ Messages []string }
		s.must(json.Unmarshal([]byte(s.post(s.method("forwardMessages"), `{"chatId":"`+args[0]+`@c.us","chatIdFrom":"`+args[0]+
			`@c.us","messages":["`+s.names["{message}"]+`"]}`).body), &answer))
		s.names["{message}"] = answer.Messages[0]
		<-time.After(time.Second)
		synctest.Wait()
	},
	"request": func(s *stack, args []string) { // verb method[/tail] [body]: as the request of another moment
		name, tail, _ := strings.Cut(args[1], "/")
		body := s.fillIn(strings.Join(args[2:], " "))
		if a := s.do(args[0], strings.TrimSuffix(s.method(name)+"/"+tail, "/"), http.Header{}, strings.NewReader(body)); a.status != 200 {
			s.t.Fatalf("%s: %d %s", args[1], a.status, a.body)
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

func TestTextsHaveUpTo20000Characters(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		longest := strings.Repeat("😀", 20_000)
		s.say(bobChat, longest)
		if m, err := bob.Next(s.t.Context()); err != nil || m.Text != longest {
			t.Errorf("%d bytes have come, %v", len(m.Text), err)
		}
		a := s.post(s.method("sendMessage"), `{"chatId":"`+bobChat+`","message":"`+longest+`😀"}`)
		if a.status != 400 || !strings.Contains(a.body, "Details: 'message' length must be less than or equal to 20000 characters long") {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}
