package attachment

import (
	"bytes"
	"strconv"
)

// The values of a PDF file (ISO 32000-1, section 7.3) are int64, pdfName, pdfString, pdfRef, []any, pdfDict, or nil for what does not
// matter here.
type (
	pdfName   string
	pdfString []byte
	pdfDict   map[pdfName]any
	pdfRef    int64 // number of an indirect object
)

// lexer reads values from a piece of a file. Where the piece ends or makes no sense, so does the value.
type lexer struct {
	src   []byte
	depth int
}

// closing is what closes an array or a dictionary, or no value at all.
type closing struct{}

const maxDepth = 20

func (l *lexer) value() any {
	l.space()
	if len(l.src) == 0 {
		return closing{}
	}
	switch c := l.src[0]; {
	case c == '/':
		l.src = l.src[1:]
		return pdfName(unescapeName(l.word()))
	case c == '(':
		return l.text()
	case bytes.HasPrefix(l.src, []byte("<<")):
		l.src = l.src[2:]
		return l.dict()
	case c == '<':
		l.src = l.src[1:]
		return l.hex()
	case c == '[':
		l.src = l.src[1:]
		return l.array()
	case c == ']' || c == '>' || c == ')' || c == '{' || c == '}':
		l.src = l.src[1:]
		return closing{}
	}
	return l.number()
}

// space passes white space and comments.
func (l *lexer) space() {
	for len(l.src) > 0 {
		switch {
		case isSpace(l.src[0]):
			l.src = l.src[1:]
		case l.src[0] == '%':
			if i := bytes.IndexAny(l.src, "\r\n"); i >= 0 {
				l.src = l.src[i:]
			} else {
				l.src = nil
			}
		default:
			return
		}
	}
}

func isSpace(c byte) bool { return bytes.IndexByte([]byte("\x00\t\n\f\r "), c) >= 0 }

// word takes regular characters.
func (l *lexer) word() []byte {
	i := 0
	for i < len(l.src) && !isSpace(l.src[i]) && bytes.IndexByte([]byte("()<>[]{}/%"), l.src[i]) < 0 {
		i++
	}
	word := l.src[:i]
	l.src = l.src[i:]
	return word
}

// keyword takes a word if it comes next.
func (l *lexer) keyword(want string) bool {
	l.space()
	ok := bytes.HasPrefix(l.src, []byte(want))
	if ok {
		l.src = l.src[len(want):]
	}
	return ok
}

// integer takes a whole number, or none.
func (l *lexer) integer() (int64, bool) {
	l.space()
	before := l.src
	n, err := strconv.ParseInt(string(l.word()), 10, 64)
	if err != nil {
		l.src = before
	}
	return n, err == nil
}

// number takes a number, a reference, or a word such as true.
func (l *lexer) number() any {
	n, ok := l.integer()
	if !ok {
		if len(l.word()) == 0 {
			return closing{}
		}
		return nil
	}
	before := l.src
	if _, ok := l.integer(); ok && l.keyword("R") {
		return pdfRef(n)
	}
	l.src = before
	return n
}

func (l *lexer) array() any {
	if l.depth++; l.depth > maxDepth {
		l.src = nil
	}
	defer func() { l.depth-- }()
	var out []any
	for {
		v := l.value()
		if v == (closing{}) {
			return out
		}
		out = append(out, v)
	}
}

func (l *lexer) dict() any {
	if l.depth++; l.depth > maxDepth {
		l.src = nil
	}
	defer func() { l.depth-- }()
	out := pdfDict{}
	for {
		key, ok := l.value().(pdfName)
		if !ok {
			l.keyword(">") // the second one
			return out
		}
		out[key] = l.value()
	}
}

func (l *lexer) hex() any {
	digits, rest, _ := bytes.Cut(l.src, []byte(">"))
	l.src = rest
	out, half := pdfString{}, -1
	for _, c := range append(bytes.Clone(digits), '0') { // a last digit that is missing is 0
		n, err := strconv.ParseUint(string(rune(c)), 16, 8)
		switch {
		case err != nil:
		case half < 0:
			half = int(n)
		default:
			out, half = append(out, byte(half<<4|int(n))), -1
		}
	}
	return out
}

// text takes a string in parentheses, which may hold pairs of them.
func (l *lexer) text() any {
	out, open := pdfString{}, 0
	for i := 0; i < len(l.src); i++ {
		switch c := l.src[i]; c {
		case '(':
			if open++; open > 1 {
				out = append(out, c)
			}
		case ')':
			if open--; open == 0 {
				l.src = l.src[i+1:]
				return out
			}
			out = append(out, c)
		case '\\':
			char, used := unescape(l.src[i+1:])
			out = append(out, char...)
			i += used
		default:
			out = append(out, c)
		}
	}
	l.src = nil
	return out
}

// unescape returns what stands for the characters behind a backslash, and how many they are.
func unescape(src []byte) (char []byte, used int) {
	if len(src) == 0 {
		return nil, 0
	}
	digits := 0
	for digits < min(3, len(src)) && src[digits] >= '0' && src[digits] <= '7' {
		digits++
	}
	if digits > 0 {
		n, _ := strconv.ParseUint(string(src[:digits]), 8, 16)
		return []byte{byte(n)}, digits
	}
	if i := bytes.IndexByte([]byte("nrtbf"), src[0]); i >= 0 {
		return []byte{"\n\r\t\b\f"[i]}, 1
	}
	if bytes.HasPrefix(src, []byte("\r\n")) {
		return nil, 2
	}
	if src[0] == '\r' || src[0] == '\n' { // a line that goes on
		return nil, 1
	}
	return src[:1], 1
}

// unescapeName replaces #xx in a name.
func unescapeName(name []byte) string {
	var out []byte
	for i := 0; i < len(name); i++ {
		if name[i] == '#' && i+2 < len(name) {
			if n, err := strconv.ParseUint(string(name[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, name[i])
	}
	return string(out)
}
