package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/sandbox"
)

// journalEntry is what tests look at in one.
type journalEntry struct {
	Type, IDMessage, TypeMessage, ChatID, SenderID, TextMessage, Caption, StatusMessage string
	EditedMessageID, DeletedMessageID                                                   string
	IsEdited, IsDeleted                                                                 bool
	ExtendedTextMessage                                                                 struct{ Text string }
	PollMessageData                                                                     struct{ Votes []optionVotes }
}

type optionVotes struct {
	OptionName   string
	OptionVoters []string
}

// history reads the journal of a chat, newest first. It costs a second, as long as the method's rate.
func (s *stack) history(chat string) []journalEntry {
	s.t.Helper()
	pass(methodPause)
	synctest.Wait()
	var entries []journalEntry
	answer := s.post(s.method("getChatHistory"), `{"chatId":"`+chat+`"}`)
	if err := json.Unmarshal([]byte(answer.body), &entries); err != nil {
		s.t.Fatalf("%d %s", answer.status, answer.body)
	}
	return entries
}

func (s *stack) message(chat, id string) journalEntry {
	s.t.Helper()
	var entry journalEntry
	s.must(json.Unmarshal([]byte(s.post(s.method("getMessage"), `{"chatId":"`+chat+`","idMessage":"`+id+`"}`).body), &entry))
	return entry
}

const bobChat = otherNumber + "@c.us"

// A message that was edited and then deleted shows its last text and both events; the deletion has an entry of its own, the edit none.
func TestEditsAndDeletionsAreBookedOnTheirMessage(t *testing.T) {
	for name, side := range map[string]func(s *stack, bob *sandbox.Phone) (*sandbox.Phone, types.JID){
		"incoming": func(s *stack, bob *sandbox.Phone) (*sandbox.Phone, types.JID) { return bob, s.phone.JID() },
		"outgoing": func(s *stack, bob *sandbox.Phone) (*sandbox.Phone, types.JID) { return s.phone, bob.JID() },
	} {
		for _, first := range []*waE2E.Message{
			{Conversation: proto.String("Old")}, {ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("Old")}},
		} {
			t.Run(name, func(t *testing.T) {
				inBubble(t, func(s *stack) {
					s.link()
					phone, to := side(s, s.addPhone(otherNumber, "Bob"))
					id, err := phone.Send(s.t.Context(), to, first)
					s.must(err)
					edit, err := phone.Edit(s.t.Context(), to, id, "New")
					s.must(err)
					deletion, err := phone.Delete(s.t.Context(), to, id)
					s.must(err)
					entries := s.history(bobChat)
					if len(entries) != 2 {
						t.Fatalf("%d entries: %+v", len(entries), entries)
					}
					if d := entries[0]; d.TypeMessage != "deletedMessage" || d.IDMessage != deletion || d.Type != name {
						t.Errorf("%+v", d)
					}
					m := entries[1]
					if m.IDMessage != id || m.TextMessage != "New" || !m.IsEdited || m.EditedMessageID != edit || !m.IsDeleted || m.DeletedMessageID != deletion {
						t.Errorf("%+v", m)
					}
				})
			})
		}
	}
}

func TestAnEditedCaptionKeepsTheFile(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		id, err := bob.Send(s.t.Context(), s.phone.JID(), &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
			Caption: proto.String("Old"), Mimetype: proto.String("image/jpeg"), DirectPath: proto.String("/v/1?oh=1"),
		}})
		s.must(err)
		_, err = bob.Send(s.t.Context(), s.phone.JID(), editOf(s.phone.LID(), id, &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: proto.String("New")}}))
		s.must(err)
		synctest.Wait()
		if m := s.message(bobChat, id); m.Caption != "New" || !m.IsEdited || m.TypeMessage != "imageMessage" {
			t.Errorf("%+v", m)
		}
		if body := s.post(s.method("getMessage"), `{"chatId":"`+bobChat+`","idMessage":"`+id+`"}`).body; !strings.Contains(body, `"downloadUrl":"http`) {
			t.Error(body)
		}
	})
}

// editOf is an edit as a phone puts it on the wire, of whichever message.
func editOf(chat types.JID, id string, edited *waE2E.Message) *waE2E.Message {
	return &waE2E.Message{EditedMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), EditedMessage: edited,
		Key: &waCommon.MessageKey{RemoteJID: proto.String(chat.String()), FromMe: proto.Bool(true), ID: &id},
	}}}}
}

