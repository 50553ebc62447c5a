package handlers_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
	"greengate/sandbox"
)

// say sends a text and returns its id.
func (s *stack) say(chat, text string) string {
	s.t.Helper()
	return s.send("sendMessage", fmt.Sprintf(`{"chatId":%q,"message":%q}`, chat, text))
}

// sayAll sends texts in a row and returns their ids.
func (s *stack) sayAll(chat string, texts ...string) []string {
	s.t.Helper()
	var ids []string
	for _, text := range texts {
		ids = append(ids, s.say(chat, text))
	}
	return ids
}

// got lists the ids of what a phone has received.
func got(phone *sandbox.Phone) []string {
	var ids []string
	for _, m := range phone.Messages() {
		ids = append(ids, m.ID)
	}
	return ids
}

// wantGot fails unless a phone has received these messages, once and in this order.
func (s *stack) wantGot(phone *sandbox.Phone, ids ...string) {
	s.t.Helper()
	synctest.Wait()
	if got := got(phone); !slices.Equal(got, ids) {
		s.t.Errorf("got %v, want %v", got, ids)
	}
}

// delay sets the pause between messages.
func (s *stack) delay(d time.Duration) {
	s.t.Helper()
	patch := instance.SettingsPatch{"delaySendMessagesMilliseconds": json.RawMessage(fmt.Sprint(d.Milliseconds()))}
	s.must(s.instance().SetSettings(s.t.Context(), patch))
}

func TestMessagesKeepTheirPace(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.delay(3 * time.Second)
		pass(time.Minute) // the first one goes at once
		start := time.Now().Truncate(time.Second)
		s.sayAll(bobChat, "1", "2", "3")
		pass(4 * time.Second)
		s.restart()
		s.await(instance.StateAuthorized)
		pass(time.Minute)
		s.say(bobChat, "4")
		synctest.Wait()
		for n, want := range []time.Duration{0, 3 * time.Second, 6 * time.Second, 64 * time.Second} {
			if at := bob.Messages()[n].Time.Sub(start); at != want {
				t.Errorf("message %d came after %v, want %v", n+1, at, want)
			}
		}
	})
}

func TestQueuedMessagesSurviveRestarts(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		var ids []string
		for n := range 4 {
			ids = append(ids, s.say(bobChat, fmt.Sprint(n)))
			s.restart()
		}
		if a := s.get(s.method("getMessagesCount")).body; a != `{"count":4}` {
			t.Error(a)
		}
		s.link()
		pass(10 * time.Second)
		s.wantGot(bob, ids...)
		if n := s.world.Repeats(); n != 0 {
			t.Errorf("%d repeats", n)
		}
	})
}

// What cannot be sent is given up after a day, whether the account was never linked or is linked no longer; what is younger goes out.
func TestQueuedMessagesEndAfterADay(t *testing.T) {
	for name, setUp := range map[string]func(s *stack){
		"never linked": func(*stack) {},
		"unlinked":     func(s *stack) { s.link(); s.get(s.method("logout")) },
		"sleeping":     func(s *stack) { s.link(); s.instance().Sleep() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				setUp(s)
				bob := s.addPhone(otherNumber, "Bob")
				s.set("outgoingWebhook")
				old := s.say(bobChat, "old")
				pass(12 * time.Hour)
				young := s.say(bobChat, "young")
				pass(12*time.Hour - time.Minute)
				if n := s.next(); n != nil {
					t.Errorf("told too early: %+v", n)
				}
				pass(2 * time.Minute)
				if got := s.statuses(old); !slices.Equal(got, []string{"failed", "not sent within 24 hours"}) {
					t.Errorf("%q", got)
				}
				if m := s.message(bobChat, old); m.StatusMessage != "failed" {
					t.Errorf("%+v", m)
				}
				if name == "sleeping" {
					s.get(s.method("reboot"))
					s.await(instance.StateAuthorized)
				} else {
					s.link()
				}
				pass(time.Second)
				s.wantGot(bob, young)
			})
		})
	}
}

