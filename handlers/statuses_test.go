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

	"greengate/sandbox"
)

// linkWithContacts links our phone and saves others in its address book.
func (s *stack) linkWithContacts(others ...*sandbox.Phone) {
	s.t.Helper()
	for _, other := range others {
		s.must(s.phone.SaveContact(other.JID(), "Friend "+other.Number()))
	}
	s.link()
	s.settle()
}

// settle waits until what is under way has come to rest.
func (s *stack) settle() {
	<-time.After(10 * time.Second)
	synctest.Wait()
}

// list calls a method that answers with a list.
func (s *stack) list(method, query string) []map[string]any {
	s.t.Helper()
	var entries []map[string]any
	answer := s.get(s.method(method) + query)
	if err := json.Unmarshal([]byte(answer.body), &entries); err != nil || entries == nil {
		s.t.Fatalf("%s: %d %s", method, answer.status, answer.body)
	}
	return entries
}

// statuses lists the texts of the statuses that a phone has got.
func statuses(p *sandbox.Phone) (texts []string) {
	for _, m := range p.Messages() {
		if m.Chat == types.StatusBroadcastJID {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func TestStatusGoesToItsAudience(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob, cleo := s.addPhone(otherNumber, "Bob"), s.addPhone(thirdNumber, "Cleo")
		stranger := s.addPhone("15550004444", "Dan")
		s.linkWithContacts(bob, cleo)
		s.set("outgoingWebhook", "outgoingAPIMessageWebhook", "incomingWebhook")
		s.send("sendTextStatus", `{"message":"for all"}`)
		s.send("sendTextStatus", `{"message":"for Bob","participants":["`+otherNumber+`@c.us","15559999999@c.us"]}`)
		s.send("sendTextStatus", `{"message":"for Dan","participants":["15550004444@c.us"]}`)
		s.settle()
		for phone, want := range map[*sandbox.Phone][]string{
			bob: {"for all", "for Bob"}, cleo: {"for all"}, stranger: {"for Dan"}, s.phone: {"for all", "for Bob", "for Dan"},
		} {
			if got := statuses(phone); !slices.Equal(got, want) {
				t.Errorf("%s sees %q, not %q", phone.Number(), got, want)
			}
		}
		if n := s.next(); n != nil {
			t.Errorf("a status is notified: %+v", n.Body)
		}
		var participants []any
		for _, entry := range s.list("getOutgoingStatuses", "") {
			participants = append(participants, entry["participants"])
		}
		want := `[["15550004444@c.us"],["` + otherNumber + `@c.us"],["` + otherNumber + `@c.us","` + thirdNumber + `@c.us"]]`
		if got, err := json.Marshal(participants); err != nil || string(got) != want {
			t.Errorf("participants %s, not %s", got, want)
		}
	})
}

func TestStatusKeepsToPrivacySettings(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob, cleo := s.addPhone(otherNumber, "Bob"), s.addPhone(thirdNumber, "Cleo")
		s.linkWithContacts(bob, cleo)
		post := func(text, participants string) string {
			id := s.send("sendTextStatus", `{"message":"`+text+`","participants":[`+participants+`]}`)
			s.settle()
			return id
		}
		both := `"` + otherNumber + `@c.us","` + thirdNumber + `@c.us"`
		s.must(s.phone.SetStatusPrivacy(types.StatusPrivacyTypeBlacklist, otherNumber))
		post("not for Bob", "")
		post("not even by name", both)
		s.must(s.phone.SetStatusPrivacy(types.StatusPrivacyTypeWhitelist, otherNumber))
		post("for Bob", "")
		post("for Bob by name", both)
		refused := post("not for those on the list", `"`+thirdNumber+`@c.us"`)
		if got, want := statuses(bob), []string{"for Bob", "for Bob by name"}; !slices.Equal(got, want) {
			t.Errorf("Bob sees %q, not %q", got, want)
		}
		if got, want := statuses(cleo), []string{"not for Bob", "not even by name"}; !slices.Equal(got, want) {
			t.Errorf("Cleo sees %q, not %q", got, want)
		}
		if newest := s.list("getOutgoingStatuses", "")[0]; newest["idMessage"] != refused || newest["statusMessage"] != "failed" {
			t.Errorf("the refused one: %v", newest)
		}
	})
}

func TestStatusStatisticAndDeletion(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob, cleo := s.addPhone(otherNumber, "Bob"), s.addPhone(thirdNumber, "Cleo")
		s.linkWithContacts(bob, cleo)
		id := s.send("sendTextStatus", `{"message":"Open today","participants":["`+otherNumber+`@c.us"]}`)
		s.settle()
		bob.Read(id)
		s.settle()
		s.restart()
		s.await("authorized")
		var events []string
		for _, e := range s.list("getStatusStatistic", "?idMessage="+id) {
			events = append(events, e["participant"].(string)+" "+e["status"].(string))
		}
		who := otherNumber + "@c.us "
		if want := []string{who + "sent", who + "delivered", who + "read"}; !slices.Equal(events, want) {
			t.Errorf("events %q", events)
		}
		if answer := s.post(s.method("deleteStatus"), `{"idMessage":"`+id+`"}`); answer.status != 200 || answer.body != "" {
			t.Errorf("delete: %d %s", answer.status, answer.body)
		}
		s.settle()
		messages := bob.Messages()
		last := messages[len(messages)-1].Proto.GetProtocolMessage()
		if last.GetType() != waE2E.ProtocolMessage_REVOKE || last.GetKey().GetID() != id || len(statuses(cleo)) != 0 {
			t.Errorf("Bob got %v, Cleo %q", last, statuses(cleo))
		}
		for _, e := range s.list("getOutgoingStatuses", "") {
			if e["idMessage"] == id && e["isDeleted"] != true {
				t.Errorf("after its deletion: %v", e)
			}
		}
	})
}

