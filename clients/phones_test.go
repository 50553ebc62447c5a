package clients

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// ask makes a request that must be answered with 200. The body is JSON unless it is []byte or nil, the answer is decoded into answer
// unless that is nil, and headers are pairs of a name and a value. It returns the answer as it came.
func ask(t *testing.T, verb, url string, body, answer any, headers ...string) []byte {
	t.Helper()
	data, raw := body.([]byte)
	if !raw && body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), verb, url, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if data, err = io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %.200q %v", verb, url, response.Status, data, err)
	}
	if answer != nil {
		if err := json.Unmarshal(data, answer); err != nil {
			t.Fatalf("%s %s: %.200q: %v", verb, url, data, err)
		}
	}
	return data
}

// eventually waits, for ten seconds at most, until something is true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// phones calls the control API of the simulated phones, at a path below /phones; see ask.
func (d demo) phones(t *testing.T, verb, path string, body, answer any) []byte {
	t.Helper()
	return ask(t, verb, d["Phones"]+path, body, answer)
}

// message is one on a phone. Type is what the network calls it: text, poll, image, ...
type message struct{ ID, Chat, Type, Text string }

// arrived waits until the contact's phone shows the message of an id.
func (d demo) arrived(t *testing.T, id string) message {
	t.Helper()
	var found message
	eventually(t, "message "+id+" has arrived", func() bool {
		var all []message
		d.phones(t, http.MethodGet, "/"+numberOf(d["contact"])+"/messages", nil, &all)
		at := slices.IndexFunc(all, func(m message) bool { return m.ID == id })
		if at >= 0 {
			found = all[at]
		}
		return at >= 0
	})
	return found
}

// says lets the contact write to the account and returns the id of the message.
func (d demo) says(t *testing.T, text string) string {
	t.Helper()
	var sent struct{ ID string }
	d.phones(t, http.MethodPost, "/"+numberOf(d["contact"])+"/messages", object{"to": d["number"], "text": text}, &sent)
	return sent.ID
}

// shows lets the contact send the account a file and returns the id of the message.
func (d demo) shows(t *testing.T, kind string, file []byte) string {
	t.Helper()
	var sent struct{ ID string }
	d.phones(t, http.MethodPost, "/"+numberOf(d["contact"])+"/media?to="+d["number"]+"&kind="+kind, file, &sent)
	return sent.ID
}

func numberOf(chatID string) string {
	number, _, _ := strings.Cut(chatID, "@")
	return number
}
