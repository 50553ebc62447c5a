package jpegscale

// symbol is what a Huffman code and the bits behind it say, packed for the lookup tables.
//
//	bits 0-4    length of the code, with its value if that is included
//	bit 5       set if the value is not included
//	bits 8-14   number of zero coefficients before this one; endOfBlock reaches behind any block
//	bits 16-31  the coefficient, or its size in bits if it is not included
type symbol uint32

const (
	lookBits   = 11
	lengthMask = 31
	noValue    = 1 << 5
	endOfBlock = 64

	unknown symbol = noValue // a code that is longer than lookBits, or that no table has
)

func (s symbol) length() uint { return uint(s & lengthMask) }
func (s symbol) run() int     { return int(s >> 8 & 127) }
func (s symbol) value() int32 { return int32(s) >> 16 }

// kind says what the symbols of a table mean.
type kind int

const (
	dcSymbols kind = iota
	acSymbols
	progressiveSymbols // AC symbols of a progressive file, with runs of ends of blocks (G.1.2.2)
)

// newSymbol packs a symbol without its value.
func newSymbol(k kind, length int, code byte) symbol {
	run, size := symbol(code>>4), symbol(code&15)
	switch {
	case k == dcSymbols && size == 0:
		return symbol(length) // no difference
	case k == dcSymbols:
		return size<<16 | noValue | symbol(length)
	case code == 0xf0:
		return run<<8 | symbol(length) // sixteen zeros
	case k == acSymbols && size == 0:
		return (endOfBlock+run)<<8 | symbol(length) // which leads out of the block if it is not the end of it
	}
	return size<<16 | run<<8 | noValue | symbol(length)
}

// withValue includes the value, whose bits are the first of rest.
func (s symbol) withValue(rest uint64) symbol {
	size := uint(s.value())
	if size == 0 {
		return s
	}
	v := int32(rest >> (64 - size))
	if v>>(size-1) == 0 {
		v += 1 - 1<<size // F.2.2.1, table F.1
	}
	return symbol(v)<<16 | s&0x7f00 | symbol(s.length()+size)
}

// codes is a Huffman table as a file has it (B.2.4.2).
type codes struct {
	counts  [17]int // of each length
	symbols []byte
	table   *table // made when a scan first needs it
}

// table serves to look codes up.
type table struct {
	kind    kind
	symbols []byte
	limit   [17]uint32 // for each length, the end of its codes, aligned to 16 bits
	first   [17]int    // for each length, what to add to a code for its index in symbols
	look    [1 << lookBits]symbol
	skip    [1 << lookBits]passing
}

// prepared makes the table (C.2) or returns the one made before.
func (c *codes) prepared(k kind) *table {
	if c.table != nil && c.table.kind == k {
		return c.table
	}
	t := &table{kind: k, symbols: c.symbols}
	for i := range t.look {
		t.look[i] = unknown
	}
	code, index := 0, 0
	for length := 1; length <= 16; length++ {
		t.first[length] = index - code
		for range c.counts[length] {
			if free := lookBits - length; free >= 0 {
				t.spread(code<<free, 1<<free, newSymbol(k, length, c.symbols[index]))
			}
			code++
			index++
		}
		t.limit[length] = uint32(code) << (16 - length)
		code <<= 1
	}
	if k == acSymbols {
		t.preparePassing()
	}
	t.includeValues()
	c.table = t
	return t
}

// spread enters s for all patterns that begin with its code.
func (t *table) spread(from, count int, s symbol) {
	for i := range count {
		t.look[from+i] = s
	}
}

func (t *table) includeValues() {
	for i, s := range t.look {
		if s&noValue != 0 && int(s.length())+int(s.value()) <= lookBits {
			t.look[i] = s.withValue(uint64(i) << (64 - lookBits) << s.length())
		}
	}
}

// complete finds the whole symbol that acc begins with, where look has only part of it. The result is still unknown if there is none.
func (t *table) complete(s symbol, acc uint64) symbol {
	if s == unknown {
		code := uint32(acc >> 48)
		length := lookBits + 1
		for ; code >= t.limit[length]; length++ { // F.2.2.3
			if length == 16 {
				return unknown
			}
		}
		s = newSymbol(t.kind, length, t.symbols[t.first[length]+int(code>>(16-length))])
	}
	if s&noValue == 0 {
		return s
	}
	return s.withValue(acc << s.length())
}

// passing is a sequence of whole AC symbols whose values nobody wants.
//
//	bits 0-4   length in bits; what the values behind the last code take may lie outside of what was looked up
//	bits 5-14  number of coefficients, of which the end of a block counts as one
//	bit 15     set if the last symbol is an end of block
type passing uint16

const passingEnd passing = 1 << 15

func (p passing) length() uint      { return uint(p & lengthMask) }
func (p passing) coefficients() int { return int(p >> 5 & 1023) }

// preparePassing needs look without values.
func (t *table) preparePassing() {
	for pattern := range t.skip {
		length, coefficients, end := 0, 0, passing(0)
		for length < lookBits && end == 0 {
			s := t.look[pattern<<length&(1<<lookBits-1)]
			if s == unknown || int(s.length()) > lookBits-length {
				break
			}
			length += int(s.length()) + int(s.value())
			if s.run() == endOfBlock {
				coefficients, end = coefficients+1, passingEnd
			} else {
				coefficients += s.run() + 1
			}
		}
		t.skip[pattern] = end | passing(coefficients<<5|length)
	}
}
