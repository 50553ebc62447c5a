package attachment

import (
	"compress/zlib"
	"io"
)

// location is where an object lies: at a place in the file, or as the at-th object of a stream.
type location struct {
	at     int64
	stream int64
}

// xref is a cross-reference section: a table (7.5.4) of ranges, or a stream (7.5.8).
type xref struct {
	ranges []xrefRange
	widths [3]int // of the fields of an entry of a stream; all zero for a table
	stream int64  // where the stream object begins
}

// xrefRange has entries for count objects from first on, which begin at a place: in the file, or in the decompressed stream.
type xrefRange struct{ first, count, at int64 }

// section reads the section at a place, and its trailer; nil if there is none.
func (p *pdf) section(at int64) (xref, pdfDict) {
	piece := p.s.upTo(at, minRead)
	l := lexer{src: piece}
	if l.keyword("xref") {
		return p.table(at + int64(len(piece)-len(l.src)))
	}
	return p.xrefStream(at)
}

// table reads where the ranges of a table are, passing their entries.
func (p *pdf) table(at int64) (x xref, trailer pdfDict) {
	const maxRanges, entrySize = 1024, 20
	for range maxRanges {
		piece := p.s.upTo(at, minRead)
		l := lexer{src: piece}
		if l.keyword("trailer") {
			l = lexer{src: p.s.upTo(at, maxRead)}
			l.keyword("trailer")
			trailer, _ = l.value().(pdfDict)
			return x, trailer
		}
		first, ok1 := l.integer()
		count, ok2 := l.integer()
		if !ok1 || !ok2 || first < 0 || count < 0 || count > p.s.size/entrySize {
			return x, nil
		}
		l.space()
		at += int64(len(piece) - len(l.src))
		x.ranges = append(x.ranges, xrefRange{first, count, at})
		at += count * entrySize
	}
	return x, nil
}

// xrefStream reads the dictionary of a stream, which is the trailer too.
func (p *pdf) xrefStream(at int64) (x xref, trailer pdfDict) {
	stream, ok := p.stream(at)
	if !ok || stream.dict["Type"] != pdfName("XRef") {
		return x, nil
	}
	widths, _ := stream.dict["W"].([]any)
	if len(widths) < len(x.widths) {
		return x, nil
	}
	entry := int64(0)
	for i := range x.widths {
		w, ok := widths[i].(int64)
		if !ok || w < 0 || w > 8 {
			return x, nil
		}
		x.widths[i] = int(w)
		entry += w
	}
	index, ok := stream.dict["Index"].([]any)
	if !ok {
		index = []any{int64(0), stream.dict["Size"]}
	}
	for place := int64(0); len(index) >= 2; index = index[2:] {
		first, _ := index[0].(int64)
		count, _ := index[1].(int64)
		if first < 0 || count < 0 || count > 1<<24 {
			return x, nil
		}
		x.ranges = append(x.ranges, xrefRange{first, count, place})
		place += count * entry
	}
	x.stream = at
	return x, stream.dict
}

// find looks an object up.
func (x *xref) find(p *pdf, number int64) (location, bool) {
	for _, r := range x.ranges {
		if number < r.first || number >= r.first+r.count {
			continue
		}
		if x.stream == 0 {
			return p.tableEntry(r.at + (number-r.first)*20)
		}
		return x.streamEntry(p, r, number)
	}
	return location{}, false
}

func (p *pdf) tableEntry(at int64) (location, bool) {
	l := lexer{src: p.s.bytes(at, 20)}
	place, ok := l.integer()
	l.integer() // generation
	return location{at: place}, ok && l.keyword("n")
}

func (x *xref) streamEntry(p *pdf, r xrefRange, number int64) (location, bool) {
	const inFile, inStream = 1, 2
	size := x.widths[0] + x.widths[1] + x.widths[2]
	stream, ok := p.stream(x.stream)
	if !ok || !stream.skip(p, r.at+(number-r.first)*int64(size)) {
		return location{}, false
	}
	entry := stream.read(p, size)
	if len(entry) < size {
		return location{}, false
	}
	var fields [3]int64
	for i, w := range x.widths {
		for _, b := range entry[:w] {
			fields[i] = fields[i]<<8 | int64(b)
		}
		entry = entry[w:]
	}
	switch {
	case fields[0] == inFile || x.widths[0] == 0:
		return location{at: fields[1]}, true
	case fields[0] == inStream && fields[1] > 0 && fields[2] >= 0 && fields[2] < maxRead:
		return location{at: fields[2], stream: fields[1]}, true
	}
	return location{}, false
}

