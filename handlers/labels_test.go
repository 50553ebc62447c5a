package handlers_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"greengate/sandbox"
)

func TestLabelsReachThePhone(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		<-time.After(time.Second)
		chat := personJID(otherNumber)
		id, err := phone.SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		synctest.Wait()
		expect := func(labels ...sandbox.Label) {
			t.Helper()
			if got := s.phone.Labels(); !slices.Equal(got, labels) {
				t.Errorf("our phone has %v, want %v", got, labels)
			}
		}
		s.ok("createLabel", `{"name":"Paid","color":3}`)
		expect(sandbox.Label{ID: "1", Name: "Paid", Color: 3})
		s.ok("editLabel", `{"labelId":"1","color":4}`)
		expect(sandbox.Label{ID: "1", Name: "Paid", Color: 4})
		s.ok("attachLabel", `{"labelId":"1","chatId":"`+bob+`"}`)
		if got := s.phone.ChatLabels(chat); !slices.Equal(got, []string{"1"}) {
			t.Errorf("the chat has %v", got)
		}
		s.ok("detachLabel", `{"labelId":"1","chatId":"`+bob+`"}`)
		if got := s.phone.ChatLabels(chat); len(got) != 0 {
			t.Errorf("the chat still has %v", got)
		}
		s.ok("attachLabel", `{"labelId":"1","chatId":"`+bob+`","idMessage":"`+id+`"}`)
		if !s.phone.Setting("label_message", "1", chat.String(), id, "0", "0").GetLabelAssociationAction().GetLabeled() {
			t.Error("the message has no label")
		}
		s.ok("deleteLabel", `{"labelId":"1"}`)
		expect()
		<-time.After(time.Second)
		if got := s.ok("createLabel", `{"name":"Late"}`); got != `{"labelId":"2"}` {
			t.Errorf("the id of a deleted label was given out again: %s", got)
		}
	})
}
