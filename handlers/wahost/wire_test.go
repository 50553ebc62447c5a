package wahost

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greengate/instance"
)

func TestParseAPIKey(t *testing.T) {
	const all = Read | Send | Manage
	for text, want := range map[string]APIKey{
		"acme/read/wh_1":             {"acme", Read, "wh_1"},
		"acme/read+send/wh_1":        {"acme", Read | Send, "wh_1"},
		"acme/manage+send+read/a/b=": {"acme", all, "a/b="},
	} {
		if got, err := ParseAPIKey(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "wh_secret", "acme/wh_secret", "acme/read/", "/read/wh_secret", "acme//wh_secret", "acme/root/wh_secret",
		"acme/read+/wh_secret", "acme/Read/wh_secret",
	} {
		if _, err := ParseAPIKey(text); err == nil || strings.Contains(err.Error(), "wh_secret") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestParseJID(t *testing.T) {
	for text, want := range map[string]string{
		"15550002222":                     "15550002222@s.whatsapp.net",
		"15550002222@s.whatsapp.net":      "15550002222@s.whatsapp.net",
		"15550002222@c.us":                "15550002222@s.whatsapp.net",
		"100000000000001@lid":             "100000000000001@lid",
		"120363000000000000@g.us":         "120363000000000000@g.us",
		"15550002222-1500000000@g.us":     "15550002222-1500000000@g.us",
		"120363000000000000@newsletter":   "120363000000000000@newsletter",
		"":                                "",
		"@":                               "",
		"@newsletter":                     "",
		"a@newsletter":                    "",
		"anna":                            "",
		"+15550002222":                    "",
		"15550002222:5@s.whatsapp.net":    "",
		"status@broadcast":                "",
		"15550002222@s.whatsapp.net@c.us": "",
	} {
		jid, err := parseJID(text)
		if (err == nil) != (want != "") || err == nil && jid.String() != want {
			t.Errorf("%q: %s, %v", text, jid, err)
		}
	}
}

func FuzzParseJID(f *testing.F) {
	for _, text := range []string{"15550002222", "15550002222@s.whatsapp.net", "1@lid", "1-2@g.us", "1@newsletter", "@@"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		jid, err := parseJID(text)
		if err != nil {
			return
		}
		if again, err := parseJID(jid.String()); err != nil || again != jid {
			t.Errorf("%q reads as %s, and that as %s, %v", text, jid, again, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, body := range []string{`{"label":"Shop"}`, `{"label":5}`, `[]`, `null`, `{`, ``} {
		f.Add(body, "phone=1")
	}
	f.Fuzz(func(t *testing.T, body, query string) {
		r := &http.Request{Method: http.MethodPost, URL: &url.URL{RawQuery: query}, Body: io.NopCloser(strings.NewReader(body))}
		if _, err := decode[CreateSessionRequest](r); err != nil && instance.AsError(err).Kind != instance.KindInvalid {
			t.Error(err)
		}
		r.Body = http.NoBody
		if request, err := decode[CheckRequest](r); err != nil || request.Phone != r.URL.Query().Get("phone") {
			t.Errorf("%+v, %v", request, err)
		}
	})
}

// TestEveryKindHasAReply also holds that none but our own faults is answered as one. Two kinds do not come about in this dialect.
func TestEveryKindHasAReply(t *testing.T) {
	for kind := instance.KindInvalid; kind <= instance.KindRefused; kind++ {
		if r := replyTo(kind); r.code == "internal" && kind != instance.KindUnchanged && kind != instance.KindPushed {
			t.Errorf("kind %d has no row", kind)
		}
	}
}
