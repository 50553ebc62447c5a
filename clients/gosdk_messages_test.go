package clients

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	greenapi "github.com/green-api/whatsapp-api-client-golang-v2"
)

// loopback lets the server fetch files that a test serves, and call its webhooks.
const loopback = "--egress.allow=127.0.0.0/8"

// sdkSending sends whatever can be sent, and looks for it on the phone of the contact.
func sdkSending(t *testing.T, d demo) {
	api, contact := d.api(), d["contact"]
	c := api.Sending()
	expect(t, "saveSettings", true)(api.Account().SetSettings(greenapi.OptionalDelaySendMessages(0)))
	// got takes the answer to a call that sends, and returns the message as it arrived.
	got := func(kind string) func(*greenapi.APIResponse, error) message {
		return func(response *greenapi.APIResponse, err error) message {
			t.Helper()
			id, _ := read[object](t, response, err)["idMessage"].(string)
			m := d.arrived(t, id)
			if m.Type != kind {
				t.Errorf("got %+v, want %s", m, kind)
			}
			return m
		}
	}
	hello := got("text")(c.SendMessage(contact, "Hello", greenapi.OptionalLinkPreview(false)))
	got("text")(c.SendMessage(contact, "Hello again", greenapi.OptionalQuotedMessageId(hello.ID)))
	got("poll")(c.SendPoll(contact, "Lunch?", []string{"12:00", "13:00"}, greenapi.OptionalMultipleAnswers(true),
		greenapi.OptionalPollQuotedMessageId(hello.ID)))
	got("location")(c.SendLocation(contact, 55.75, 37.61, greenapi.OptionalNameLocation("Office"), greenapi.OptionalAddress("1 Main Street"),
		greenapi.OptionalQuotedMessageIdLocation(hello.ID)))
	got("vcard")(c.SendContact(contact, greenapi.Contact{PhoneContact: 15550003333, FirstName: "Cleo", MiddleName: "C.", LastName: "Clay", Company: "Acme"},
		greenapi.OptionalQuotedMessageIdContact(hello.ID)))
	uploaded := got("image")(c.SendFileByUpload(contact, photo, "photo.jpg", greenapi.OptionalCaptionSendUpload("A photo"),
		greenapi.OptionalQuotedMessageIdSendUpload(hello.ID)))
	d.hasPhoto(t, uploaded.ID)
	response, err := c.UploadFile(photo)
	kept := read[object](t, response, err)["urlFile"].(string)
	files := httptest.NewServer(http.FileServer(http.Dir("../media/testdata")))
	defer files.Close()
	for _, url := range []string{kept, files.URL + "/sample.jpg"} {
		m := got("image")(c.SendFileByUrl(contact, url, "photo.jpg", greenapi.OptionalCaptionSendUrl("A photo"),
			greenapi.OptionalQuotedMessageIdSendUrl(hello.ID)))
		d.hasPhoto(t, m.ID)
	}
	response, err = c.ForwardMessages(contact, contact, []string{hello.ID})
	forwarded := read[struct{ Messages []string }](t, response, err).Messages
	if m := d.arrived(t, forwarded[0]); m.Text != "Hello" {
		t.Errorf("forwarded: %+v", m)
	}
	sdkOutgoing(t, d, hello.ID)
}

// hasPhoto compares a file on the contact's phone with the one that was sent. Photos are sent as they are.
func (d demo) hasPhoto(t *testing.T, id string) {
	t.Helper()
	want, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	got := d.phones(t, http.MethodGet, "/"+numberOf(d["contact"])+"/messages/"+id+"/media", nil, nil)
	if !slices.Equal(got, want) {
		t.Errorf("the file of %s has %d bytes instead of %d", id, len(got), len(want))
	}
}

// sdkOutgoing looks for the first text sent in the journals, and for one that waits in the queue.
func sdkOutgoing(t *testing.T, d demo, id string) {
	api, contact := d.api(), d["contact"]
	journals, queues := api.Journals(), api.Queues()
	expect(t, "textMessage", "Hello")(journals.GetMessage(contact, id))
	find(t, list(t)(journals.GetChatHistory(contact, greenapi.OptionalCount(50))), "idMessage", id)
	find(t, list(t)(journals.LastOutgoingMessages(greenapi.OptionalMinutes(5))), "idMessage", id)
	expect(t, "saveSettings", true)(api.Account().SetSettings(greenapi.OptionalDelaySendMessages(60_000)))
	response, err := api.Sending().SendMessage(contact, "Too late")
	late := read[object](t, response, err)["idMessage"]
	find(t, list(t)(queues.ShowMessagesQueue()), "messageID", late)
	expect(t, "isCleared", true)(queues.ClearMessagesQueue())
	if left := list(t)(queues.ShowMessagesQueue()); len(left) != 0 {
		t.Errorf("in the cleared queue: %v", left)
	}
}

// sdkReceiving receives a text and a file.
func sdkReceiving(t *testing.T, d demo) {
	api, contact := d.api(), d["contact"]
	picture, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	text := d.says(t, "Good morning")
	if body := sdkNext(t, api); body["idMessage"] != text || body["typeWebhook"] != "incomingMessageReceived" {
		t.Errorf("%v", body)
	}
	image := d.shows(t, "image", picture)
	file := sdkNext(t, api)["messageData"].(object)["fileMessageData"].(object)
	link := expect(t, "error", nil)(api.Receiving().DownloadFile(contact, image))["downloadUrl"].(string)
	for _, url := range []string{file["downloadUrl"].(string), link} {
		if data := ask(t, http.MethodGet, url, nil, nil); !slices.Equal(data, picture) {
			t.Errorf("%s leads to %d bytes", url, len(data))
		}
	}
	find(t, list(t)(api.Journals().LastIncomingMessages(greenapi.OptionalMinutes(5))), "idMessage", text)
	start := time.Now()
	response, err := api.Receiving().ReceiveNotification(greenapi.OptionalReceiveTimeout(1))
	if err != nil || string(response.Body) != "null" || time.Since(start) < time.Second {
		t.Errorf("an empty queue: %v %q after %s", err, response.Body, time.Since(start))
	}
}

// sdkNext takes the next notification out of the queue and returns its body.
func sdkNext(t *testing.T, api *greenapi.GreenAPI) object {
	t.Helper()
	response, err := api.Receiving().ReceiveNotification()
	n := read[struct {
		ReceiptID int
		Body      object
	}](t, response, err)
	expect(t, "result", true)(api.Receiving().DeleteNotification(n.ReceiptID))
	return n.Body
}
