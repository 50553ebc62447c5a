package handlers_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/instance"
	"greengate/sandbox"
)

// traffic makes one of every message in every direction and returns the types of the notifications that came of it, sorted.
func (s *stack) traffic(bob *sandbox.Phone) []string {
	s.t.Helper()
	ctx, own := s.t.Context(), s.phone.JID()
	lunch := sandbox.Poll{Name: "Lunch?", Options: []string{"12:00", "13:00"}}
	for _, side := range []struct {
		phone *sandbox.Phone
		to    types.JID
	}{{bob, own}, {s.phone, bob.JID()}} {
		text, err := side.phone.SendText(ctx, side.to, "Hello")
		s.must(err)
		poll, err := side.phone.SendPoll(ctx, side.to, lunch)
		s.must(err)
		m, _ := side.phone.Message(poll)
		_, err = side.phone.Vote(ctx, m, "12:00")
		s.must(err)
		_, err = side.phone.Edit(ctx, side.to, text, "Hello again")
		s.must(err)
		_, err = side.phone.Delete(ctx, side.to, text)
		s.must(err)
		synctest.Wait()
	}
	s.send("sendMessage", `{"chatId":"`+otherNumber+`@c.us","message":"Hello"}`)
	s.send("sendPoll", `{"chatId":"`+otherNumber+`@c.us","message":"Lunch?","options":[{"optionName":"12:00"},{"optionName":"13:00"}]}`)
	s.send("sendMessage", `{"chatId":"15550009999@c.us","message":"Nobody"}`)
	<-time.After(3 * time.Second)
	synctest.Wait()
	seen := []string{}
	for n := s.next(); n != nil; n = s.next() {
		seen = append(seen, strings.TrimSpace(n.Body.String()+" "+n.Body.MessageData.TypeMessage))
	}
	slices.Sort(seen)
	return slices.Compact(seen)
}

func TestSettingsChooseWhatIsTold(t *testing.T) {
	const in, out, api, status = "incomingMessageReceived ", "outgoingMessageReceived ", "outgoingAPIMessageReceived ", "outgoingMessageStatus "
	always := []string{status + "noAccount"}
	for _, test := range []struct {
		settings string
		told     []string
	}{
		{"", nil},
		{"incomingWebhook", []string{in + "textMessage"}},
		{"incomingWebhook pollMessageWebhook", []string{in + "pollMessage", in + "pollUpdateMessage", in + "textMessage"}},
		{"incomingWebhook editedMessageWebhook", []string{in + "editedMessage", in + "textMessage"}},
		{"incomingWebhook deletedMessageWebhook", []string{in + "deletedMessage", in + "textMessage"}},
		{"outgoingMessageWebhook", []string{out + "textMessage"}},
		{"outgoingMessageWebhook pollMessageWebhook", []string{out + "pollMessage", out + "pollUpdateMessage", out + "textMessage"}},
		{"outgoingMessageWebhook editedMessageWebhook", []string{out + "editedMessage", out + "textMessage"}},
		{"outgoingMessageWebhook deletedMessageWebhook", []string{out + "deletedMessage", out + "textMessage"}},
		{"outgoingAPIMessageWebhook", []string{api + "extendedTextMessage"}},
		{"outgoingAPIMessageWebhook pollMessageWebhook", []string{api + "extendedTextMessage", api + "pollMessage"}},
		{"outgoingWebhook", []string{status + "delivered", status + "sent"}},
		{"pollMessageWebhook editedMessageWebhook deletedMessageWebhook", nil},
		{"stateWebhook statusInstanceWebhook deviceWebhook incomingBlockWebhook incomingCallWebhook outgoingCallWebhook catalogWebhook", nil},
	} {
		t.Run(test.settings, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				bob := s.addPhone(otherNumber, "Bob")
				s.set(strings.Fields(test.settings)...)
				s.drain()
				want := slices.Sorted(slices.Values(slices.Concat(test.told, always)))
				if got := s.traffic(bob); !slices.Equal(got, want) {
					t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			})
		})
	}
}

func TestStoriesAreNoMessages(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		s.set(append(allMessageSettings, "outgoingWebhook")...)
		for _, phone := range []*sandbox.Phone{bob, s.phone} {
			_, err := phone.PostStatus(s.t.Context(), &waE2E.Message{Conversation: proto.String("Story")}, ownNumber)
			s.must(err)
		}
		synctest.Wait()
		if n := s.next(); n != nil {
			t.Errorf("told of a story: %+v", n)
		}
		if got := s.get(s.method("lastIncomingMessages")).body; got != "[]" {
			t.Errorf("listed: %s", got)
		}
	})
}

// stateInstanceChanged comes with every change, and in order.
func TestStatesAreTold(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.set("stateWebhook")
		s.link()
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultConnect, Code: 503, Count: 8}))
		s.must(s.phone.Kick(s.device(), sandbox.KickCut))
		s.await(instance.StateStarting)
		s.await(instance.StateAuthorized)
		s.must(s.phone.Kick(s.device(), sandbox.KickReplaced))
		s.await(instance.StateSleepMode)
		s.get(s.method("reboot"))
		s.await(instance.StateAuthorized)
		s.must(s.world.BanFor(ownNumber, time.Hour, 101))
		s.await(instance.StateSuspended)
		<-time.After(time.Hour + time.Minute)
		s.await(instance.StateAuthorized)
		s.restart()
		s.await(instance.StateAuthorized)
		s.get(s.method("logout"))
		s.await(instance.StateNotAuthorized)
		var got []string
		for n := s.nextBody(); n != "null"; n = s.nextBody() {
			var body struct {
				StateInstance string
				InstanceData  struct{ Wid string }
			}
			s.must(json.Unmarshal([]byte(n), &body))
			if wid := body.InstanceData.Wid; (wid == "") != (body.StateInstance == "notAuthorized") {
				t.Errorf("%s of %q", body.StateInstance, wid)
			}
			got = append(got, body.StateInstance)
		}
		want := "starting authorized starting authorized sleepMode starting authorized suspended authorized starting authorized notAuthorized"
		if strings.Join(got, " ") != want {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(got, " "), want)
		}
	})
}