func TestStatusesOfOthersAndOfThePhone(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob, cleo := s.addPhone(otherNumber, "Bob"), s.addPhone(thirdNumber, "Cleo")
		s.linkWithContacts(bob)
		news := &waE2E.Message{Conversation: proto.String("news")}
		fromBob, err := bob.PostStatus(s.t.Context(), news, ownNumber)
		s.must(err)
		_, err = cleo.PostStatus(s.t.Context(), news, ownNumber) // not in the address book
		s.must(err)
		own, err := s.phone.PostStatus(s.t.Context(), news, otherNumber)
		s.must(err)
		s.settle()
		in := s.list("getIncomingStatuses", "")
		if len(in) != 1 || in[0]["idMessage"] != fromBob || in[0]["chatId"] != otherNumber+"@c.us" || in[0]["senderContactName"] != "Friend "+otherNumber {
			t.Errorf("incoming %v", in)
		}
		out := s.list("getOutgoingStatuses", "")
		if len(out) != 1 || out[0]["idMessage"] != own || out[0]["sendByApi"] != false || len(out[0]["participants"].([]any)) != 1 {
			t.Errorf("outgoing %v", out)
		}
		s.instance().Sleep() // a month of pings takes its time
		<-time.After(31 * 24 * time.Hour)
		synctest.Wait()
		if left := s.list("getStatusStatistic", "?idMessage="+own); len(left) != 0 {
			t.Errorf("after a month: %v", left)
		}
		if left := s.list("getIncomingStatuses", "?minutes=100000"); len(left) != 0 {
			t.Errorf("after a month: %v", left)
		}
	})
}

// keep uploads a file and returns its address.
func (s *stack) keep(data []byte) string {
	s.t.Helper()
	var kept struct{ URLFile string }
	s.must(json.Unmarshal([]byte(s.upload("uploadFile", data).body), &kept))
	return kept.URLFile
}

func TestFilesAsStatuses(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		s.linkWithContacts(bob)
		photo, sound := smallPhoto(t), attachmentSample(t, "constant.mp3")
		s.send("sendMediaStatus", `{"urlFile":"`+s.keep(photo)+`","fileName":"shop.jpg","caption":"Open"}`)
		s.send("sendVoiceStatus", `{"urlFile":"`+s.keep(sound)+`","fileName":"news.mp3","backgroundColor":"#228B22"}`)
		s.send("sendMediaStatus", `{"urlFile":"`+s.keep(sound)+`","fileName":"lies.jpg"}`)
		s.settle()
		got := bob.Messages()
		if len(got) != 2 {
			t.Fatalf("Bob got %d statuses", len(got))
		}
		image, voice := got[0].Proto.GetImageMessage(), got[1].Proto.GetAudioMessage()
		if data, err := bob.OpenMedia(got[0]); err != nil || image.GetCaption() != "Open" || !slices.Equal(data, photo) {
			t.Errorf("image %v, %v", image, err)
		}
		if data, err := bob.OpenMedia(got[1]); err != nil || !voice.GetPTT() || voice.GetBackgroundArgb() != 0xff228b22 || !slices.Equal(data, sound) {
			t.Errorf("voice %v, %v", voice, err)
		}
		var kinds []string
		for _, e := range s.list("getOutgoingStatuses", "") {
			kinds = append(kinds, e["typeMessage"].(string)+" "+e["statusMessage"].(string))
		}
		if want := []string{"imageMessage failed", "audioMessage delivered", "imageMessage delivered"}; !slices.Equal(kinds, want) {
			t.Errorf("journal %q", kinds)
		}
	})
}

// statusSetUps are set-ups of golden exchanges that concern statuses and calls.
var statusSetUps = map[string]func(s *stack, args []string){
	"friend": func(s *stack, args []string) { // number: our phone has it in its address book
		s.must(s.phone.SaveContact(s.world.Phone(args[0]).JID(), "Bob's Bikes"))
		s.settle()
	},
	"posts": func(s *stack, args []string) { // number words: that phone posts them for us, as {message}
		status := &waE2E.Message{Conversation: proto.String(strings.Join(args[1:], " "))}
		id, err := s.world.Phone(args[0]).PostStatus(s.t.Context(), status, ownNumber)
		s.must(err)
		s.names["{message}"] = id
		s.settle()
	},
	"posted": func(s *stack, args []string) { // words: we have posted them for all contacts, as {message}
		s.names["{message}"] = s.send("sendTextStatus", `{"message":"`+strings.Join(args, " ")+`","backgroundColor":"#228B22","font":"SERIF"}`)
		s.settle()
	},
	"posting": func(s *stack, args []string) { // words: they are queued for one person
		s.send("sendTextStatus", `{"message":"`+strings.Join(args, " ")+`","participants":["`+otherNumber+`@c.us"]}`)
	},
	"views": func(s *stack, args []string) { // number: that phone sees {message}
		s.world.Phone(args[0]).Read(s.names["{message}"])
		s.settle()
	},
	"calls": func(s *stack, args []string) { // number: that phone calls us, and we do not answer; {call} is the call
		bob := s.world.Phone(args[0])
		id, err := bob.Call(s.phone.JID(), true)
		s.must(err)
		s.settle()
		s.must(bob.HangUp(id))
		s.names["{call}"] = id
		s.settle()
	},
	"called": func(s *stack, args []string) { // number: our phone has called that one, for 42 seconds; {call} is the call
		bob := s.world.Phone(args[0])
		id, err := s.phone.Call(bob.JID(), false)
		s.must(err)
		s.must(bob.Answer(id))
		<-time.After(42 * time.Second)
		s.must(bob.HangUp(id))
		s.names["{call}"] = id
		s.settle()
	},
}
