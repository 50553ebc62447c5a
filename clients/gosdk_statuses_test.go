package clients

import (
	"net/http"
	"net/http/httptest"
	"testing"

	greenapi "github.com/green-api/whatsapp-api-client-golang-v2"
)

// sdkStatuses posts statuses that a contact sees, and sees one of the contact.
func sdkStatuses(t *testing.T, d demo) {
	api, contact := d.api(), d["contact"]
	c := api.Statuses()
	expect(t, "saveSettings", true)(api.Account().SetSettings(greenapi.OptionalDelaySendMessages(0), greenapi.OptionalOutgoingWebhook(true)))
	d.phones(t, http.MethodPut, "/"+d["number"]+"/contacts/"+numberOf(contact), object{"name": "Ben"}, nil)
	files := httptest.NewServer(http.FileServer(http.Dir("../media")))
	defer files.Close()
	// posted takes the answer to a call that posts, and returns the status as it arrived.
	posted := func(kind string) func(*greenapi.APIResponse, error) message {
		return func(response *greenapi.APIResponse, err error) message {
			t.Helper()
			id, _ := read[object](t, response, err)["idMessage"].(string)
			m := d.arrived(t, id)
			if m.Type != kind || m.Chat != "status@broadcast" {
				t.Errorf("got %+v, want %s", m, kind)
			}
			return m
		}
	}
	ben := []string{contact}
	text := posted("text")(c.SendTextStatus("Open today", greenapi.OptionalBackgroundColorText("#228B22"), greenapi.OptionalFont("SERIF"),
		greenapi.OptionalParticipantsTextStatus(ben)))
	posted("ptt")(c.SendVoiceStatus(files.URL+"/attachment/testdata/voice.ogg", "news.ogg", greenapi.OptionalBackgroundColorVoice("#87CEEB"),
		greenapi.OptionalParticipantsVoiceStatus(ben)))
	posted("image")(c.SendMediaStatus(files.URL+"/testdata/sample.jpg", "shop.jpg", greenapi.OptionalCaptionMediaStatus("Open today"),
		greenapi.OptionalParticipantsMediaStatus(ben)))
	d.phones(t, http.MethodPost, "/"+numberOf(contact)+"/read", object{"ids": []string{text.ID}}, nil)
	eventually(t, "the contact has seen the status", func() bool {
		events := list(t)(c.GetStatusStatistic(text.ID))
		return len(events) > 0 && events[len(events)-1]["status"] == "read"
	})
	find(t, list(t)(c.GetOutgoingStatuses(greenapi.OptionalMinutesOfStatuses(5))), "idMessage", text.ID)
	done(t)(c.DeleteStatus(text.ID))

	var theirs struct{ ID string }
	d.phones(t, http.MethodPost, "/"+numberOf(contact)+"/statuses", object{"text": "Closed", "numbers": []string{d["number"]}}, &theirs)
	eventually(t, "the contact's status has come", func() bool {
		all := list(t)(c.GetIncomingStatuses(greenapi.OptionalMinutesOfStatuses(5)))
		return len(all) == 1 && all[0]["idMessage"] == theirs.ID
	})
}
