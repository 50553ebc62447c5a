package handlers_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"greengate/sandbox"
)

// Every kind that is sent by a method is testdata/sent/<kind>.txtar: set-up lines, the method with its body, and what becomes of it: the
// notification, the journal's entry, and what Bob's phone has got.
func TestWhatMethodsSend(t *testing.T) {
	files, err := filepath.Glob("testdata/sent/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no kinds", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			inBubble(t, func(s *stack) { checkSent(s, file) })
		})
	}
}

func checkSent(s *stack, file string) {
	s.t.Helper()
	archive, err := txtar.ParseFile(file)
	s.must(err)
	s.link()
	bob := s.addPhone(otherNumber, "Bob")
	s.names["{lid}"], s.names["{own}"] = bob.LID().String(), s.phone.LID().String()
	for line := range strings.Lines(string(archive.Comment)) {
		s.setUp(strings.Fields(line))
	}
	s.set(allMessageSettings...)
	s.drain()
	method, body, _ := strings.Cut(strings.TrimSpace(s.fillIn(string(archive.Files[0].Data))), "\n")
	before := len(bob.Messages())
	answer := s.post(s.method(method), body)
	notification := s.nextBody()
	var announced notificationBody
	s.must(json.Unmarshal([]byte(notification), &announced))
	if announced.IDMessage == "" || !strings.Contains(answer.body, announced.IDMessage) {
		s.t.Errorf("announced as %q, answered %s", announced.IDMessage, answer.body)
	}
	s.names["{sent}"] = announced.IDMessage
	<-time.After(time.Second)
	synctest.Wait()
	got := txtar.Archive{Comment: archive.Comment, Files: archive.Files[:1]}
	for _, part := range []struct{ name, data string }{
		{"notification", notification},
		{"journal", s.post(s.method("getMessage"), `{"chatId":"`+announced.SenderData.ChatID+`","idMessage":"`+announced.IDMessage+`"}`).body},
		{"phone", protoJSON(s.t, bob.Messages()[before:])},
	} {
		got.Files = append(got.Files, txtar.File{Name: part.name, Data: []byte(s.mask(part.data) + "\n")})
	}
	if *update {
		s.must(os.WriteFile(file, txtar.Format(&got), 0o644))
	} else if diff := cmp.Diff(string(txtar.Format(archive)), string(txtar.Format(&got))); diff != "" {
		s.t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

// protoJSON shows the one message that has come, without what is random in it.
func protoJSON(t *testing.T, messages []sandbox.Message) string {
	t.Helper()
	if len(messages) != 1 {
		t.Fatalf("%d messages have come", len(messages))
	}
	m := proto.CloneOf(messages[0].Proto)
	if len(m.GetMessageContextInfo().GetMessageSecret()) == 32 {
		m.MessageContextInfo.MessageSecret = []byte("32 random bytes")
	}
	m.SenderKeyDistributionMessage = nil
	data, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, data); err != nil { // protojson adds spaces at random
		t.Fatal(err)
	}
	return out.String()
}
