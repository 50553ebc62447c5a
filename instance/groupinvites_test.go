package instance_test

import (
	"strings"
	"testing"

	"greengate/instance"
)

func TestInviteLinksAreRead(t *testing.T) {
	const code = "AbCdEf0123456789AbCdEf"
	for text, want := range map[string]string{
		code:                                       code,
		"https://chat.whatsapp.com/" + code:        code,
		"http://chat.whatsapp.com/" + code + "/":   code,
		" chat.whatsapp.com/" + code + "?mode=ac ": code,
		"https://chat.whatsapp.com/invite/" + code: code,
		"":                                     "",
		"https://chat.whatsapp.com/":           "",
		"https://example.com/" + code:          "",
		"https://chat.whatsapp.com/" + "ü":     "",
		strings.Repeat("x", 65):                "",
		"https://chat.whatsapp.com/a/b":        "",
		"https://chat.whatsapp.com/?x=" + code: "",
	} {
		got, ok := instance.ParseInvite(text)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

func FuzzParseInvite(f *testing.F) {
	f.Add("https://chat.whatsapp.com/AbCdEf0123456789AbCdEf?mode=ac_t")
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := instance.ParseInvite(text)
		if ok && (code == "" || len(code) > 64 || strings.ContainsAny(code, "/?:@ \n\"<")) {
			t.Errorf("%q is no code", code)
		}
		if again, same := instance.ParseInvite(code); ok && (!same || again != code) {
			t.Errorf("%q is read as %q", code, again)
		}
	})
}
