package sandbox

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/types/events"
)

// controlled is a world in reach of other processes: its control API and its wire listen on loopback.
func controlled(t *testing.T) (*World, string) {
	t.Helper()
	w := newWorld(t)
	wire, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- w.Serve(t.Context(), wire) }()
	t.Cleanup(func() {
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	control := httptest.NewServer(w.Control(wire.Addr().String()))
	t.Cleanup(control.Close)
	return w, control.URL
}

// do calls the control API and decodes its answer.
func do(t *testing.T, verb, url, body string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), verb, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ V any }
	if err := json.Unmarshal([]byte(`{"v":`+string(data)+`}`), &answer); err != nil {
		t.Fatalf("%s %s answers %q: %v", verb, url, data, err)
	}
	if list, ok := answer.V.([]any); ok {
		return response.StatusCode, map[string]any{"list": list}
	}
	object, _ := answer.V.(map[string]any)
	return response.StatusCode, object
}

func TestControlFromAnotherProcess(t *testing.T) {
	w, url := controlled(t)
	for number, name := range map[string]string{"491700000001": "Ada", "491700000002": "Ben"} {
		if status, answer := do(t, "POST", url+"/phones", `{"number":"+`+number+`","name":"`+name+`"}`); status != 200 || answer["chatId"] != number+"@c.us" {
			t.Fatalf("add: %d %v", status, answer)
		}
	}
	network, err := Reach(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	c := newUnlinked(t, w)
	transport := c.use(network)
	t.Cleanup(transport.CloseIdleConnections)
	c.connect()
	code := await[*events.QR](c).Codes[0]
	if status, answer := do(t, "POST", url+"/phones/491700000001/scan", `{"qr":"`+code+`"}`); status != 200 {
		t.Fatalf("scan: %d %v", status, answer)
	}
	await[*events.Connected](c)
	awaitAppState(c)
	await[*events.Message](c) // the keys of the app state
	if _, answer := do(t, "GET", url+"/phones/491700000001/devices", ""); len(answer["list"].([]any)) != 1 {
		t.Errorf("devices: %v", answer)
	}
	do(t, "POST", url+"/phones/491700000002/messages", `{"to":"491700000001","text":"hello"}`)
	if got := await[*events.Message](c).Message.GetConversation(); got != "hello" {
		t.Errorf("got %q", got)
	}
	_, answer := do(t, "GET", url+"/phones/491700000001/messages", "")
	hello := answer["list"].([]any)[0].(map[string]any)
	if arrived := time.UnixMicro(int64(hello["arrivedAt"].(float64))); hello["text"] != "hello" || time.Since(arrived).Abs() > time.Minute {
		t.Errorf("messages: %v", answer)
	}
	if status, answer := do(t, "POST", url+"/phones/491700000001/devices/1/kick", `{"how":"cut"}`); status != 200 {
		t.Errorf("kick: %d %v", status, answer)
	}
	await[*events.Connected](c)
	if status, answer := do(t, "DELETE", url+"/phones/491700000001/devices/1", ""); status != 200 {
		t.Errorf("unlink: %d %v", status, answer)
	}
	await[*events.LoggedOut](c)
}

// awaitAppState waits until the client has fetched all of its settings, which it does by itself after it was linked. Its store must
// not be deleted under its hands.
func awaitAppState(c *client) {
	c.t.Helper()
	for range appstate.AllPatchNames {
		await[*events.AppStateSyncComplete](c)
	}
}

func TestControlFaults(t *testing.T) {
	_, url := controlled(t)
	fault := `{"kind":"iq_delay","number":"491700000001","match":"w:g2","count":2,"delay":"1.5s","after":true}`
	if status, answer := do(t, "POST", url+"/faults", fault); status != 200 {
		t.Fatalf("inject: %d %v", status, answer)
	}
	want := map[string]any{"kind": "iq_delay", "number": "491700000001", "match": "w:g2", "count": 2.0, "delay": "1.5s", "after": true}
	if _, answer := do(t, "GET", url+"/faults", ""); !cmp.Equal(answer["list"], []any{want}) {
		t.Errorf("faults to come: %v", answer)
	}
	do(t, "DELETE", url+"/faults", "")
	if _, answer := do(t, "GET", url+"/faults", ""); !cmp.Equal(answer["list"], []any{}) {
		t.Errorf("faults after they were taken back: %v", answer)
	}
}

// A program that knows nothing of the sandbox but a proxy and a CA.
func TestControlIsProxy(t *testing.T) {
	w, address := controlled(t)
	proxy, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	addPhone(t, w, alice)
	c := newUnlinked(t, w)
	h := c.use(w.Network())
	t.Cleanup(h.CloseIdleConnections)
	transport := h.Transport.(*http.Transport)
	transport.DialContext, transport.Proxy = nil, http.ProxyURL(proxy)
	c.connect()
	await[*events.QR](c)
	for _, action := range []struct{ verb, path, body string }{
		{"PUT", "/outdated", `{"outdated":true}`},
		{"PUT", "/phones/" + alice + "/online", `{"online":true}`},
		{"PUT", "/phones/" + alice + "/passkey", `{"required":true}`},
		{"PUT", "/phones/" + alice + "/ban", `{"seconds":60,"code":101}`},
		{"DELETE", "/phones/" + alice + "/ban", ""},
		{"DELETE", "/phones/" + alice + "/devices", ""},
		{"GET", "/phones/" + alice + "/codes", ""},
	} {
		if status, answer := do(t, action.verb, address+action.path, action.body); status != 200 {
			t.Errorf("%s %s: %d %v", action.verb, action.path, status, answer)
		}
	}
}

func TestControlRefuses(t *testing.T) {
	_, url := controlled(t)
	do(t, "POST", url+"/phones", `{"number":"491700000001","name":"Ada"}`)
	for _, tt := range []struct {
		verb, path, body string
		status           int
	}{
		{"POST", "/phones", `{"number":`, 400},
		{"POST", "/phones", `{"number":"12"}`, 409},
		{"POST", "/phones", `{"number":"491700000001"}`, 409},
		{"POST", "/phones/491700000009/scan", `{"qr":"x"}`, 404},
		{"POST", "/phones/491700000001/scan", `{"qr":"x"}`, 409},
		{"POST", "/phones/491700000001/code", `{"code":"ABCD-EFGH"}`, 409},
		{"POST", "/phones/491700000001/scan", `{"code":"x"}`, 400},
		{"POST", "/faults", `{"kind":"earthquake"}`, 400},
		{"POST", "/faults", `{"kind":"iq_delay","delay":"long"}`, 400},
		{"POST", "/phones/491700000001/devices/7/kick", `{"how":"cut"}`, 409},
		{"DELETE", "/phones/491700000001/devices/x", "", 400},
		{"DELETE", "/phones/491700000001/devices/7", "", 409},
	} {
		if status, answer := do(t, tt.verb, url+tt.path, tt.body); status != tt.status || answer["error"] == "" {
			t.Errorf("%s %s %s: got %d %v, want %d with an error", tt.verb, tt.path, tt.body, status, answer, tt.status)
		}
	}
}

func TestReachRefuses(t *testing.T) {
	for name, answer := range map[string]string{"no JSON": "<html>", "no key": `{"rootKey":"00"}`, "no certificate": `{"rootKey":"` + strings.Repeat("00", 32) + `"}`} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
			defer server.Close()
			if _, err := Reach(t.Context(), server.URL); err == nil {
				t.Error("no error")
			}
		})
	}
}
