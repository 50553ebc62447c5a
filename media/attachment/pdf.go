package attachment

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// pdf finds single objects in a PDF file (ISO 32000-1, section 7.5) from its end on, without reading the rest.
type pdf struct {
	s        *source
	sections []xref // the newest first
	trailer  pdfDict
	inflate  int64 // bytes that may still be decompressed
}

// inspectPDF reads the page count and the title: two or three small objects that the end of the file points to.
func inspectPDF(s *source, info *Info) section {
	p := pdf{s: s, inflate: 32 << 20}
	if !p.open() {
		return section{}
	}
	root := p.dict(p.trailer["Root"])
	if count, ok := p.dict(root["Pages"])["Count"].(int64); ok && count > 0 && count < 1e6 {
		info.Pages = int(count)
	}
	if _, encrypted := p.trailer["Encrypt"]; encrypted {
		return section{}
	}
	title := p.dict(p.trailer["Info"])["Title"]
	if ref, ok := title.(pdfRef); ok {
		title = p.object(int64(ref))
	}
	if title, ok := title.(pdfString); ok {
		info.Title = title.decode()
	}
	return section{}
}

// dict resolves a dictionary or a reference to one.
func (p *pdf) dict(v any) pdfDict {
	if ref, ok := v.(pdfRef); ok {
		v = p.object(int64(ref))
	}
	d, _ := v.(pdfDict)
	return d
}

// open follows the chain of cross-reference sections from the end of the file.
func (p *pdf) open() bool {
	const tail, maxSections = 2048, 64
	from := max(0, p.s.size-tail)
	_, last, found := cutLast(p.s.upTo(from, tail), []byte("startxref"))
	if !found {
		return false
	}
	l := lexer{src: last}
	at, ok := l.integer()
	var seen []int64
	for ok && len(seen) < maxSections && !slices.Contains(seen, at) {
		seen = append(seen, at)
		x, trailer := p.section(at)
		if trailer == nil {
			break
		}
		p.sections = append(p.sections, x)
		if p.trailer == nil {
			p.trailer = trailer
		}
		if hybrid, ok := trailer["XRefStm"].(int64); ok {
			if x, trailer := p.section(hybrid); trailer != nil {
				p.sections = append(p.sections, x)
			}
		}
		at, ok = trailer["Prev"].(int64)
	}
	return p.trailer != nil
}

func cutLast(b, sep []byte) (before, after []byte, found bool) {
	i := bytes.LastIndex(b, sep)
	if i < 0 {
		return b, nil, false
	}
	return b[:i], b[i+len(sep):], true
}

// object returns the object of a number; nil if it is not found.
func (p *pdf) object(number int64) any {
	for _, x := range p.sections {
		entry, ok := x.find(p, number)
		if !ok {
			continue
		}
		if entry.stream != 0 {
			return p.packed(entry)
		}
		found, v, _ := p.indirect(entry.at)
		if found != number { // the table is wrong
			return nil
		}
		return v
	}
	return nil
}

// indirect reads the object at a place: its number, its value, and where that ends. Most are small, so a small piece is tried first.
func (p *pdf) indirect(at int64) (number int64, v any, behind int64) {
	for _, size := range []int{8 * minRead, maxRead} {
		piece := p.s.upTo(at, size)
		l := lexer{src: piece}
		number, ok1 := l.integer()
		_, ok2 := l.integer()
		if !ok1 || !ok2 || !l.keyword("obj") {
			break
		}
		v = l.value()
		l.space()
		whole := bytes.HasPrefix(l.src, []byte("endobj")) || bytes.HasPrefix(l.src, []byte("stream"))
		if whole || len(piece) < size || size == maxRead {
			return number, v, at + int64(len(piece)-len(l.src))
		}
	}
	return -1, nil, at
}

// packed returns an object that lies in an object stream (7.5.7).
func (p *pdf) packed(entry location) any {
	var holder location
	found := false
	for _, x := range p.sections {
		if holder, found = x.find(p, entry.stream); found {
			break
		}
	}
	if !found || holder.stream != 0 {
		return nil
	}
	stream, ok := p.stream(holder.at)
	first, _ := stream.dict["First"].(int64)
	if !ok || first < 1 || first > maxRead {
		return nil
	}
	head := stream.read(p, int(first))
	l := lexer{src: head}
	for range entry.at {
		l.integer()
		l.integer()
	}
	_, ok1 := l.integer()
	offset, ok2 := l.integer()
	if !ok1 || !ok2 || offset < 0 || !stream.skip(p, offset) {
		return nil
	}
	l = lexer{src: stream.read(p, maxRead)}
	return l.value()
}

// decode makes text of a string: UTF-16, UTF-8, or one byte a character, without what cannot be printed.
func (b pdfString) decode() string {
	const longest = 200
	var runes []rune
	switch {
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		units := make([]uint16, len(b)/2-1)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(b[2+2*i:])
		}
		runes = utf16.Decode(units)
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) && utf8.Valid(b):
		runes = []rune(string(b[3:]))
	default: // PDFDocEncoding, which is Latin-1 but for some punctuation
		for _, c := range b {
			runes = append(runes, rune(c))
		}
	}
	runes = slices.DeleteFunc(runes, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError })
	return strings.TrimSpace(string(runes[:min(len(runes), longest)]))
}
