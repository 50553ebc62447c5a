package clients

import (
	"bytes"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	greenapi "github.com/green-api/whatsapp-api-client-golang-v2"
	chatbot "github.com/green-api/whatsapp-chatbot-golang"
)

func TestGoChatbot(t *testing.T) {
	exercise(t, "Go chatbot").section("all", conversation, loopback)
}

// conversation lets the contact talk with a bot that has two scenes and answers in all the ways there are.
func conversation(t *testing.T, d demo) {
	expect(t, "saveSettings", true)(d.api().Account().SetSettings(greenapi.OptionalDelaySendMessages(0), greenapi.OptionalIncomingWebhook(true),
		greenapi.OptionalOutgoingWebhook(true), greenapi.OptionalOutgoingAPIMessageWebhook(true), greenapi.OptionalStateWebhook(true),
		greenapi.OptionalIncomingCallWebhook(true), greenapi.OptionalIncomingBlockWebhook(true), greenapi.OptionalDeviceWebhook(true)))
	files := httptest.NewServer(http.FileServer(http.Dir("../media/testdata")))
	defer files.Close()
	picture, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	p := &play{t: t, url: files.URL + "/sample.jpg", sent: make(chan any, 10), seen: make(chan string, 100), begun: make(chan struct{})}
	log.SetOutput(p)
	bot := chatbot.NewBot(d["idInstance"], d["apiTokenInstance"])
	bot.GreenAPI = *d.api()
	bot.SetStartScene(greeting{p})
	ended := make(chan struct{})
	d.says(t, "Is anybody there?") // the bot drops what came before it
	go func() {
		defer close(ended)
		bot.StartReceivingNotifications()
	}()
	defer bot.StopReceivingNotifications()
	<-p.begun
	for _, turn := range []struct {
		says    string
		answers []string
	}{
		{"/start", []string{"text"}},
		{"text", []string{"text", "text"}},
		{"poll", []string{"poll", "poll"}},
		{"file", []string{"image", "image", "image", "image"}},
		{"place", []string{"location", "location"}},
		{"card", []string{"vcard", "vcard"}},
	} {
		d.says(t, turn.says)
		for _, kind := range turn.answers {
			if m := d.arrived(t, p.answer()); m.Type != kind {
				t.Errorf("the answer to %q is %+v, want %s", turn.says, m, kind)
			}
		}
	}
	d.shows(t, "image", picture)
	ben := "/" + numberOf(d["contact"])
	d.phones(t, http.MethodPost, ben+"/calls", object{"to": d["number"]}, nil)
	d.phones(t, http.MethodPut, "/"+d["number"]+"/blocked"+ben, nil, nil)
	p.await("outgoing message", "status", "imageMessage", "call", "block")
	d.phones(t, http.MethodDelete, "/"+d["number"]+"/blocked"+ben, nil, nil)
	expect(t, "isReboot", true)(d.api().Account().Reboot())
	p.await("state", "device")
	d.says(t, "bye")
	<-ended
}

// play is what the scenes of the bot have in common. It reports the ids of what the bot has sent, and what else the bot has seen.
type play struct {
	t     *testing.T
	url   string // of a picture
	sent  chan any
	seen  chan string
	begun chan struct{}
	once  sync.Once
}

// Write takes what the bot logs; it says there that it has dropped all that came before it.
func (p *play) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("Bot Start receive webhooks")) {
		p.once.Do(func() { close(p.begun) })
	}
	return len(line), nil
}

func (p *play) report(answers ...map[string]any) {
	for _, answer := range answers {
		p.sent <- answer["idMessage"]
	}
}

// answer waits for the id of the next message that the bot sends.
func (p *play) answer() string {
	p.t.Helper()
	select {
	case id := <-p.sent:
		text, _ := id.(string)
		return text
	case <-time.After(10 * time.Second):
		p.t.Fatal("the bot does not answer")
		return ""
	}
}

// await waits until the bot has seen all of these.
func (p *play) await(things ...string) {
	p.t.Helper()
	missing := map[string]bool{}
	for _, thing := range things {
		missing[thing] = true
	}
	for deadline := time.After(10 * time.Second); len(missing) > 0; {
		select {
		case thing := <-p.seen:
			delete(missing, thing)
		case <-deadline:
			p.t.Fatalf("the bot has not seen %v", missing)
		}
	}
}

// watch registers handlers for all but incoming messages.
func (p *play) watch(bot *chatbot.Bot) {
	see := func(thing string) func(*chatbot.Notification) { return func(*chatbot.Notification) { p.seen <- thing } }
	bot.OutgoingMessageHandler(see("outgoing message"))
	bot.OutgoingMessageStatusHandler(see("status"))
	bot.StateInstanceChangedHandler(see("state"))
	bot.IncomingCallHandler(see("call"))
	bot.IncomingBlockHandler(see("block"))
	bot.DeviceInfoHandler(see("device"))
}

// greeting is the first scene.
type greeting struct{ *play }

func (s greeting) Start(bot *chatbot.Bot) {
	s.watch(bot)
	bot.IncomingMessageHandler(func(n *chatbot.Notification) {
		if !n.Filter(map[string][]string{"text": {"/start"}, "messageType": {"textMessage"}}) {
			s.t.Errorf("the bot was greeted by %v", n.Body)
		}
		s.report(n.AnswerWithText("What would you like?"))
		n.UpdateStateData(map[string]any{"greeted": true})
		n.ActivateNextScene(choice(s))
	})
}

// choice is the scene after it.
type choice struct{ *play }

func (s choice) Start(bot *chatbot.Bot) {
	s.watch(bot)
	card := greenapi.Contact{PhoneContact: 15550003333, FirstName: "Cleo"}
	times := []string{"12:00", "13:00"}
	bot.IncomingMessageHandler(func(n *chatbot.Notification) {
		if n.GetStateData()["greeted"] != true {
			s.t.Error("the bot has forgotten whom it talks to")
		}
		switch text, _ := n.Text(); text {
		case "text":
			s.report(n.AnswerWithText("Hello", "false"), n.SendText("Hello again"))
		case "poll":
			s.report(n.AnswerWithPoll("Lunch?", false, times), n.SendPoll("Dinner?", true, times))
		case "file":
			s.report(n.AnswerWithUploadFile(photo, "A photo"), n.SendUploadFile(photo, ""),
				n.AnswerWithUrlFile(s.url, "photo.jpg", "A photo"), n.SendUrlFile(s.url, "photo.jpg", ""))
		case "place":
			s.report(n.AnswerWithLocation("Office", "1 Main Street", 55.75, 37.61), n.SendLocation("", "", 55.75, 37.61))
		case "card":
			s.report(n.AnswerWithContact(card), n.SendContact(card))
		case "bye":
			bot.StopReceivingNotifications()
		default:
			kind, _ := n.MessageType()
			s.seen <- kind
		}
	})
}