// WhatsApp cannot read edits, so it cannot keep people from naming messages of others in theirs.
func TestNobodyChangesWhatOthersWrote(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob, cleo := s.addPhone(otherNumber, "Bob"), s.addPhone("15550003333", "Cleo")
		group, err := cleo.CreateGroup("Gardeners", ownNumber, otherNumber)
		s.must(err)
		ours := s.send("sendMessage", `{"chatId":"`+bobChat+`","message":"Ours"}`)
		pass(methodPause)
		cleos, err := cleo.SendText(s.t.Context(), group, "Cleo's")
		s.must(err)
		for _, forged := range []struct {
			to types.JID
			id string
		}{{s.phone.JID(), ours}, {group, cleos}} {
			_, err := bob.Send(s.t.Context(), forged.to, editOf(forged.to, forged.id, &waE2E.Message{Conversation: proto.String("Forged")}))
			s.must(err)
		}
		_, err = bob.Delete(s.t.Context(), s.phone.JID(), ours)
		s.must(err)
		synctest.Wait()
		if m := s.message(bobChat, ours); m.TextMessage != "Ours" || m.IsEdited || m.IsDeleted {
			t.Errorf("%+v", m)
		}
		if m := s.message(group.String(), cleos); m.TextMessage != "Cleo's" || m.IsEdited {
			t.Errorf("%+v", m)
		}
		// But the admin of a group may delete there what others wrote.
		bobs, err := bob.SendText(s.t.Context(), group, "Bob's")
		s.must(err)
		deletion, err := cleo.Send(s.t.Context(), group, &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
			Type: waE2E.ProtocolMessage_REVOKE.Enum(),
			Key: &waCommon.MessageKey{
				RemoteJID: proto.String(group.String()), FromMe: proto.Bool(false), ID: &bobs, Participant: proto.String(bob.LID().String()),
			},
		}})
		s.must(err)
		synctest.Wait()
		if m := s.message(group.String(), bobs); m.TextMessage != "Bob's" || m.DeletedMessageID != deletion {
			t.Errorf("%+v", m)
		}
	})
}

// A vote tells what this voter has chosen now, with all options.
func TestVotes(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook", "outgoingMessageWebhook", "pollMessageWebhook")
		s.send("sendPoll", `{"chatId":"`+bobChat+`","message":"Lunch?","options":[{"optionName":"12:00"},{"optionName":"13:00"}],"multipleAnswers":true}`)
		poll, err := bob.Next(s.t.Context())
		s.must(err)
		voted := func(voter *sandbox.Phone, m sandbox.Message, hook, who string, choice ...string) {
			t.Helper()
			id, err := voter.Vote(s.t.Context(), m, choice...)
			s.must(err)
			var votes []string
			for _, option := range []string{"12:00", "13:00"} {
				voters := ""
				if strings.Contains(strings.Join(choice, " "), option) {
					voters = `"` + who + `@c.us"`
				}
				votes = append(votes, fmt.Sprintf(`{"optionName":%q,"optionVoters":[%s]}`, option, voters))
			}
			data := fmt.Sprintf(`"pollMessageData":{"stanzaId":%q,"name":"Lunch?","votes":[%s],"multipleAnswers":true}`, m.ID, strings.Join(votes, ","))
			body := s.nextBody()
			if !strings.Contains(body, `"typeWebhook":"`+hook+`"`) || !strings.Contains(body, `{"typeMessage":"pollUpdateMessage",`+data+`}`) {
				t.Errorf("%s\nwant %s", body, data)
			}
			if entry := s.post(s.method("getMessage"), `{"chatId":"`+bobChat+`","idMessage":"`+id+`"}`).body; !strings.Contains(entry, data) {
				t.Errorf("%s\nwant %s", entry, data)
			}
		}
		voted(bob, poll, "incomingMessageReceived", otherNumber, "12:00")
		voted(bob, poll, "incomingMessageReceived", otherNumber, "12:00", "13:00")
		voted(bob, poll, "incomingMessageReceived", otherNumber)
		asked, err := bob.SendPoll(s.t.Context(), s.phone.JID(), sandbox.Poll{Name: "Lunch?", Options: []string{"12:00", "13:00"}, Multiple: true})
		s.must(err)
		s.drain()
		seen, _ := s.phone.Message(asked)
		voted(s.phone, seen, "outgoingMessageReceived", ownNumber, "13:00")
	})
}

func TestVotesInGroups(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		group, err := bob.CreateGroup("Gardeners", ownNumber)
		s.must(err)
		s.send("sendPoll", `{"chatId":"`+group.String()+`","message":"Lunch?","options":[{"optionName":"12:00"},{"optionName":"13:00"}]}`)
		poll, err := bob.Next(s.t.Context())
		s.must(err)
		_, err = bob.Vote(s.t.Context(), poll, "13:00")
		s.must(err)
		want := []optionVotes{{"12:00", []string{}}, {"13:00", []string{bobChat}}}
		if got := s.history(group.String())[0]; got.TypeMessage != "pollUpdateMessage" || cmp.Diff(want, got.PollMessageData.Votes) != "" {
			t.Errorf("%+v", got)
		}
	})
}

// The key of a vote on a poll that was asked before the account was linked is not known here.
func TestAVoteThatCannotBeOpenedShowsNoAnswers(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		asked, err := bob.SendPoll(s.t.Context(), s.phone.JID(), sandbox.Poll{Name: "Lunch?", Options: []string{"12:00", "13:00"}})
		s.must(err)
		s.link()
		s.set("incomingWebhook", "pollMessageWebhook")
		poll, _ := bob.Message(asked)
		_, err = bob.Vote(s.t.Context(), poll, "12:00")
		s.must(err)
		want := `{"typeMessage":"pollUpdateMessage","pollMessageData":{"stanzaId":"` + asked + `","name":"","votes":[],"multipleAnswers":false}}`
		if body := s.nextBody(); !strings.Contains(body, want) {
			t.Error(body)
		}
	})
}