// What fails for good is passed over; what fails for now is tried again, under the same id and before what is behind it.
func TestTheHeadOfTheQueue(t *testing.T) {
	const first, second, third = 0, 1, 2
	for _, test := range []struct {
		name  string
		fault sandbox.Fault
		after time.Duration
		want  []int
		again int // sends under an id that was used before
	}{
		{"refused for good", sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 400}, 0, []int{second, third}, 0},
		{"no account", sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 404}, 0, []int{second, third}, 0},
		{"throttled", sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 429, Count: 5}, time.Minute, []int{first, second, third}, 0},
		{"server in trouble", sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 503, Count: 5}, time.Minute, []int{first, second, third}, 0},
		{"server cannot", sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 500, Count: 9}, 4 * time.Minute, []int{second, third}, 0},
		{"refused after all", sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 503, After: true}, time.Minute, []int{first, second, third}, 1},
		{"no answer", sandbox.Fault{Kind: sandbox.FaultMessageDrop, Count: 2}, 3 * time.Minute, []int{first, second, third}, 0},
		{"answer lost", sandbox.Fault{Kind: sandbox.FaultMessageDrop, After: true, Count: 2}, 3 * time.Minute, []int{first, second, third}, 2},
		{"late answer", sandbox.Fault{Kind: sandbox.FaultMessageDelay, Delay: 90 * time.Second}, 4 * time.Minute, []int{first, second, third}, 1},
		{"cut before", sandbox.Fault{Kind: sandbox.FaultMessageCut, Count: 2}, time.Minute, []int{first, second, third}, 0},
		{"cut after", sandbox.Fault{Kind: sandbox.FaultMessageCut, After: true, Count: 2}, time.Minute, []int{first, second, third}, 2},
		{"number not looked up", sandbox.Fault{Kind: sandbox.FaultIQDrop, Match: "usync get", Count: 2}, 3 * time.Minute, []int{first, second, third}, 0},
		{"devices not told", sandbox.Fault{Kind: sandbox.FaultIQError, Match: "usync get", Code: 500, Count: 3}, 3 * time.Minute, []int{first, second, third}, 0},
		{"keys not told", sandbox.Fault{Kind: sandbox.FaultIQError, Match: "encrypt get key", Code: 503}, 3 * time.Minute, []int{first, second, third}, 0},
		{"cut at a query", sandbox.Fault{Kind: sandbox.FaultIQDisconnect, Match: "encrypt get key"}, 3 * time.Minute, []int{first, second, third}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.must(s.world.Inject(test.fault))
				ids := s.sayAll(bobChat, "1", "2", "3")
				pass(test.after + 2*time.Second)
				var want []string
				for _, n := range test.want {
					want = append(want, ids[n])
				}
				s.wantGot(bob, want...)
				if left := s.world.Faults(); len(left) > 0 {
					t.Errorf("not gone wrong: %+v", left)
				}
				if n := s.world.Repeats(); n != test.again {
					t.Errorf("%d repeats, want %d", n, test.again)
				}
				if a := s.get(s.method("getMessagesCount")).body; a != `{"count":0}` {
					t.Error(a)
				}
				for n, id := range ids {
					if m, sent := s.message(bobChat, id), slices.Contains(test.want, n); (m.StatusMessage == "delivered") != sent {
						t.Errorf("message %d: %s", n+1, m.StatusMessage)
					}
				}
			})
		})
	}
}

// An account that may not begin a chat goes on in others, and tries that one every ten minutes, restarts or not.
func TestHeldChatsWaitAndOthersGoOn(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob, cleo := s.addPhone(otherNumber, "Bob"), s.addPhone("15550003333", "Cleo")
		s.set("stateWebhook", "outgoingWebhook")
		refusal := sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 463}
		s.must(s.world.Inject(refusal))
		held := s.sayAll(bobChat, "1", "2")
		pass(time.Second)
		s.wantStatus(instance.StateYellowCard, "463")
		free := s.say("15550003333@c.us", "Hello")
		held = append(held, s.say(bobChat, "3"))
		pass(time.Minute)
		s.wantGot(cleo, free)
		s.restart()
		s.await(instance.StateYellowCard)
		pass(8 * time.Minute)
		s.wantGot(bob) // although nobody refuses any more
		s.must(s.world.Inject(refusal))
		pass(3 * time.Minute)
		if len(s.world.Faults()) != 0 {
			t.Error("not tried after ten minutes")
		}
		pass(6 * time.Minute)
		s.wantGot(bob)
		s.wantStatus(instance.StateYellowCard, "")
		pass(5 * time.Minute)
		s.wantGot(bob, held...)
		s.wantGot(cleo, free)
		s.wantStatus(instance.StateAuthorized, "")
		var states []string
		for n := s.next(); n != nil; n = s.next() {
			if n.Body.StateInstance != "" {
				states = append(states, n.Body.StateInstance)
			}
		}
		if got := strings.Join(states, " "); got != "yellowCard starting yellowCard authorized" {
			t.Errorf("told %s", got)
		}
	})
}

func TestHeldMessagesEndAfterADay(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 463, Count: -1}))
		id := s.say(bobChat, "1")
		pass(24*time.Hour + 12*time.Minute)
		if m := s.message(bobChat, id); m.StatusMessage != "failed" {
			t.Errorf("%+v", m)
		}
		s.wantStatus(instance.StateAuthorized, "")
		s.wantGot(bob)
	})
}

