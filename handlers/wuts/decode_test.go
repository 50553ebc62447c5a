package wuts

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow/types"
)

func TestDigits(t *testing.T) {
	for text, want := range map[string]string{
		"15550002222":        "15550002222",
		"+55 (11) 9876-5432": "551198765432",
		"[555] 000-2222":     "5550002222",
		"123456789012345":    "123456789012345",
		"1234567890123456":   "",
		"555000222":          "",
		"1555000call":        "",
		"１５５５０００２２２２":        "",
		"":                   "",
	} {
		got, err := digits("number", text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func FuzzWhom(f *testing.F) {
	for _, text := range []string{
		"15550002222@s.whatsapp.net", "15550002222:7@s.whatsapp.net", "15550002222@c.us", "100000000000001@lid",
		"120363000000000001@g.us", "+1 555 000-2222", "@", "a@b@c",
	} {
		f.Add(text, "")
		f.Add("", text)
	}
	f.Fuzz(func(t *testing.T, jid, number string) {
		got, err := Whom{jid, number}.chat()
		if err != nil {
			return
		}
		if strings.Trim(got.User, "0123456789-") != "" || got.User == "" || got.Device != 0 {
			t.Errorf("%q, %q: %v", jid, number, got)
		}
		switch got.Server {
		case types.DefaultUserServer, types.HiddenUserServer, types.GroupServer:
		default:
			t.Errorf("%q, %q: %v", jid, number, got)
		}
	})
}

func FuzzImage(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe0"), "data:image/jpeg;base64,")
	f.Add([]byte("x"), "data:,")
	f.Add([]byte{}, " ")
	f.Fuzz(func(t *testing.T, data []byte, other string) {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
			for _, prefix := range []string{"", "data:image/jpeg;base64,", "data:;base64,"} {
				got, err := image(prefix + encoding.EncodeToString(data))
				if err != nil || !bytes.Equal(got, data) {
					t.Errorf("%q: %q, %v", data, got, err)
				}
			}
		}
		if got, err := image(other); err == nil && len(got) > len(other) {
			t.Errorf("%q gives %d bytes", other, len(got))
		}
	})
}
