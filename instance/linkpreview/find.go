package linkpreview

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxURL = 2048 // bytes

// candidate is what may be a URL, and as much behind it as could belong to it.
var candidate = regexp.MustCompile(`(?i)(?:https?://|www\.)[^\s\x00-\x20\x7f<>"` + "`" + `]+`)

// FindURL returns the first link of a text as it is written there, or "". Links start with http://, https:// or www. at the start of a
// word; bare domains are not taken, for too many words with a dot look like one. What closes a sentence or a bracket is left out.
func FindURL(text string) string {
	for _, at := range candidate.FindAllStringIndex(text, -1) {
		if found := trim(text[at[0]:at[1]]); startsWord(text[:at[0]], found) && isURL(found) {
			return found
		}
	}
	return ""
}

// startsWord tells whether a link may stand behind a text: not within a word, an e-mail address or another URL.
func startsWord(before, found string) bool {
	if before == "" {
		return true
	}
	last := before[len(before)-1]
	if last >= utf8.RuneSelf { // scripts without spaces
		return true
	}
	if !isWeb(found) && strings.IndexByte("@/.-:=", last) >= 0 {
		return false
	}
	return !unicode.IsLetter(rune(last)) && !unicode.IsDigit(rune(last))
}

// trim cuts a candidate before punctuation of other scripts, and drops what ends a sentence or closes a bracket that was opened
// before it.
func trim(found string) string {
	if end := strings.IndexFunc(found, endsLink); end >= 0 {
		found = found[:end]
	}
	for found != "" {
		last := found[len(found)-1]
		opening, closes := map[byte]string{')': "(", ']': "[", '}': "{"}[last]
		switch {
		case closes && strings.Count(found, opening) < strings.Count(found, string(last)):
		case strings.IndexByte(".,;:!?'*_~|", last) >= 0: // the last four are marks of WhatsApp's formatting
		default:
			return found
		}
		found = found[:len(found)-1]
	}
	return ""
}

func endsLink(r rune) bool {
	return r >= utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSpace(r) || !unicode.IsGraphic(r)) || r == utf8.RuneError
}

func isURL(found string) bool {
	u, err := url.Parse(address(found))
	if err != nil || len(found) > maxURL || u.User != nil || u.Hostname() == "" {
		return false
	}
	return isWeb(found) || strings.Count(u.Hostname(), ".") >= 2
}

func isWeb(found string) bool { return found[0] == 'h' || found[0] == 'H' }

// address completes a link that starts with www.
func address(found string) string {
	if isWeb(found) {
		return found
	}
	return "https://" + found
}
