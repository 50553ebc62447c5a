package sandbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestControlProfile(t *testing.T) {
	w, url := controlled(t)
	w.opts.PictureBaseURL = url
	ada, ben := addPhone(t, w, alice), addPhone(t, w, bob)
	at := url + "/phones/" + ada.Number()
	full := photo(t, 64, 64, 1)
	for _, call := range []struct{ verb, path, body string }{
		{"PUT", "/picture", string(full)},
		{"PUT", "/about", `{"text":"At sea"}`},
		{"PUT", "/privacy/last", `{"value":"none"}`},
		{"PUT", "/blocked/" + ben.Number(), ""},
	} {
		if status, answer := do(t, call.verb, at+call.path, call.body); status != 200 {
			t.Errorf("%s %s: %d %v", call.verb, call.path, status, answer)
		}
	}
	_, profile := do(t, "GET", at+"/profile", "")
	if profile["about"] != "At sea" || profile["picture"] != base64.StdEncoding.EncodeToString(full) ||
		profile["blocked"].([]any)[0] != ben.Number() || profile["privacy"].(map[string]any)["last"] != "none" {
		t.Errorf("profile: %v", profile)
	}
	if answer := get(t, url+w.pictureAddress(ada.account.avatar.picture, "image")); !bytes.Equal(answer, full) {
		t.Errorf("the picture's address gives %d bytes", len(answer))
	}
	do(t, "DELETE", at+"/picture", "")
	do(t, "DELETE", at+"/blocked/"+ben.Number(), "")
	if ada.Picture() != nil || len(ada.Blocked()) != 0 {
		t.Error("the picture or the block is still there")
	}
}

// get fetches an address without any way into the network.
func get(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	ok(t, err)
	response, err := http.DefaultClient.Do(request)
	ok(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ok(t, err)
	return body
}

func TestControlGroups(t *testing.T) {
	w, url := controlled(t)
	ada, ben := addPhone(t, w, alice), addPhone(t, w, bob)
	cleo := addPhone(t, w, carol)
	at := url + "/phones/" + ada.Number() + "/groups"
	status, created := do(t, "POST", at, `{"subject":"Family","members":["`+ben.Number()+`"]}`)
	if status != 200 || !strings.HasSuffix(created["id"].(string), "@g.us") {
		t.Fatalf("create: %d %v", status, created)
	}
	group := at + "/" + created["id"].(string)
	code := ada.Groups()[0].InviteCode
	for _, call := range []struct {
		verb, url, body string
		status          int
	}{
		{"PUT", group + "/subject", `{"text":"Relatives"}`, 200},
		{"PUT", group + "/picture", string(photo(t, 64, 64, 1)), 200},
		{"PUT", group + "/picture", "no picture", 409},
		{"POST", group + "/promote", `{"members":["` + ben.Number() + `"]}`, 200},
		{"POST", group + "/demote", `{"members":["` + ben.Number() + `"]}`, 200},
		{"POST", group + "/praise", `{"members":[]}`, 400},
		{"POST", group + "/add", `{"members":["` + ben.Number() + `"]}`, 409},
		{"POST", url + "/phones/" + cleo.Number() + "/groups/join", `{"code":"` + code + `"}`, 200},
		{"POST", group + "/remove", `{"members":["` + ben.Number() + `"]}`, 200},
		{"DELETE", group, "", 200},
		{"DELETE", group, "", 409},
	} {
		if status, answer := do(t, call.verb, call.url, call.body); status != call.status {
			t.Errorf("%s %s: %d %v", call.verb, call.url, status, answer)
		}
	}
	_, answer := do(t, "GET", url+"/phones/"+cleo.Number()+"/groups", "")
	seen := answer["list"].([]any)[0].(map[string]any)
	if seen["subject"] != "Relatives" || seen["picture"] == nil || len(seen["members"].([]any)) != 1 {
		t.Errorf("the group at the end: %v", seen)
	}
}
