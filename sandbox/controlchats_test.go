package sandbox

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestControlOfChats(t *testing.T) {
	w, url := controlled(t)
	for _, number := range []string{alice, bob} {
		addPhone(t, w, number)
	}
	ada, ben := url+"/phones/"+alice, url+"/phones/"+bob
	_, sent := do(t, "POST", ada+"/messages", `{"to":"`+bob+`","text":"hello"}`)
	id := sent["id"].(string)
	_, call := do(t, "POST", ada+"/calls", `{"to":"`+bob+`"}`)
	for _, step := range []struct{ verb, url, body string }{
		{"POST", ben + "/read", `{"ids":["` + id + `"]}`},
		{"POST", ben + "/messages/" + id + "/reaction", `{"emoji":"👍"}`},
		{"PATCH", ada + "/messages/" + id, `{"to":"` + bob + `","text":"better"}`},
		{"DELETE", ada + "/messages/" + id, `{"to":"` + bob + `"}`},
		{"POST", ben + "/typing", `{"to":"` + alice + `","state":"composing"}`},
		{"POST", ben + "/calls/" + call["id"].(string), `{"do":"answer"}`},
		{"PUT", ada + "/name", `{"name":"Ada"}`},
		{"PUT", ada + "/contacts/" + bob, `{"name":"Ben"}`},
		{"PUT", ada + "/labels", `{"id":"1","name":"Paid","color":2}`},
	} {
		if status, answer := do(t, step.verb, step.url, step.body); status != 200 {
			t.Errorf("%s %s: %d %v", step.verb, step.url, status, answer)
		}
	}
	if status, _ := do(t, "POST", ben+"/calls/"+call["id"].(string), `{"do":"reject"}`); status != 409 {
		t.Errorf("an accepted call was rejected: %d", status)
	}
	for _, read := range []struct {
		url, key string
		want     []any
	}{
		{ben + "/messages", "text", []any{"hello", "better", ""}},
		{ada + "/messages", "text", []any{"👍"}},
		{ada + "/receipts", "type", []any{"", "read", "", ""}},
		{ada + "/calls", "state", []any{"accepted"}},
		{ada + "/labels", "name", []any{"Paid"}},
	} {
		_, answer := do(t, "GET", read.url, "")
		var got []any
		for _, entry := range answer["list"].([]any) {
			got = append(got, entry.(map[string]any)[read.key])
		}
		if diff := cmp.Diff(read.want, got); diff != "" {
			t.Errorf("%s: %s", read.url, diff)
		}
	}
}
