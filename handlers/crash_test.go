package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance"
	"greengate/sandbox"
	"greengate/store/storetest"
)

// crash ends the server as a lost power line does: what was committed up to now is all that the next start finds. Between do nothing and
// the next start, mend is called with the database.
func (s *stack) crash() {
	s.t.Helper()
	synctest.Wait()
	copied := storetest.Copy(s.t, s.dsn)
	s.stop()
	s.dsn = copied
	s.start()
}

// Wherever a crash cuts the sending of a message, it is sent, once, and told so in order.
func TestACrashWhileSending(t *testing.T) {
	const delivered = "APIMessageReceived MessageStatus sent MessageStatus delivered"
	for _, test := range []struct {
		name    string
		fault   sandbox.Fault
		then    func(bob *sandbox.Phone, id string)
		repeats int
		told    string
	}{
		{"before WhatsApp has it", sandbox.Fault{Kind: sandbox.FaultMessageDrop}, nil, 0, delivered},
		{"before its word is heard", sandbox.Fault{Kind: sandbox.FaultMessageDrop, After: true}, nil, 1, delivered},
		{
			"before its word is heard, and read",
			sandbox.Fault{Kind: sandbox.FaultMessageCut, After: true},
			func(bob *sandbox.Phone, id string) { bob.Read(id) }, 1, delivered + " MessageStatus read",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.set("outgoingWebhook", "outgoingAPIMessageWebhook")
				s.must(s.world.Inject(test.fault))
				if test.then != nil {
					s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultConnect, Code: 503, Count: -1}))
				}
				id := s.say(bobChat, "1")
				pass(time.Second)
				synctest.Wait()
				if test.then != nil {
					test.then(bob, id)
				}
				s.crash()
				s.world.ClearFaults()
				s.await(instance.StateAuthorized)
				second := s.say(bobChat, "2")
				pass(time.Minute)
				s.wantGot(bob, id, second)
				if n := s.world.Repeats(); n != test.repeats {
					t.Errorf("%d repeats, want %d", n, test.repeats)
				}
				var told []string
				for n := s.next(); n != nil; n = s.next() {
					if n.Body.IDMessage == id {
						told = append(told, strings.TrimPrefix(n.Body.String(), "outgoing"))
					}
				}
				if got := strings.Join(told, " "); got != test.told {
					t.Errorf("told %s", got)
				}
			})
		})
	}
}

// A crash while a message is taken costs nothing: what was not committed comes again, what was is not told twice.
func TestACrashWhileReceiving(t *testing.T) {
	t.Run("before the commit", func(t *testing.T) {
		inBubble(t, func(s *stack) {
			s.link()
			bob := s.addPhone(otherNumber, "Bob")
			s.set("incomingWebhook")
			s.breakTable("notifications")
			ids := []string{s.says(bob, "1"), s.says(bob, "2")}
			s.crash()
			s.repair()
			pass(time.Minute)
			s.wantToldOnce(bobChat, ids...)
		})
	})
	t.Run("before WhatsApp knows", func(t *testing.T) {
		inBubble(t, func(s *stack) {
			s.link()
			bob := s.addPhone(otherNumber, "Bob")
			s.set("incomingWebhook")
			id, err := bob.SendText(s.t.Context(), s.phone.JID(), "1")
			s.must(err)
			s.must(s.phone.Kick(s.device(), sandbox.KickSilence))
			s.crash()
			pass(time.Minute)
			s.wantToldOnce(bobChat, id)
		})
	})
}

// A notification whose delivery was not committed is delivered again, under the same receipt.
func TestACrashWhileDelivering(t *testing.T) {
	t.Run("pushed", func(t *testing.T) {
		inBubble(t, func(s *stack) {
			bob := s.linkedWithReceiver()
			s.hooks.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			first, second := s.says(bob, "1"), s.says(bob, "2")
			synctest.Wait()
			s.hooks.answers(nil)
			s.crash()
			s.await(instance.StateAuthorized)
			synctest.Wait()
			if got := ids(s.hooks.all()); !slices.Equal(got, []string{first, first, second}) {
				t.Errorf("%v", got)
			}
		})
	})
	t.Run("polled", func(t *testing.T) {
		inBubble(t, func(s *stack) {
			s.link()
			bob := s.addPhone(otherNumber, "Bob")
			s.set("incomingWebhook")
			s.says(bob, "1")
			before := s.get(s.method("receiveNotification")).body
			s.crash()
			if after := s.get(s.method("receiveNotification")).body; after != before {
				t.Errorf("%s, then %s", before, after)
			}
			s.do("DELETE", s.method("deleteNotification")+"/1", nil, nil)
			s.crash()
			if after := s.get(s.method("receiveNotification")).body; after != "null" {
				t.Errorf("deleted, and then %s", after)
			}
		})
	})
}
