package handlers_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/types"

	"greengate/sandbox"
)

const thirdNumber = "15550003333"

// groupSetUps are set-ups of golden exchanges that concern groups.
var groupSetUps = map[string]func(s *stack, args []string){
	"ourgroup": func(s *stack, args []string) { // numbers: we create {group} with them, {link} invites to it
		var people []types.JID
		for _, number := range args {
			people = append(people, types.NewJID(number, types.DefaultUserServer))
		}
		group, link, err := s.instance().CreateGroup(s.t.Context(), "Gardeners & Cooks", people)
		s.must(err)
		s.names["{group}"], s.names["{link}"] = string(group), link
	},
	"links": func(s *stack, args []string) { // number: {link} invites to that phone's first group
		s.names["{link}"] = "https://chat.whatsapp.com/" + s.world.Phone(args[0]).Groups()[0].InviteCode
	},
	"acts": func(s *stack, args []string) { // number change numbers: that phone changes {group}
		s.act(s.world.Phone(args[0]), args[1], args[2:]...)
	},
	"private": func(s *stack, args []string) { // number: only contacts may add that phone to groups
		s.must(s.world.Phone(args[0]).SetPrivacy("groupadd", "contacts"))
	},
}

// act makes a phone change the group under test.
func (s *stack) act(phone *sandbox.Phone, change string, args ...string) {
	s.t.Helper()
	group, err := types.ParseJID(s.names["{group}"])
	s.must(err)
	switch change {
	case "add":
		err = phone.AddToGroup(group, args...)
	case "remove":
		err = phone.RemoveFromGroup(group, args...)
	case "promote":
		err = phone.PromoteInGroup(group, args...)
	case "leave":
		err = phone.LeaveGroup(group)
	case "rename":
		err = phone.SetGroupSubject(group, strings.Join(args, " "))
	case "announce":
		err = phone.SetGroupAnnounce(group, true)
	case "lock":
		err = phone.SetGroupLocked(group, true)
	case "adminsadd":
		err = phone.SetGroupAdminsAdd(group, true)
	case "approve":
		err = phone.SetGroupApproval(group, true)
	case "timer":
		err = phone.SetGroupTimer(group, 24*time.Hour)
	case "reset":
		_, err = phone.ResetGroupInvite(group)
	default:
		s.t.Fatalf("unknown change %q", change)
	}
	s.must(err)
	synctest.Wait()
}

// bobsGroup has Bob as its admin, and Cleo and us as members.
func (s *stack) bobsGroup() (group types.JID, bob, cleo *sandbox.Phone) {
	s.t.Helper()
	bob, cleo = s.addPhone(otherNumber, "Bob"), s.addPhone(thirdNumber, "Cleo")
	group, err := bob.CreateGroup("Gardeners", ownNumber, thirdNumber)
	s.must(err)
	s.names["{group}"] = group.String()
	synctest.Wait()
	return group, bob, cleo
}

func TestGroupMessagesGoBothWays(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		group, bob, cleo := s.bobsGroup()
		s.set("incomingWebhook", "outgoingWebhook", "outgoingAPIMessageWebhook")
		id := s.send("sendMessage", `{"chatId":"`+group.String()+`","message":"Hello all"}`)
		for _, phone := range []*sandbox.Phone{bob, cleo} {
			m, err := phone.Next(s.t.Context())
			s.must(err)
			if m.ID != id || m.Chat != group || m.From != s.phone.JID() || m.Text != "Hello all" {
				t.Errorf("%s got %+v", phone.Number(), m)
			}
		}
		for _, want := range []string{"outgoingAPIMessageReceived", "outgoingMessageStatus sent", "outgoingMessageStatus delivered"} {
			n := s.next()
			if n == nil || strings.TrimSpace(n.Body.TypeWebhook+" "+n.Body.Status) != want || n.Body.IDMessage != id {
				t.Fatalf("%+v, want %s", n, want)
			}
			if n.Body.Status == "" && (n.Body.SenderData.ChatID != group.String() || n.Body.SenderData.ChatName != "Gardeners" ||
				n.Body.SenderData.Sender != ownNumber+"@c.us") {
				t.Errorf("%+v", n.Body.SenderData)
			}
		}
		heard := s.hears(group, cleo, "Hi there")
		if data := heard.Body.SenderData; data.ChatID != group.String() || data.ChatName != "Gardeners" || data.Sender != thirdNumber+"@c.us" ||
			data.SenderName != "Cleo" || heard.Body.MessageData.TextMessageData.TextMessage != "Hi there" {
			t.Errorf("%+v", heard.Body)
		}
		s.quotes(group, bob, cleo, heard.Body.IDMessage)
	})
}

// hears makes somebody write to a group and returns the notification.
func (s *stack) hears(group types.JID, from *sandbox.Phone, text string) *notification {
	s.t.Helper()
	id, err := from.SendText(s.t.Context(), group, text)
	s.must(err)
	n := s.next()
	if n == nil || n.Body.IDMessage != id {
		s.t.Fatalf("%+v, want %s", n, id)
	}
	return n
}

