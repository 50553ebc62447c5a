package instance

import (
	"encoding/json"
	"testing"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

// Whatever others send can be read, rendered, quoted, forwarded and edited without harm.
func FuzzContent(f *testing.F) {
	text := proto.String("Hello")
	quoting := &waE2E.ContextInfo{StanzaID: text, Participant: text, QuotedMessage: &waE2E.Message{Conversation: text}}
	for _, m := range []*waE2E.Message{
		{Conversation: text},
		{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: text, ContextInfo: quoting}},
		{EphemeralMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: text, ContextInfo: quoting}}}},
		{ProtocolMessage: &waE2E.ProtocolMessage{Key: &waCommon.MessageKey{ID: text}}},
		{ProtocolMessage: &waE2E.ProtocolMessage{EditedMessage: &waE2E.Message{VideoMessage: &waE2E.VideoMessage{Caption: text}}}},
		{PollCreationMessageV4: &waE2E.FutureProofMessage{Message: &waE2E.Message{PollCreationMessage: &waE2E.PollCreationMessage{Name: text}}}},
		{ReactionMessage: &waE2E.ReactionMessage{Key: &waCommon.MessageKey{ID: text}, Text: text}},
		{TemplateMessage: &waE2E.TemplateMessage{}},
		{InteractiveMessage: &waE2E.InteractiveMessage{InteractiveMessage: &waE2E.InteractiveMessage_NativeFlowMessage_{
			NativeFlowMessage: &waE2E.InteractiveMessage_NativeFlowMessage{Buttons: []*waE2E.InteractiveMessage_NativeFlowMessage_NativeFlowButton{
				{Name: proto.String("cta_url"), ButtonParamsJSON: proto.String(`{"url":1}`)}, {},
			}},
		}}},
	} {
		data, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		message := &waE2E.Message{}
		if proto.Unmarshal(data, message) != nil {
			return
		}
		message = unwrapped(message)
		c := contentOf(message)
		if c.typ == "" {
			return
		}
		for _, part := range []any{c.text, c.file, c.location, c.contact, c.contacts, c.poll, messageData{c.typ, c.rest}} {
			if encoded, err := encode(part); err != nil || !json.Valid(encoded) {
				t.Errorf("%s, %v", encoded, err)
			}
		}
		if (c.file != nil) != (fileOf(message) != nil) {
			t.Error("a file that cannot be found")
		}
		if q := quotedBy(message, c); q != nil && q.copy != nil {
			contentOf(unwrapped(q.copy))
		}
		if again := contentOf(withoutQuote(message)); again.context.GetStanzaID() != "" {
			t.Error("a quote that quotes")
		}
		target := store.Message{Content: data}
		if err := edit(&target, message); err != nil || proto.Unmarshal(target.Content, &waE2E.Message{}) != nil {
			t.Error("an edit that breaks the message", err)
		}
	})
}
