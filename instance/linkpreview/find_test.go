package linkpreview

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFindURL(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"no link":                            "",
		"example.com is bare":                "",
		"https://example.com":                "https://example.com",
		"see http://a.example/x?y=1&z=%20#q": "http://a.example/x?y=1&z=%20#q",
		"HTTPS://Example.COM/A":              "HTTPS://Example.COM/A",
		"www.example.com":                    "www.example.com",
		"WWW.Example.com/a b":                "WWW.Example.com/a",
		"www.example":                        "",
		"www..":                              "",
		"http:// www.a.example":              "www.a.example",
		"first https://a.example, then https://b.example":  "https://a.example",
		"https://a.example.":                               "https://a.example",
		"https://a.example/b?!":                            "https://a.example/b",
		"(https://a.example)":                              "https://a.example",
		"(see https://a.example/x).":                       "https://a.example/x",
		"https://a.example/Go_(game)":                      "https://a.example/Go_(game)",
		"[https://a.example/x]":                            "https://a.example/x",
		"<https://a.example/x>y":                           "https://a.example/x",
		`"https://a.example/x"`:                            "https://a.example/x",
		"*https://a.example/x*":                            "https://a.example/x",
		"~_https://a.example/x_~":                          "https://a.example/x",
		"line\nhttps://a.example/x\nnext":                  "https://a.example/x",
		"xhttps://a.example":                               "",
		"link:https://a.example":                           "https://a.example",
		"ann@www.example.com":                              "",
		"ftp://www.example.com":                            "",
		"https://user:pass@a.example https://b.example":    "https://b.example",
		"https://%zz https://b.example":                    "https://b.example",
		"http://":                                          "",
		"http://:80/":                                      "",
		"https://[2001:db8::1]/x":                          "https://[2001:db8::1]/x",
		"看https://a.example/x，好":                           "https://a.example/x",
		"https://пример.рф/путь — вот":                     "https://пример.рф/путь",
		"«https://a.example/x»":                            "https://a.example/x",
		"https://a.example/x\u200by":                       "https://a.example/x",
		"https://a.example/\xff":                           "https://a.example/",
		"https://a.example/" + strings.Repeat("a", maxURL): "",
	} {
		if got := FindURL(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzFindURL(f *testing.F) {
	f.Add("see (https://a.example/x_(y)). www.b.example!")
	f.Add("https://user@a.example www.")
	f.Add("看http://a.example，\xff")
	f.Fuzz(func(t *testing.T, text string) {
		found := FindURL(text)
		if found == "" {
			return
		}
		u, err := url.Parse(address(found))
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%q gave %q: %v", text, found, err)
		}
		if !strings.Contains(text, found) || len(found) > maxURL || !utf8.ValidString(found) {
			t.Errorf("%q gave %q", text, found)
		}
		if again := FindURL(found); again != found {
			t.Errorf("%q gave %q, then %q", text, found, again)
		}
	})
}
