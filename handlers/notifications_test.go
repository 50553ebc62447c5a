package handlers_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"golang.org/x/tools/txtar"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"greengate/sandbox"
)

const notificationDir = "testdata/notifications"

// allMessageSettings are the switches that notifications of messages depend on.
var allMessageSettings = []string{
	"incomingWebhook", "outgoingMessageWebhook", "outgoingAPIMessageWebhook", "pollMessageWebhook", "editedMessageWebhook",
	"deletedMessageWebhook",
}

// Every kind of message is testdata/notifications/<kind>.txtar: set-up lines as of golden exchanges, the message that phones send, as
// protobuf JSON, and what becomes of it: the notification of an incoming one and of one from the account's phone, the journal's entry of the
// former, and what a reply to it quotes. {lid} is Bob's LID, {own} the account's.
func TestNotificationsOfEveryKind(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(notificationDir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no kinds", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			inBubble(t, func(s *stack) { checkKind(s, file) })
		})
	}
}

func checkKind(s *stack, file string) {
	s.t.Helper()
	archive, err := txtar.ParseFile(file)
	s.must(err)
	s.link()
	bob := s.addPhone(otherNumber, "Bob")
	s.set(allMessageSettings...)
	s.names["{lid}"], s.names["{own}"] = bob.LID().String(), s.phone.LID().String()
	for line := range strings.Lines(string(archive.Comment)) {
		s.setUp(strings.Fields(line))
	}
	s.drain()
	message := &waE2E.Message{}
	s.must(protojson.Unmarshal([]byte(s.fillIn(string(archive.Files[0].Data))), message))
	got := txtar.Archive{Comment: archive.Comment, Files: archive.Files[:1]}
	show := func(name, data string) {
		got.Files = append(got.Files, txtar.File{Name: name, Data: []byte(s.mask(data) + "\n")})
	}
	id, err := bob.Send(s.t.Context(), s.phone.JID(), message)
	s.must(err)
	s.names["{sent}"] = id
	show("incoming", s.nextBody())
	show("journal", s.post(s.method("getMessage"), `{"chatId":"`+otherNumber+`@c.us","idMessage":"`+id+`"}`).body)
	if m, _ := bob.Message(id); m.Proto.ReactionMessage == nil && m.Proto.ProtocolMessage == nil {
		show("quoted", s.quotedBy(bob, id))
	}
	if id, err = s.phone.Send(s.t.Context(), bob.JID(), message); err != nil {
		s.t.Fatal(err)
	}
	s.names["{sent}"] = id
	show("outgoing", s.nextBody())
	if *update {
		s.must(os.WriteFile(file, txtar.Format(&got), 0o644))
	} else if diff := cmp.Diff(string(txtar.Format(archive)), string(txtar.Format(&got))); diff != "" {
		s.t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

// fillIn replaces the placeholders of a text.
func (s *stack) fillIn(text string) string {
	for name, value := range s.names {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

// nextBody polls for a notification, deletes it and returns its body; "null" when there is none.
func (s *stack) nextBody() string {
	s.t.Helper()
	var n *struct {
		ReceiptID int64
		Body      json.RawMessage
	}
	s.must(json.Unmarshal([]byte(s.get(s.method("receiveNotification")).body), &n))
	if n == nil {
		return "null"
	}
	s.do("DELETE", s.method("deleteNotification")+"/"+itoa(n.ReceiptID), nil, nil)
	return string(n.Body)
}

// drain leaves no notification.
func (s *stack) drain() {
	s.t.Helper()
	synctest.Wait()
	for s.nextBody() != "null" {
	}
}

// quotedBy lets a phone answer a message that it sent itself, and returns what the notification says of the quoted message.
func (s *stack) quotedBy(phone *sandbox.Phone, id string) string {
	s.t.Helper()
	m, ok := phone.Message(id)
	if !ok {
		s.t.Fatal("the phone does not know the message")
	}
	_, err := phone.Send(s.t.Context(), s.phone.JID(), sandbox.Quote(m, &waE2E.Message{Conversation: proto.String("Yes")}))
	s.must(err)
	var body struct {
		MessageData struct{ QuotedMessage json.RawMessage }
	}
	s.must(json.Unmarshal([]byte(s.nextBody()), &body))
	return string(body.MessageData.QuotedMessage)
}
