package handlers_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"google.golang.org/protobuf/proto"

	"greengate/sandbox"
)

// past lets Bob and us write to each other before our phone is linked, and returns the ids of his texts.
func (s *stack) past(bob *sandbox.Phone, texts int) (ids []string) {
	s.t.Helper()
	for n := range texts {
		id, err := bob.SendText(s.t.Context(), s.phone.JID(), fmt.Sprint("number ", n))
		s.must(err)
		ids = append(ids, id)
		<-time.After(time.Second)
	}
	return ids
}

// pastOf reads the journal of the chat with a number, newest first.
func (s *stack) pastOf(number string) (entries []map[string]any) {
	s.t.Helper()
	answer := s.post(s.method("getChatHistory"), `{"chatId":"`+number+`@c.us","count":10000}`)
	s.must(json.Unmarshal([]byte(answer.body), &entries))
	<-time.After(time.Second) // its rate
	return entries
}

func (s *stack) progress() int {
	s.t.Helper()
	var settings struct{ HistorySyncProgress int }
	s.must(json.Unmarshal([]byte(s.get(s.method("getWaSettings")).body), &settings))
	<-time.After(time.Second)
	return settings.HistorySyncProgress
}

func TestHistoryFillsTheJournal(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook", "outgoingMessageWebhook", "incomingCallWebhook")
		ids := s.past(bob, 500) // more than a transaction takes
		s.phone.Read(ids[:490]...)
		own, err := s.phone.SendText(s.t.Context(), bob.JID(), "from the phone")
		s.must(err)
		bob.Read(own)
		status, err := bob.PostStatus(s.t.Context(), &waE2E.Message{Conversation: proto.String("news")}, ownNumber)
		s.must(err)
		call := s.ring(bob, false)
		s.must(bob.HangUp(call))
		s.linkWithContacts(bob)
		entries := s.pastOf(otherNumber)
		if len(entries) != 501 {
			t.Fatalf("%d messages", len(entries))
		}
		if e := entries[0]; e["idMessage"] != own || e["statusMessage"] != "read" || e["sendByApi"] != false || e["textMessage"] != "from the phone" {
			t.Errorf("the own one: %v", e)
		}
		for n, e := range entries[1:] {
			if e["idMessage"] != ids[499-n] || e["textMessage"] != fmt.Sprint("number ", 499-n) ||
				e["senderId"] != otherNumber+"@c.us" || e["senderName"] != "Bob" {
				t.Fatalf("message %d: %v", 499-n, e)
			}
		}
		if in := s.list("getIncomingStatuses", ""); len(in) != 1 || in[0]["idMessage"] != status {
			t.Errorf("statuses %v", in)
		}
		if calls := s.list("lastIncomingCalls", ""); len(calls) != 1 || calls[0]["idMessage"] != call {
			t.Errorf("calls %v", calls)
		}
		if n := s.next(); n != nil {
			t.Errorf("history is notified: %+v", n.Body)
		}
		if p := s.progress(); p != 100 {
			t.Errorf("progress %d", p)
		}
		if _, err := s.instance().ReadChat(s.t.Context(), bob.JID(), ""); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		var read []string
		for _, r := range bob.Receipts() {
			if r.Type == "read" && r.From == s.phone.JID() {
				read = append(read, r.IDs...)
			}
		}
		if len(read) != 500 { // 490 by the phone
			t.Errorf("%d messages are marked as read", len(read))
		}
	})
}

func TestHistorySurvivesARestart(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		ids := s.past(bob, 30)
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMediaError, Match: "download md-msg-hist", Count: -1}))
		s.link()
		s.settle()
		if n, p := len(s.pastOf(otherNumber)), s.progress(); n != 0 || p != 0 {
			t.Errorf("while it cannot be fetched: %d messages, progress %d", n, p)
		}
		s.restart()
		s.await("authorized")
		s.world.ClearFaults()
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if entries := s.pastOf(otherNumber); len(entries) != 30 || entries[29]["idMessage"] != ids[0] {
			t.Errorf("%d messages", len(entries))
		}
		if p := s.progress(); p != 100 {
			t.Errorf("progress %d", p)
		}
	})
}

func TestHistoryLeavesRowsAlone(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		s.link()
		id := s.send("sendMessage", `{"chatId":"`+otherNumber+`@c.us","message":"by API"}`)
		s.settle()
		answer := s.get(s.method("logout"))
		if answer.status != 200 {
			t.Fatal(answer.body)
		}
		s.past(bob, 1)
		s.link() // the phone tells of the message too
		s.settle()
		entries := s.pastOf(otherNumber)
		if len(entries) != 2 || entries[1]["idMessage"] != id || entries[1]["sendByApi"] != true {
			t.Errorf("%v", entries)
		}
	})
}

func TestLostHistoryDoesNotHoldUpTheRest(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		s.past(bob, 30)
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMediaError, Match: "download md-msg-hist", Code: 404}))
		s.link()
		s.settle()
		if n := len(s.pastOf(otherNumber)); n != 10 { // the first piece, of the newest 20, is gone
			t.Errorf("%d messages", n)
		}
		if !strings.Contains(s.logs.String(), "a piece of history is lost") {
			t.Error("nobody is told")
		}
	})
}

func TestNoHistoryIsAllOfIt(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		if p := s.progress(); p != 0 {
			t.Errorf("progress %d before the phone had a chance", p)
		}
		<-time.After(time.Minute)
		if p := s.progress(); p != 100 {
			t.Errorf("progress %d", p)
		}
	})
}

func TestStrangersTellNoHistory(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		forged, err := proto.Marshal(&waHistorySync.HistorySync{
			SyncType: waHistorySync.HistorySync_RECENT.Enum(),
			Conversations: []*waHistorySync.Conversation{{
				ID: proto.String(otherNumber + "@s.whatsapp.net"),
				Messages: []*waHistorySync.HistorySyncMsg{{Message: &waWeb.WebMessageInfo{
					Key:     &waCommon.MessageKey{ID: proto.String("F0"), FromMe: proto.Bool(true), RemoteJID: proto.String(otherNumber + "@s.whatsapp.net")},
					Message: &waE2E.Message{Conversation: proto.String("I owe Bob a bike")},
				}}},
			}},
		})
		s.must(err)
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		_, err = z.Write(forged)
		s.must(errors.Join(err, z.Close()))
		_, err = bob.Send(s.t.Context(), s.phone.JID(), &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
			Type:                    waE2E.ProtocolMessage_HISTORY_SYNC_NOTIFICATION.Enum(),
			HistorySyncNotification: &waE2E.HistorySyncNotification{InitialHistBootstrapInlinePayload: packed.Bytes()},
		}})
		s.must(err)
		s.settle()
		if entries := s.pastOf(otherNumber); len(entries) != 0 {
			t.Errorf("%v", entries)
		}
	})
}