// quotes has us quote Cleo's message in the group, and Bob our answer.
func (s *stack) quotes(group types.JID, bob, cleo *sandbox.Phone, id string) {
	s.t.Helper()
	answer := s.send("sendMessage", `{"chatId":"`+group.String()+`","message":"Yes","quotedMessageId":"`+id+`"}`)
	var seen sandbox.Message
	for seen.ID != answer {
		var err error
		seen, err = bob.Next(s.t.Context())
		s.must(err)
	}
	if c := seen.Proto.GetExtendedTextMessage().GetContextInfo(); c.GetStanzaID() != id || c.GetParticipant() != cleo.LID().String() ||
		c.GetQuotedMessage().GetConversation() != "Hi there" {
		s.t.Errorf("Bob sees the quote %v", c)
	}
	for n := s.next(); n != nil; n = s.next() { // ours
	}
	_, err := bob.Reply(s.t.Context(), seen, "Agreed")
	s.must(err)
	body := s.get(s.method("receiveNotification")).body
	for _, want := range []string{
		`"typeMessage":"quotedMessage"`, `"text":"Agreed"`, `"stanzaId":"` + answer + `"`, `"participant":"` + ownNumber + `@c.us"`,
		`"senderName":"Bob"`,
	} {
		if !strings.Contains(body, want) {
			s.t.Errorf("no %s in %s", want, body)
		}
	}
}

func TestWhatAGroupDoesNotTakeHasAStatus(t *testing.T) {
	for name, test := range map[string]struct {
		change func(s *stack, bob *sandbox.Phone)
		status string
	}{
		"not a member": {func(s *stack, bob *sandbox.Phone) { s.act(bob, "remove", ownNumber) }, "notInGroup"},
		"only admins":  {func(s *stack, bob *sandbox.Phone) { s.act(bob, "announce") }, "failed"},
		"no such group": {func(s *stack, _ *sandbox.Phone) {
			s.names["{group}"] = "120363000000000001@g.us"
		}, "notInGroup"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				_, bob, _ := s.bobsGroup()
				s.set("outgoingWebhook")
				test.change(s, bob)
				id := s.send("sendMessage", `{"chatId":"`+s.names["{group}"]+`","message":"Hello?"}`)
				n := s.next()
				if n == nil || n.Body.Status != test.status || n.Body.IDMessage != id {
					t.Errorf("%+v, want %s", n, test.status)
				}
			})
		})
	}
}

func TestNamesOfGroupsFollowChanges(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		group, bob, _ := s.bobsGroup()
		s.set("incomingWebhook")
		if n := s.hears(group, bob, "1"); n.Body.SenderData.ChatName != "Gardeners" {
			t.Errorf("%+v", n.Body.SenderData)
		}
		s.act(bob, "rename", "Bulbs")
		if n := s.hears(group, bob, "2"); n.Body.SenderData.ChatName != "Bulbs" {
			t.Errorf("%+v", n.Body.SenderData)
		}
		s.post(s.method("updateGroupName"), `{"groupId":"`+group.String()+`","groupName":"Bulbs & Co"}`)
		if n := s.hears(group, bob, "3"); n.Body.SenderData.ChatName != "Bulbs & Co" {
			t.Errorf("%+v", n.Body.SenderData)
		}
	})
}

func TestGroupMessagesAreMarkedAsReadForTheirSender(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		group, _, cleo := s.bobsGroup()
		s.set("incomingWebhook", "markIncomingMessagesReaded")
		n := s.hears(group, cleo, "Hi there")
		synctest.Wait()
		read := false
		for _, r := range cleo.Receipts() {
			read = read || slices.Contains(r.IDs, n.Body.IDMessage) && r.Chat == group && r.Type == string(types.ReceiptTypeRead)
		}
		if !read {
			t.Errorf("Cleo sees %+v", cleo.Receipts())
		}
	})
}

func TestAGroupPictureIsSetSeenAndTakenAway(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.bobsGroup()
		body, contentType := multipartWords(t, []string{"@file", "file", "photo.jpg", "groupId=" + s.names["{group}"]})
		a := s.do("POST", s.method("setGroupPicture"), map[string][]string{"Content-Type": {contentType}}, body)
		if a.status != 200 || !strings.Contains(a.body, `"setGroupPicture":true`) || len(s.phone.Groups()[0].Picture) == 0 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if a := s.post(s.method("deleteGroupPicture"), `{"groupId":"`+s.names["{group}"]+`"}`); a.body != `{"deleteGroupPicture":true,"reason":""}` {
			t.Errorf("%d %s", a.status, a.body)
		}
		if len(s.phone.Groups()[0].Picture) != 0 {
			t.Error("the picture is still there")
		}
	})
}

func TestAMemberIsMadeAnAdminAndRemoved(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.addPhone(otherNumber, "Bob")
		groupSetUps["ourgroup"](s, []string{otherNumber})
		for _, step := range []struct {
			method, key   string
			member, admin bool
		}{
			{"setGroupAdmin", "setGroupAdmin", true, true},
			{"removeAdmin", "removeAdmin", true, false},
			{"removeGroupParticipant", "removeParticipant", false, false},
			{"addGroupParticipant", "addParticipant", true, false},
		} {
			a := s.post(s.method(step.method), `{"groupId":"`+s.names["{group}"]+`","participantChatId":"`+otherNumber+`@c.us"}`)
			if a.status != 200 || a.body != `{"`+step.key+`":true}` {
				t.Fatalf("%s: %d %s", step.method, a.status, a.body)
			}
			member, admin := false, false
			for _, m := range s.phone.Groups()[0].Members {
				if m.Number == otherNumber {
					member, admin = true, m.Admin
				}
			}
			if member != step.member || admin != step.admin {
				t.Errorf("after %s: member %v, admin %v", step.method, member, admin)
			}
		}
	})
}