// pdfStream is a stream object, of which its data are still to be read.
type pdfStream struct {
	dict pdfDict
	data io.Reader
}

// stream opens the stream object at a place. It knows of no filter but FlateDecode, with the predictors of PNG.
func (p *pdf) stream(at int64) (pdfStream, bool) {
	_, value, behind := p.indirect(at)
	dict, ok := value.(pdfDict)
	if !ok || string(p.s.bytes(behind, len("stream"))) != "stream" {
		return pdfStream{}, false
	}
	behind += int64(len("stream"))
	if p.s.number(behind, 1) == '\r' {
		behind++
	}
	if p.s.number(behind, 1) == '\n' {
		behind++
	}
	data, ok := p.decoded(dict, &rest{p.s, behind})
	return pdfStream{dict, data}, ok
}

// decoded undoes the filter of a stream.
func (p *pdf) decoded(dict pdfDict, data io.Reader) (io.Reader, bool) {
	filter, parms := one(dict["Filter"]), one(dict["DecodeParms"])
	switch filter {
	case nil:
		return data, true
	case pdfName("FlateDecode"):
	default:
		return nil, false
	}
	data, err := zlib.NewReader(data)
	if err != nil {
		return nil, false
	}
	d, _ := parms.(pdfDict)
	if predictor, _ := d["Predictor"].(int64); predictor < 10 {
		return data, predictor < 2
	}
	columns, ok := d["Columns"].(int64)
	if !ok || columns < 1 || columns > 1<<12 {
		return nil, false
	}
	return &unpredictor{r: data, row: make([]byte, columns), above: make([]byte, columns)}, true
}

// one returns the only element of an array, or what is no array.
func one(v any) any {
	if list, ok := v.([]any); ok {
		if len(list) == 1 {
			return list[0]
		}
		return closing{}
	}
	return v
}

// read returns up to n bytes of the data.
func (t *pdfStream) read(p *pdf, n int) []byte {
	n = int(min(int64(n), p.inflate))
	p.inflate -= int64(n)
	out := make([]byte, n)
	got, _ := io.ReadFull(t.data, out)
	return out[:got]
}

func (t *pdfStream) skip(p *pdf, n int64) bool {
	if n < 0 || n > p.inflate {
		return false
	}
	p.inflate -= n
	got, _ := io.CopyN(io.Discard, t.data, n)
	return got == n
}

// rest reads a source from a place on.
type rest struct {
	s  *source
	at int64
}

func (r *rest) Read(b []byte) (int, error) {
	piece := r.s.upTo(r.at, min(len(b), minRead))
	if piece == nil {
		return 0, io.EOF
	}
	r.at += int64(len(piece))
	return copy(b, piece), nil
}

// unpredictor undoes the predictors of PNG for samples of one byte, row by row.
type unpredictor struct {
	r          io.Reader
	row, above []byte
	rest       []byte
}

func (u *unpredictor) Read(b []byte) (int, error) {
	if len(u.rest) == 0 {
		if err := u.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

func (u *unpredictor) next() error {
	var kind [1]byte
	if _, err := io.ReadFull(u.r, kind[:]); err != nil {
		return err
	}
	u.row, u.above = u.above, u.row
	if _, err := io.ReadFull(u.r, u.row); err != nil {
		return err
	}
	left, corner := byte(0), byte(0)
	for i := range u.row {
		above := u.above[i]
		switch kind[0] {
		case 1:
			u.row[i] += left
		case 2:
			u.row[i] += above
		case 3:
			u.row[i] += byte((int(left) + int(above)) / 2)
		case 4:
			u.row[i] += paeth(int(left), int(above), int(corner))
		}
		left, corner = u.row[i], above
	}
	u.rest = u.row
	return nil
}

// paeth returns the neighbour that is nearest to left + above - corner.
func paeth(left, above, corner int) byte {
	distance := func(n int) int { return max(n-(left+above-corner), (left+above-corner)-n) }
	switch {
	case distance(left) <= distance(above) && distance(left) <= distance(corner):
		return byte(left)
	case distance(above) <= distance(corner):
		return byte(above)
	}
	return byte(corner)
}
