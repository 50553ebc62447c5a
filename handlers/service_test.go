package handlers_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/handlers"
	"greengate/sandbox"
)

// serviceSetUps are set-ups of golden exchanges that concern chats, contacts and labels.
var serviceSetUps = map[string]func(s *stack, args []string){
	"saved": func(s *stack, args []string) { // number words: they stand in our phone's address book under that name
		s.must(s.phone.SaveContact(personJID(args[0]), strings.Join(args[1:], " ")))
		synctest.Wait()
	},
	"archives": func(s *stack, args []string) { // number: our phone moves the chat to the archive
		s.must(s.phone.Archive(personJID(args[0]), true))
		synctest.Wait()
	},
	"expires": func(s *stack, args []string) { // number seconds: that phone sets how long messages live in our chat
		seconds, err := strconv.ParseUint(args[1], 10, 32)
		s.must(err)
		s.expire(s.world.Phone(args[0]), uint32(seconds))
	},
	"label": func(s *stack, args []string) { // id name: our phone makes a label
		s.must(s.phone.EditLabel(sandbox.Label{ID: args[0], Name: args[1], Color: 2}))
		synctest.Wait()
	},
	"sent-place": func(s *stack, args []string) { // number: we have sent a location to that phone, as {message}
		s.names["{message}"] = s.send("sendLocation", `{"chatId":"`+args[0]+`@c.us","latitude":1,"longitude":2}`)
		<-time.After(time.Second)
		synctest.Wait()
	},
	"files": func(s *stack, _ []string) { // files.example has some
		s.outside.Name("files.example", "203.0.114.7")
		s.outside.Serve("203.0.114.7", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/photo.jpg":
				_, _ = w.Write(smallPhoto(s.t))
			case "/notes.txt":
				_, _ = w.Write([]byte("Dear diary"))
			case "/empty.jpg":
			case "/huge.jpg":
				w.Header().Set("Content-Length", strconv.Itoa(30<<20))
			default:
				http.NotFound(w, r)
			}
		}))
	},
	"keep": func(s *stack, _ []string) { // a photo was uploaded, as {kept}
		s.names["{kept}"] = s.keep(smallPhoto(s.t))
	},
	"call": func(s *stack, args []string) { // method JSON: it was called before
		body := strings.Join(args[1:], " ")
		for name, value := range s.names {
			body = strings.ReplaceAll(body, name, value)
		}
		if answer := s.post(s.method(args[0]), body); answer.status != 200 {
			s.t.Fatalf("%s: %d %s", args[0], answer.status, answer.body)
		}
	},
}

func personJID(number string) types.JID { return types.NewJID(number, types.DefaultUserServer) }

// expire lets a phone set how long messages live in its chat with us.
func (s *stack) expire(by *sandbox.Phone, seconds uint32) {
	s.t.Helper()
	_, err := by.Send(s.t.Context(), s.phone.JID(), &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_EPHEMERAL_SETTING.Enum(), EphemeralExpiration: &seconds, EphemeralSettingTimestamp: proto.Int64(946684900),
	}})
	s.must(err)
	synctest.Wait()
}

// The examples of the documents work as they stand, one after the other.
func TestExamplesOfServiceWork(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.addPhone(otherNumber, "Bob")
		<-time.After(time.Second)
		id := s.send("sendMessage", `{"chatId":"`+bob+`","message":"Hello"}`)
		<-time.After(time.Second)
		fill := strings.NewReplacer("{{urlFile}}", s.keep(smallPhoto(t)), "{{groupId}}", "", "{{chatId}}", bob, "{{phoneNumber}}", otherNumber, "{{idMessage}}", id, "{{proxy}}", "")
		for _, row := range handlers.Methods() {
			if row.Section != handlers.SectionService && row.Section != handlers.SectionExtras || row.Name == "deleteMessage" {
				continue
			}
			answer := s.do(row.Verb, s.method(row.Name), map[string][]string{}, strings.NewReader(fill.Replace(row.Example)))
			if answer.status != 200 {
				t.Errorf("%s: %d %s", row.Name, answer.status, answer.body)
			}
		}
	})
}