func TestRebootTriesHeldChatsAtOnce(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 463}))
		id := s.say(bobChat, "1")
		pass(time.Second)
		s.wantStatus(instance.StateYellowCard, "")
		s.get(s.method("reboot"))
		s.await(instance.StateAuthorized)
		pass(time.Second)
		s.wantGot(bob, id)
	})
}

func TestAnotherAccountIsNotHeld(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 463}))
		id := s.say(bobChat, "1")
		pass(time.Second)
		s.wantStatus(instance.StateYellowCard, "")
		s.get(s.method("logout"))
		s.link()
		pass(time.Second)
		s.wantStatus(instance.StateAuthorized, "")
		s.wantGot(bob, id)
	})
}

// WhatsApp says itself until when it keeps an account from beginning chats.
func TestTheLockOfAnAccountIsFollowed(t *testing.T) {
	for name, lifted := range map[string]bool{"to its end": false, "until it is lifted": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.must(s.phone.LockReachOut(time.Now().Add(6 * time.Hour)))
				s.wantStatus(instance.StateYellowCard, "")
				s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 463}))
				id := s.say(bobChat, "1")
				pass(time.Hour)
				s.restart()
				s.await(instance.StateYellowCard)
				pass(4 * time.Hour)
				s.wantGot(bob) // although nobody refuses any more
				if lifted {
					s.must(s.phone.LockReachOut(time.Time{}))
					pass(time.Second)
				} else {
					pass(time.Hour + 2*time.Minute)
				}
				s.wantGot(bob, id)
				s.wantStatus(instance.StateAuthorized, "")
			})
		})
	}
}

// The queue is cleared of all but what is on its way to WhatsApp; that ends as it ends.
func TestClearingWhileSending(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("outgoingWebhook")
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageDelay, Delay: 10 * time.Second}))
		ids := s.sayAll(bobChat, "1", "2", "3")
		pass(2 * time.Second)
		s.get(s.method("clearMessagesQueue"))
		later := s.say(bobChat, "4")
		pass(time.Minute)
		s.wantGot(bob, ids[0], later)
		for n, want := range []string{"delivered", "failed", "failed"} {
			if m := s.message(bobChat, ids[n]); m.StatusMessage != want {
				t.Errorf("message %d: %s", n+1, m.StatusMessage)
			}
		}
		if got := s.statuses(ids[0]); !slices.Equal(got, []string{"sent", "delivered"}) {
			t.Errorf("%q", got)
		}
	})
}

// What was cleared is gone, also the entry that was waiting for its turn.
func TestClearedMessagesAreNotSent(t *testing.T) {
	for name, waits := range map[string]func(s *stack){
		"waiting for the account": func(*stack) {},
		"waiting for its turn": func(s *stack) {
			s.link()
			s.delay(time.Minute)
			s.say(bobChat, "0")
			pass(time.Second)
		},
		"held": func(s *stack) {
			s.link()
			s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageError, Code: 463}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				bob := s.addPhone(otherNumber, "Bob")
				waits(s)
				before := got(bob)
				s.sayAll(bobChat, "1", "2")
				pass(2 * time.Second)
				s.get(s.method("clearMessagesQueue"))
				later := s.say(bobChat, "3")
				if s.instance().Status().State == instance.StateNotAuthorized {
					s.link()
				}
				pass(20 * time.Minute)
				s.wantGot(bob, append(before, later)...)
			})
		})
	}
}

// A suspended account accepts nothing more; what it had accepted goes out when it may write again.
func TestASuspensionHoldsTheQueue(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.delay(10 * time.Second)
		ids := s.sayAll(bobChat, "1", "2")
		pass(time.Second)
		s.must(s.world.BanFor(ownNumber, time.Hour, 101))
		s.await(instance.StateSuspended)
		if a := s.post(s.method("sendMessage"), `{"chatId":"`+bobChat+`","message":"3"}`); a.status != 403 || a.body != "Your account is suspended" {
			t.Errorf("%d %s", a.status, a.body)
		}
		pass(time.Hour + time.Minute)
		s.wantGot(bob, ids...)
	})
}

// A poll that has to be sent twice is one poll: votes on either copy can be read.
func TestAPollKeepsItsSecretOverRetries(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set("incomingWebhook", "pollMessageWebhook")
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageCut, After: true, Count: 2}))
		s.send("sendPoll", `{"chatId":"`+bobChat+`","message":"Lunch?","options":[{"optionName":"12:00"},{"optionName":"13:00"}]}`)
		pass(time.Minute)
		if s.world.Repeats() == 0 {
			t.Fatal("the poll was not sent again")
		}
		_, err := bob.Vote(s.t.Context(), bob.Messages()[0], "13:00")
		s.must(err)
		if body := s.nextBody(); !strings.Contains(body, `{"optionName":"13:00","optionVoters":["`+bobChat+`"]}`) {
			t.Error(body)
		}
	})
}

