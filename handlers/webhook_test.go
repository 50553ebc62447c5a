package handlers_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance"
	"greengate/sandbox"
)

const (
	hookURL      = "http://receiver.example/hook?shop=1"
	hookRetry    = time.Minute
	hookTimeout  = 3 * time.Minute
	hookLifetime = 24 * time.Hour
)

// push sets webhookUrl and its token.
func (s *stack) push(url, token string) {
	s.t.Helper()
	patch := instance.SettingsPatch{"webhookUrl": json.RawMessage(strconv.Quote(url)), "webhookUrlToken": json.RawMessage(strconv.Quote(token))}
	s.must(s.instance().SetSettings(s.t.Context(), patch))
}

// linkedWithReceiver links an account that is told of incoming messages and pushes them.
func (s *stack) linkedWithReceiver() (bob *sandbox.Phone) {
	s.t.Helper()
	s.link()
	s.set("incomingWebhook")
	s.push(hookURL, "")
	return s.addPhone(otherNumber, "Bob")
}

// says lets a phone write to the account and waits until that is dealt with.
func (s *stack) says(phone *sandbox.Phone, text string) string {
	s.t.Helper()
	id, err := phone.SendText(s.t.Context(), s.phone.JID(), text)
	s.must(err)
	synctest.Wait()
	return id
}

func ids(list []delivery) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.hook.IDMessage)
	}
	return out
}

func TestWebhooksArePosted(t *testing.T) {
	for _, test := range []struct{ token, authorization string }{
		{"", ""}, {"secret", "Bearer secret"}, {"Bearer secret", "Bearer secret"}, {"Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz"},
	} {
		t.Run(test.token, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				bob := s.linkedWithReceiver()
				s.push(hookURL, test.token)
				id := s.says(bob, "Hello <Ann>")
				got := s.hooks.all()
				if len(got) != 1 {
					t.Fatalf("%d deliveries", len(got))
				}
				d := got[0]
				if d.path != "receiver.example/hook?shop=1" || d.verb != http.MethodPost || d.hook.IDMessage != id || d.length != int64(len(d.body)) {
					t.Errorf("%+v", d)
				}
				if kind := d.header.Get("Content-Type"); kind != "application/json; charset=utf-8" || d.header.Get("Authorization") != test.authorization {
					t.Errorf("%v", d.header)
				}
				if !strings.HasPrefix(d.body, `{"typeWebhook":"incomingMessageReceived","instanceData":{`) || !strings.Contains(d.body, "Hello <Ann>") {
					t.Error(d.body)
				}
				if a := s.get(s.method("getWebhooksCount")).body; a != `{"count":0}` {
					t.Error(a)
				}
			})
		})
	}
}

// Whatever is not a 200 is tried again a minute later, and what is behind it waits.
func TestWebhooksAreRepeatedUntil200(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		after  time.Duration // the next attempt
	}{
		{"201", status(201), hookRetry},
		{"202", status(202), hookRetry},
		{"204", status(204), hookRetry},
		{"301", redirect(301), hookRetry},
		{"302", redirect(302), hookRetry},
		{"400", status(400), hookRetry},
		{"404", status(404), hookRetry},
		{"429", status(429), hookRetry},
		{"500", status(500), hookRetry},
		{"503", status(503), hookRetry},
		{"closed early", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, hookRetry},
		{"hangs", hang, hookTimeout + hookRetry},
		{"slow", func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(hookTimeout + time.Second):
				w.WriteHeader(http.StatusOK)
			case <-r.Context().Done():
			}
		}, hookTimeout + hookRetry},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				bob := s.linkedWithReceiver()
				s.hooks.answers(test.answer)
				first, second := s.says(bob, "1"), s.says(bob, "2")
				got := s.hooks.await(2)
				s.hooks.answers(nil)
				got = s.hooks.await(len(got) + 2)
				if want := []string{first, first, first, second}; !slices.Equal(ids(got), want) {
					t.Fatalf("%v, want %v", ids(got), want)
				}
				if got[0].body != got[1].body {
					t.Errorf("%s then %s", got[0].body, got[1].body)
				}
				for n, want := range []time.Duration{test.after, test.after, 0} {
					if waited := got[n+1].at.Sub(got[n].at); waited != want {
						t.Errorf("attempt %d after %v, want %v", n+2, waited, want)
					}
				}
			})
		})
	}
}

func redirect(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", code) }
}

// A slow receiver that answers in time is well; what follows the head of the answer is not waited for long.
func TestASlow200IsEnough(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.linkedWithReceiver()
		s.hooks.answers(func(w http.ResponseWriter, r *http.Request) {
			<-time.After(hookTimeout - time.Second)
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		first, second := s.says(bob, "1"), s.says(bob, "2")
		got := s.hooks.await(2)
		if waited := got[1].at.Sub(got[0].at); !slices.Equal(ids(got), []string{first, second}) || waited > hookTimeout+10*time.Second {
			t.Errorf("%v, after %v", ids(got), waited)
		}
		s.hooks.answers(nil)
		synctest.Wait()
	})
}

