package sandbox

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestControlOfMedia(t *testing.T) {
	w, url := controlled(t)
	ada, ben := addPhone(t, w, alice), addPhone(t, w, bob)
	send := url + "/phones/" + alice + "/media?to=" + bob + "&kind=document&fileName=a.txt&mimetype=text/plain&caption=read"
	status, sent := do(t, "POST", send, strings.Repeat("hello ", controlBody/6+1))
	if status != 200 {
		t.Fatalf("send: %d %v", status, sent)
	}
	id := sent["id"].(string)
	if d := ben.Messages()[0].Proto.GetDocumentMessage(); d.GetFileName() != "a.txt" || d.GetCaption() != "read" {
		t.Errorf("the phone got %v", d)
	}
	fetch := func() (int, string, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/phones/"+bob+"/messages/"+id+"/media", nil)
		ok(t, err)
		response, err := http.DefaultClient.Do(request)
		ok(t, err)
		defer response.Body.Close()
		data, err := io.ReadAll(response.Body)
		ok(t, err)
		return response.StatusCode, response.Header.Get("Content-Type"), string(data)
	}
	if status, mimetype, data := fetch(); status != 200 || mimetype != "text/plain" || !strings.HasPrefix(data, "hello hello") {
		t.Errorf("fetched %d %s, %d bytes", status, mimetype, len(data))
	}
	for _, test := range []struct {
		verb, path, body string
		status           int
	}{
		{"POST", "/phones/" + alice + "/media?to=status@broadcast&kind=image&numbers=" + bob, "photo", 200},
		{"POST", "/phones/" + alice + "/media?to=" + bob + "&kind=hologram", "photo", 409},
		{"POST", "/phones/" + alice + "/media?to=" + bob + "&kind=voice&seconds=long", "sound", 400},
		{"POST", "/phones/" + alice + "/media?to=491700000009&kind=image", "photo", 409},
		{"GET", "/phones/" + bob + "/messages/unknown/media", "", 409},
		{"DELETE", "/phones/" + bob + "/messages/" + id + "/media", "", 200},
		{"DELETE", "/media/" + id, "", 200},
		{"DELETE", "/media/unknown", "", 409},
	} {
		if status, answer := do(t, test.verb, url+test.path, test.body); status != test.status {
			t.Errorf("%s %s: %d %v", test.verb, test.path, status, answer)
		}
	}
	if status, _, _ := fetch(); status != http.StatusConflict {
		t.Errorf("fetched what was lost: %d", status)
	}
	if m := ben.Messages()[1]; m.Chat.String() != "status@broadcast" || m.From != ada.JID() || m.Proto.ImageMessage == nil {
		t.Errorf("the status: %+v", m)
	}
}

func TestControlOfAnswers(t *testing.T) {
	w, url := controlled(t)
	ada, ben := addPhone(t, w, alice), addPhone(t, w, bob)
	ids := map[string]any{}
	post := func(name, phone, path, body string) {
		t.Helper()
		path = strings.NewReplacer("POLL", text(ids["poll"]), "HELLO", text(ids["hello"])).Replace(path)
		status, answer := do(t, "POST", url+"/phones/"+phone+path, body)
		if status != 200 || answer["id"] == "" {
			t.Errorf("%s: %d %v", name, status, answer)
		}
		ids[name] = answer["id"]
	}
	post("hello", alice, "/messages", `{"to":"`+bob+`","text":"hello"}`)
	post("poll", alice, "/polls", `{"to":"`+bob+`","name":"Tea?","options":["yes","no"]}`)
	post("vote", bob, "/messages/POLL/vote", `{"options":["yes"]}`)
	post("reply", bob, "/messages/HELLO/reply", `{"text":"hello yourself"}`)
	post("reaction", bob, "/messages/HELLO/reaction", `{"emoji":"👍"}`)
	post("forward", bob, "/messages/HELLO/forward", `{"to":"`+alice+`"}`)
	post("status", alice, "/statuses", `{"text":"news","numbers":["`+bob+`"]}`)
	if _, votes := do(t, "GET", url+"/phones/"+alice+"/messages/"+text(ids["poll"])+"/votes", ""); !cmp.Equal(votes, map[string]any{bob: []any{"yes"}}) {
		t.Errorf("votes: %v", votes)
	}
	if status, _ := do(t, "POST", url+"/phones/"+bob+"/messages/"+text(ids["hello"])+"/press", `{"button":"1"}`); status != 409 {
		t.Errorf("pressed a button of a text: %d", status)
	}
	if status, _ := do(t, "POST", url+"/phones/"+bob+"/messages/unknown/reply", `{"text":"x"}`); status != 409 {
		t.Errorf("answered what is not there: %d", status)
	}
	_, chat := do(t, "GET", url+"/phones/"+alice+"/chats/"+bob+"/messages", "")
	var got []string
	for _, m := range chat["list"].([]any) {
		got = append(got, text(m.(map[string]any)["type"])+" "+text(m.(map[string]any)["text"]))
	}
	if diff := cmp.Diff([]string{"text hello", "poll Tea?", "poll ", "text hello yourself", "reaction 👍", "text hello"}, got); diff != "" {
		t.Error(diff)
	}
	friends(t, ada, ben)
	status, answer := do(t, "PATCH", url+"/phones/"+alice+"/chats/"+bob, `{"archived":true,"muted":true,"read":true,"timer":"24h"}`)
	if c := ada.Chat(ben.JID()); status != 200 || !c.Archived || !c.Muted || c.Pinned || c.Unread != 0 || c.Timer.Hours() != 24 {
		t.Errorf("%d %v: %+v", status, answer, c)
	}
	if status, _ := do(t, "PATCH", url+"/phones/"+alice+"/chats/"+bob, `{"timer":"long"}`); status != 400 {
		t.Errorf("a malformed timer: %d", status)
	}
	if _, answer := do(t, "GET", url+"/phones/"+alice+"/chats", ""); answer["list"].([]any)[0].(map[string]any)["name"] != "Friend "+bob {
		t.Errorf("chats: %v", answer)
	}
	if _, answer := do(t, "GET", url+"/phones/"+alice+"/contacts", ""); len(answer["list"].([]any)) != 1 {
		t.Errorf("contacts: %v", answer)
	}
	if status, answer := do(t, "DELETE", url+"/phones/"+alice+"/contacts/"+bob, ""); status != 200 || len(ada.Contacts()) != 0 {
		t.Errorf("delete a contact: %d %v", status, answer)
	}
}

func text(v any) string { s, _ := v.(string); return s }

func TestControlListsItself(t *testing.T) {
	_, url := controlled(t)
	response, err := http.Get(url + "/")
	ok(t, err)
	defer response.Body.Close()
	list, err := io.ReadAll(response.Body)
	ok(t, err)
	for _, path := range []string{"/network", "/phones/{number}/media", "/phones/{number}/messages/{id}/votes", "/phones/{number}/statuses", "/media/{id}"} {
		if !strings.Contains(string(list), " "+path+" ") {
			t.Errorf("%s is not listed", path)
		}
	}
	for line := range strings.Lines(string(list)) {
		if len(line) > 170 {
			t.Errorf("a long line: %s", line)
		}
	}
}
