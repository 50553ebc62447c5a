package handlers_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"greengate/sandbox"
)

// statuses polls for all notifications and returns the statuses of one message in their order.
func (s *stack) statuses(id string) []string {
	s.t.Helper()
	list := []string{}
	for n := s.next(); n != nil; n = s.next() {
		if n.Body.TypeWebhook == "outgoingMessageStatus" && n.Body.IDMessage == id {
			list = append(list, n.Body.Status)
			if n.Body.Description != "" {
				list = append(list, n.Body.Description)
			}
			if !n.Body.SendByAPI {
				s.t.Errorf("not sent by the API: %+v", n.Body)
			}
		}
	}
	return list
}

func TestWhatBecomesOfAMessage(t *testing.T) {
	for _, test := range []struct {
		name  string
		chat  string
		setUp func(s *stack, bob *sandbox.Phone)
		then  func(s *stack, bob *sandbox.Phone, id string)
		want  []string
		end   string // in the journal
	}{
		{"delivered", bobChat, nil, nil, []string{"sent", "delivered"}, "delivered"},
		{"read", bobChat, nil, func(_ *stack, bob *sandbox.Phone, id string) { bob.Read(id) }, []string{"sent", "delivered", "read"}, "read"},
		{"read twice", bobChat, nil, func(_ *stack, bob *sandbox.Phone, id string) {
			bob.Read(id)
			bob.Read(id)
			bob.Played(id)
		}, []string{"sent", "delivered", "read"}, "read"},
		{"read after a restart", bobChat, nil, func(s *stack, bob *sandbox.Phone, id string) {
			s.restart()
			bob.Read(id)
			s.await("authorized")
		}, []string{"sent", "delivered", "read"}, "read"},
		{"no account", "15550009999@c.us", nil, nil, []string{"noAccount"}, "noAccount"},
		{"account gone", bobChat, func(s *stack, _ *sandbox.Phone) {
			s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 404}))
		}, nil, []string{"noAccount"}, "noAccount"},
		{"refused", bobChat, func(s *stack, _ *sandbox.Phone) {
			s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 479}))
		}, nil, []string{"failed", "WhatsApp refuses the message (479)"}, "failed"},
		{"unknown group", "120363000000000001@g.us", nil, nil, []string{"notInGroup"}, "notInGroup"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.set("outgoingWebhook")
				if test.setUp != nil {
					test.setUp(s, bob)
				}
				id := s.send("sendMessage", `{"chatId":"`+test.chat+`","message":"Hello"}`)
				pass(time.Second)
				synctest.Wait()
				if test.then != nil {
					test.then(s, bob, id)
				}
				synctest.Wait()
				got := s.statuses(id)
				if !slices.Equal(got, test.want) {
					t.Errorf("%q, want %q", got, test.want)
				}
				if m := s.message(test.chat, id); m.StatusMessage != test.end {
					t.Errorf("%q in the journal, want %q", m.StatusMessage, test.end)
				}
			})
		})
	}
}

func TestGroupStatuses(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		cleo := s.addPhone("15550003333", "Cleo")
		group, err := bob.CreateGroup("Gardeners", ownNumber, "15550003333")
		s.must(err)
		s.set("outgoingWebhook")
		id := s.send("sendMessage", `{"chatId":"`+group.String()+`","message":"Hello"}`)
		pass(time.Second)
		bob.Read(id)
		cleo.Read(id)
		synctest.Wait()
		if got := s.statuses(id); !slices.Equal(got, []string{"sent", "delivered", "read"}) {
			t.Errorf("%q", got)
		}
		s.must(bob.RemoveFromGroup(group, ownNumber))
		synctest.Wait() // whatsmeow changes its list of members without regard to whoever is sending
		id = s.send("sendMessage", `{"chatId":"`+group.String()+`","message":"Hello?"}`)
		pass(time.Second)
		if got := s.statuses(id); !slices.Equal(got, []string{"notInGroup"}) {
			t.Errorf("%q", got)
		}
		s.must(bob.AddToGroup(group, ownNumber))
		s.must(bob.SetGroupAnnounce(group, true))
		synctest.Wait()
		id = s.send("sendMessage", `{"chatId":"`+group.String()+`","message":"Hello!"}`)
		pass(time.Second)
		if got := s.statuses(id); !slices.Equal(got, []string{"failed", "WhatsApp refuses the message (405)"}) {
			t.Errorf("%q", got)
		}
	})
}

// However fast the receipts come, the statuses of each message come in their order.
func TestStatusesComeInOrder(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("outgoingWebhook", "outgoingAPIMessageWebhook")
		const messages = 20
		for n := range messages {
			s.send("sendMessage", fmt.Sprintf(`{"chatId":"%s","message":"%d"}`, bobChat, n))
		}
		for range messages {
			m, err := bob.Next(s.t.Context())
			s.must(err)
			bob.Read(m.ID)
		}
		synctest.Wait()
		told := map[string][]string{}
		for n := s.next(); n != nil; n = s.next() {
			told[n.Body.IDMessage] = append(told[n.Body.IDMessage], n.Body.String())
		}
		want := []string{
			"outgoingAPIMessageReceived", "outgoingMessageStatus sent", "outgoingMessageStatus delivered", "outgoingMessageStatus read",
		}
		for id, got := range told {
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q", id, got)
			}
		}
		if len(told) != messages {
			t.Errorf("told of %d messages", len(told))
		}
	})
}