func TestTypingIsShownFirst(t *testing.T) {
	for _, test := range []struct {
		name, fields string
		auto         int
		media        types.ChatPresenceMedia
		long         time.Duration
	}{
		{"asked for", `,"typingTime":5000`, 0, "", 5 * time.Second},
		{"recording", `,"typingTime":1000,"typingType":"recording"`, 0, types.ChatPresenceMediaAudio, time.Second},
		{"automatic", ``, 2, "", 100 * 60 * time.Millisecond},
		{"asked for in place of automatic", `,"typingTime":1000`, 4, "", time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.must(s.instance().SetSettings(s.t.Context(), instance.SettingsPatch{"autoTyping": json.RawMessage(fmt.Sprint(test.auto))}))
				start := time.Now()
				s.send("sendMessage", `{"chatId":"`+bobChat+`","message":"`+strings.Repeat("x", 100)+`"`+test.fields+`}`)
				typing, err := bob.NextTyping(s.t.Context())
				s.must(err)
				if typing.State != types.ChatPresenceComposing || typing.Media != test.media || time.Since(start) != 0 {
					t.Errorf("%+v after %v", typing, time.Since(start))
				}
				_, err = bob.Next(s.t.Context())
				s.must(err)
				if took := time.Since(start); took != test.long {
					t.Errorf("typed for %v, want %v", took, test.long)
				}
				if typing, err = bob.NextTyping(s.t.Context()); err != nil || typing.State != types.ChatPresencePaused {
					t.Errorf("%+v, %v", typing, err)
				}
			})
		})
	}
}

func TestChatsAreReadOnArrivalOrOnReply(t *testing.T) {
	for settings, want := range map[string]struct{ arrival, reply bool }{
		"":                                  {false, false},
		"markIncomingMessagesReaded":        {true, true},
		"markIncomingMessagesReadedOnReply": {false, true},
		"markIncomingMessagesReaded markIncomingMessagesReadedOnReply": {false, true},
	} {
		t.Run(settings, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.set(strings.Fields(settings)...)
				read := func() bool {
					synctest.Wait()
					return slices.ContainsFunc(bob.Receipts(), func(r sandbox.Receipt) bool { return r.Type == string(types.ReceiptTypeRead) })
				}
				s.says(bob, "1")
				s.says(bob, "2")
				if read() != want.arrival {
					t.Error("on arrival: want", want.arrival)
				}
				s.say(bobChat, "3")
				pass(time.Second)
				if read() != want.reply {
					t.Error("on reply: want", want.reply)
				}
			})
		})
	}
}

// Devices that could not read a message ask for it again, maybe only after a restart; whatsmeow itself has forgotten it by then.
func TestMessagesAreSentAgainFromTheJournal(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.say(bobChat, "1")
		pass(time.Second)
		s.delay(10 * time.Minute) // so that the outbox's own second attempt is far away
		bob.FailNextDecrypt()
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMessageCut, After: true}))
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultConnect, Code: 503, Count: -1}))
		id := s.say(bobChat, "2")
		pass(10*time.Minute + time.Second)
		if len(got(bob)) != 1 {
			t.Fatal("Bob could read it")
		}
		s.restart()
		s.world.ClearFaults()
		s.delay(20 * time.Minute)
		s.await(instance.StateAuthorized)
		pass(time.Minute)
		if ids := got(bob); len(ids) != 2 || ids[1] != id {
			t.Errorf("%v, want %s", ids, id)
		}
		if s.world.Repeats() != 0 {
			t.Error("sent again by the outbox")
		}
	})
}

// Each refusal of a chat beyond the quota is told, the month's first chats stay, and the next month begins anew.
func TestQuotaOfChats(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob, cleo := s.addPhone(otherNumber, "Bob"), s.addPhone("15550003333", "Cleo")
		s.set("incomingBlockWebhook")
		messageSetUps["quota"](s, []string{"1"})
		first := s.say(bobChat, "1")
		body := `{"chatId":"15550003333@c.us","message":"2"}`
		if a := s.post(s.method("sendMessage"), body); a.status != 466 {
			t.Errorf("%+v", a)
		}
		if n := s.next(); n == nil || n.Body.TypeWebhook != "quotaExceeded" {
			t.Errorf("%+v", n)
		}
		second := s.say(bobChat, "3")
		pass(31 * 24 * time.Hour)
		third := s.send("sendMessage", body)
		pass(time.Minute)
		s.wantGot(bob, first, second)
		s.wantGot(cleo, third)
	})
}