func TestUndeliveredWebhooksEndAfterADay(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.linkedWithReceiver()
		s.hooks.answers(status(500))
		first := s.says(bob, "1")
		pass(time.Hour)
		second := s.says(bob, "2")
		pass(hookLifetime - time.Hour - time.Second)
		if last := s.hooks.all(); last[len(last)-1].hook.IDMessage != first {
			t.Error("given up before its time")
		}
		pass(2 * hookRetry)
		s.hooks.answers(nil)
		tries := len(s.hooks.all())
		got := s.hooks.await(tries + 1)
		if last := got[len(got)-1].hook.IDMessage; last != second {
			t.Errorf("after a day comes %s, want %s", last, second)
		}
		if n := len(got); n < 1400 || n > 1500 {
			t.Errorf("%d attempts in a day", n)
		}
		synctest.Wait()
	})
}

func TestANewReceiverIsTriedAtOnce(t *testing.T) {
	for name, change := range map[string]func(s *stack){
		"another address": func(s *stack) { s.push("http://receiver.example/new", "") },
		"a token":         func(s *stack) { s.push(hookURL, "secret") },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				bob := s.linkedWithReceiver()
				s.hooks.answers(status(401))
				id := s.says(bob, "1")
				pass(10 * time.Second)
				s.hooks.answers(nil)
				change(s)
				synctest.Wait()
				got := s.hooks.all()
				if want := []string{id, id}; !slices.Equal(ids(got), want) || got[1].at.Sub(got[0].at) != 10*time.Second {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestChangingBetweenPollingAndPushingLosesNothing(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.set("incomingWebhook")
		bob := s.addPhone(otherNumber, "Bob")
		polled := make(chan answer)
		go func() { polled <- s.get(s.method("receiveNotification") + "?receiveTimeout=60") }()
		pass(time.Second)
		s.push(hookURL, "")
		if a := <-polled; a.status != 400 || !strings.Contains(a.body, "custom webhook url is set") {
			t.Errorf("a poll that waits ends with %d %s", a.status, a.body)
		}
		first := s.says(bob, "1")
		s.hooks.answers(status(500))
		second := s.says(bob, "2")
		s.push("", "")
		if n := s.next(); n == nil || n.Body.IDMessage != second {
			t.Errorf("%+v, want %s", n, second)
		}
		third := s.says(bob, "3")
		s.hooks.answers(nil)
		s.push(hookURL, "")
		synctest.Wait()
		if got := ids(s.hooks.all()); !slices.Equal(got, []string{first, second, third}) {
			t.Errorf("%v", got)
		}
	})
}

// Receivers hang for minutes; neither other instances nor the socket to WhatsApp wait for them.
func TestAHangingReceiverHoldsUpNothingElse(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.linkedWithReceiver()
		s.outside.Name("hanging.example", "203.0.114.9")
		hanging := newReceiver()
		hanging.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		s.outside.Serve("203.0.114.9", hanging)
		s.push("http://hanging.example/", "")
		own, first, token := s.phone, s.id, s.token
		i, other, err := s.manager.Create(s.t.Context(), instance.New{})
		s.must(err)
		s.id, s.token, s.phone = i.ID, string(other), s.addPhone("15550004444", "Dan")
		s.link()
		s.set("incomingWebhook")
		s.push(hookURL, "")
		for n := range 100 {
			_, err := bob.SendText(s.t.Context(), own.JID(), strconv.Itoa(n))
			s.must(err)
		}
		id := s.says(bob, "Hello Dan")
		if got := ids(s.hooks.all()); !slices.Equal(got, []string{id}) {
			t.Errorf("%v", got)
		}
		s.id, s.token = first, token
		if entries := s.history(bobChat); len(entries) != 100 {
			t.Errorf("%d messages in the journal", len(entries))
		}
		if a := s.get(s.method("getWebhooksCount")).body; a != `{"count":100}` {
			t.Error(a)
		}
		if got := hanging.all(); len(got) != 1 {
			t.Errorf("%d deliveries at once", len(got))
		}
	})
}

func TestWebhooksGoOnAfterARestart(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.linkedWithReceiver()
		s.hooks.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		first, second := s.says(bob, "1"), s.says(bob, "2")
		s.hooks.answers(nil)
		s.restart()
		s.await(instance.StateAuthorized)
		synctest.Wait()
		if got := ids(s.hooks.all()); !slices.Equal(got, []string{first, first, second}) {
			t.Errorf("%v", got)
		}
	})
}

// The pace of retries is GREEN-API's unless the operator wants another one.
func TestThePaceOfWebhooksCanBeSet(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.stop()
		s.webhookRetry, s.webhookTimeout = 5*time.Second, 10*time.Second
		s.start()
		bob := s.linkedWithReceiver()
		s.hooks.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		s.says(bob, "1")
		got := s.hooks.await(2)
		if waited := got[1].at.Sub(got[0].at); waited != 15*time.Second {
			t.Errorf("tried again after %v", waited)
		}
	})
}

func TestWebhooksAreNotPostedToPrivateAddresses(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.linkedWithReceiver()
		s.outside.Name("inside.example", "10.0.0.7")
		s.push("http://inside.example/", "")
		s.says(bob, "1")
		pass(2 * hookRetry)
		if dials := s.outside.Dials(); len(dials) != 0 {
			t.Errorf("dialled %v", dials)
		}
	})
}
