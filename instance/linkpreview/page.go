package linkpreview

import (
	"io"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

const (
	maxTitle       = 300 // characters
	maxDescription = 1000
)

// page holds what a page says of itself: the content of its meta elements by property or name, and its title. The first of each
// counts.
type page map[string]string

const titleElement = "<title>"

// sources lists, best first, where the parts of a preview are found.
var (
	titleSources       = []string{"og:title", "twitter:title", titleElement}
	descriptionSources = []string{"og:description", "twitter:description", "description"}
	imageSources       = []string{"og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src"}
)

// readPage reads as much of a page as is there. A broken one has said what it has said.
func readPage(r io.Reader, contentType string) page {
	p := page{}
	text, err := charset.NewReader(r, contentType)
	if err != nil {
		return p
	}
	for z := html.NewTokenizer(text); !p.complete(); {
		switch z.Next() {
		case html.ErrorToken:
			return p
		case html.StartTagToken, html.SelfClosingTagToken:
			p.element(z)
		}
	}
	return p
}

// complete tells whether the best sources are known; what follows cannot change them.
func (p page) complete() bool {
	return p[titleSources[0]] != "" && p[descriptionSources[0]] != "" && p[imageSources[0]] != ""
}

func (p page) element(z *html.Tokenizer) {
	name, hasAttributes := z.TagName()
	switch atom.Lookup(name) {
	case atom.Title:
		if z.Next() == html.TextToken {
			p.add(titleElement, string(z.Text()))
		}
	case atom.Meta:
		if hasAttributes {
			p.meta(z)
		}
	}
}

func (p page) meta(z *html.Tokenizer) {
	var key, content string
	for more := true; more; {
		var name, value []byte
		name, value, more = z.TagAttr()
		switch string(name) {
		case "property":
			key = string(value)
		case "name":
			if key == "" {
				key = string(value)
			}
		case "content":
			content = string(value)
		}
	}
	p.add(strings.ToLower(strings.TrimSpace(key)), content)
}

func (p page) add(key, content string) {
	if content = tidy(content); key != "" && p[key] == "" && content != "" {
		p[key] = content
	}
}

// first returns the best of sources that the page has.
func (p page) first(sources []string) string {
	for _, key := range sources {
		if p[key] != "" {
			return p[key]
		}
	}
	return ""
}

// image returns the address of the page's picture, seen from the address of the page, or "".
func (p page) image(base *url.URL) string {
	ref := p.first(imageSources)
	if ref == "" || len(ref) > maxURL {
		return ""
	}
	u, err := base.Parse(ref)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

// tidy makes one line of valid UTF-8 without control characters.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(text), " ")
}

// cut shortens a text to at most limit characters.
func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}
