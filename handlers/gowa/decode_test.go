package gowa

import (
	"bytes"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow/types"
)

func TestParseJID(t *testing.T) {
	for text, want := range map[string]string{
		"15550002222":                    "15550002222@s.whatsapp.net",
		"+15550002222":                   "15550002222@s.whatsapp.net",
		"15550002222@s.whatsapp.net":     "15550002222@s.whatsapp.net",
		"15550002222:4@s.whatsapp.net":   "15550002222@s.whatsapp.net",
		"15550002222@c.us":               "15550002222@s.whatsapp.net",
		"100000000000001@lid":            "100000000000001@lid",
		"120363000000000001@g.us":        "120363000000000001@g.us",
		"15550002222-1600000000@g.us":    "15550002222-1600000000@g.us",
		"120363000000000001@newsletter":  "",
		"ann":                            "",
		"@s.whatsapp.net":                "",
		"15550002222@s.whatsapp.net@lid": "",
	} {
		jid, err := parseJID(text)
		if (err == nil) != (want != "") || err == nil && jid.String() != want {
			t.Errorf("%s: %v, %v", text, jid, err)
		}
	}
}

func FuzzParseJID(f *testing.F) {
	for _, text := range []string{"+15550002222", "1:2@s.whatsapp.net", "1-2@g.us", "1@lid"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		jid, err := parseJID(text)
		if err != nil {
			return
		}
		if strings.Trim(jid.User, "0123456789-") != "" || jid.Device != 0 {
			t.Errorf("%q is taken for %v", text, jid)
		}
		again, err := types.ParseJID(jid.String())
		if err != nil || again != jid {
			t.Errorf("%v is read back as %v, %v", jid, again, err)
		}
	})
}

func FuzzInput(f *testing.F) {
	f.Add("phone=1&is_preview=true", []byte(`{"device_id":"a"}`))
	f.Add("phone=%zz", []byte(`null`))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		var q AvatarQuery
		values, _ := url.ParseQuery(query)
		if err := fillQuery(reflect.ValueOf(&q).Elem(), values); (err == nil) && q.Phone == "" {
			t.Errorf("%q has no phone and passes", query)
		}
		var d NewDevice
		if err := d.read(httptest.NewRequestWithContext(t.Context(), "POST", "/", bytes.NewReader(body)), 0); err == nil && len(d.DeviceID) > 3*len(body) {
			t.Errorf("a name of %d bytes out of %d", len(d.DeviceID), len(body))
		}
	})
}
