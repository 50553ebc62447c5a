package linkpreview

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestReadPage(t *testing.T) {
	for name, test := range map[string]struct {
		html string
		want page
	}{
		"plain":      {`<title>A</title><meta name="description" content="B">`, page{"<title>": "A", "description": "B"}},
		"upper case": {`<TITLE>A</TITLE><META NAME="Description" CONTENT="B"/>`, page{"<title>": "A", "description": "B"}},
		"OpenGraph by property or name": {
			`<meta content="A" property="og:title"><meta name="og:description" content="B"><meta property=" OG:Image " content=c.png>`,
			page{"og:title": "A", "og:description": "B", "og:image": "c.png"},
		},
		"entities":        {`<title>A &amp; B &#8211; &lt;C&gt;</title>`, page{"<title>": "A & B – <C>"}},
		"white space":     {"<title>\n A\t B\x00C \u2028</title>", page{"<title>": "A B\uFFFDC"}},
		"first counts":    {`<title></title><title>A</title><svg><title>B</title></svg>`, page{"<title>": "A"}},
		"tags in a title": {`<title><b>A</b></title>`, page{"<title>": "<b>A</b>"}},
		"comment, script": {`<!-- <title>B</title> --><script>"<title>C</title>"</script><title>A</title>`, page{"<title>": "A"}},
		"both keys":       {`<meta name="description" property="og:description" content="B">`, page{"og:description": "B"}},
		"no key":          {`<meta content="B"><meta charset=utf-8><meta>`, page{}},
		"unclosed title":  {`<title>A`, page{"<title>": "A"}},
		"unclosed meta":   {`<title>A</title><meta name=description content="B`, page{"<title>": "A"}},
		"in the body":     {`<body><p>x<meta property="og:title" content="A">`, page{"og:title": "A"}},
		"empty":           {``, page{}},
		"no HTML":         {"\x00\xff\xfe", page{}},
		"complete": {
			`<meta property=og:title content=A><meta property=og:description content=B><meta property=og:image content=C><title>D</title>`,
			page{"og:title": "A", "og:description": "B", "og:image": "C"},
		},
	} {
		if diff := cmp.Diff(test.want, readPage(strings.NewReader(test.html), "text/html; charset=utf-8")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestReadPageInItsCharset(t *testing.T) {
	for name, test := range map[string]struct{ contentType, html, want string }{
		"by header":         {"text/html; charset=windows-1251", "<title>\xcf\xf0\xe8\xe2\xe5\xf2</title>", "Привет"},
		"by meta":           {"text/html", "<meta charset=shift_jis><title>\x93\xfa\x96{</title>", "日本"},
		"by http-equiv":     {"text/html", "<meta http-equiv=content-type content='text/html; charset=koi8-r'><title>\xf0\xd2\xc9</title>", "При"},
		"by mark":           {"text/html", "\xff\xfe<\x00t\x00i\x00t\x00l\x00e\x00>\x00\xe9\x00<\x00/\x00t\x00i\x00t\x00l\x00e\x00>\x00", "é"},
		"guessed UTF-8":     {"text/html", "<title>é</title>", "é"},
		"guessed Latin":     {"text/html", "<title>\xe9</title>", "é"},
		"an unknown one":    {"text/html; charset=nonsense", "<title>é</title>", "é"},
		"a lie":             {"text/html; charset=utf-8", "<title>a\xe9b</title>", "a\uFFFDb"},
		"a lie behind 1 KB": {"text/html", "é" + strings.Repeat(" ", 2000) + "<title>a\xe9b</title>", "a\uFFFDb"},
	} {
		if got := readPage(strings.NewReader(test.html), test.contentType)[titleElement]; got != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestImageIsResolved(t *testing.T) {
	base, _ := url.Parse("https://a.example/b/c?d#e")
	for ref, want := range map[string]string{
		"":                                "",
		"i.png":                           "https://a.example/b/i.png",
		"/i.png?x=1":                      "https://a.example/i.png?x=1",
		"../../i.png":                     "https://a.example/i.png",
		"//cdn.example/i.png":             "https://cdn.example/i.png",
		"http://cdn.example/i.png":        "http://cdn.example/i.png",
		"http://cdn.example/a b.png":      "http://cdn.example/a%20b.png",
		"data:image/png;base64,AAAA":      "",
		"file:///etc/passwd":              "",
		"javascript:alert(1)":             "",
		"http://%zz/":                     "",
		"/" + strings.Repeat("a", maxURL): "",
	} {
		if got := (page{"og:image": ref}).image(base); got != want {
			t.Errorf("%q: %q", ref, got)
		}
	}
}

func TestCut(t *testing.T) {
	for text, want := range map[string]string{"": "", "äöü": "äöü", "äöüß": "äö…"} {
		if got := cut(text, 3); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// Half a megabyte of whatever is read in a moment. The bound is wide: a pattern that costs the square of its length takes minutes.
func TestReadPageOfHostileHTML(t *testing.T) {
	for _, pattern := range []string{
		"<", "<a", "<a ", "<!--", "<!", "</", "<a b=", "<meta content=", "<title>", "<script>", "<script><!--", "<![CDATA[", "&", "&#", "&amp",
		"<meta a=1 ", "a=b ", "<svg><title>", "<textarea>", "<plaintext>", "<noscript>", "\x00", "'\"", "<title>a</title>",
		"<meta name=a content=b>",
	} {
		start := time.Now()
		for _, before := range []string{"", "<meta ", "<title>", "<script>", "<!--", `<meta content="`} {
			source := before + strings.Repeat(pattern, (maxPage-len(before))/len(pattern))
			checkPage(t, readPage(strings.NewReader(source), "text/html; charset=utf-8"))
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%q took %s", pattern, took)
		}
	}
}

// checkPage holds what a preview may rely on.
func checkPage(t *testing.T, p page) {
	t.Helper()
	for key, text := range p {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text || text == "" {
			t.Fatalf("%.100q: %.100q", key, text)
		}
	}
}

func FuzzReadPage(f *testing.F) {
	f.Add("text/html", []byte(`<html><head><title>A</title><meta property="og:image" content="//b/c.png"><meta name="description" content='D'>`))
	f.Add("text/html; charset=windows-1251", []byte("<title>\xcf\xf0</title>"))
	f.Add("text/html; charset=iso-2022-jp", []byte("<title>\x1b$B\x1b(B</title>"))
	f.Add("", []byte("\xff\xfe<\x00"))
	base, err := url.Parse("https://a.example/b")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, contentType string, source []byte) {
		p := readPage(bytes.NewReader(source), contentType)
		checkPage(t, p)
		if image := p.image(base); image != "" {
			if u, err := url.Parse(image); err != nil || u.Scheme != "http" && u.Scheme != "https" {
				t.Errorf("image %q: %v", image, err)
			}
		}
		if title := cut(p.first(titleSources), maxTitle); utf8.RuneCountInString(title) > maxTitle {
			t.Errorf("title %q", title)
		}
	})
}
