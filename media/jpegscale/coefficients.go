package jpegscale

// zigzag gives the place of each coefficient, as it stands in the file, in a block of eight rows (figure A.6).
var zigzag = [64]byte{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// nowhere is the place of coefficients that are not wanted.
const nowhere = 64

// block holds the coefficients of one block, n to a row, and at nowhere those that are not wanted. It is so long that the compiler sees that a
// byte cannot lead out of it.
type block [256]int32

// selection says which coefficients are wanted for blocks of n x n samples, and where in a block of n to a row they go.
type selection struct {
	last         int // index of the last one wanted
	coefficients [64]selected
}

// selected has the place of a coefficient in the lower byte, nowhere for those not wanted, and its quantization step above.
type selected uint32

func (s selected) place() byte  { return byte(s) }
func (s selected) quant() int32 { return int32(s >> 8) }

func newSelection(n int, quant *[64]uint16) *selection {
	s := &selection{}
	for k, at := range zigzag {
		place := nowhere
		if row, column := int(at)/8, int(at)%8; row < n && column < n {
			place = row*n + column
			s.last = k
		}
		s.coefficients[k] = selected(quant[k])<<8 | selected(place)
	}
	return s
}

// symbol reads a code with its value; of a run of ends of blocks (G.1.2.2), the code alone.
func (b *entropy) symbol(t *table) symbol {
	if b.count < enough {
		b.acc, b.count = b.more(b.acc, b.count)
	}
	s := t.look[b.acc>>(64-lookBits)]
	if s&noValue != 0 {
		s = b.resolve(t, s, b.acc)
	}
	b.acc <<= s.length()
	b.count -= s.length()
	return s
}

// ac reads the AC coefficients of a block (F.2.2.2) into out, dequantised. It passes those behind the last one wanted. It tells whether
// there were any.
func (b *entropy) ac(t *table, want *selection, out *block) bool {
	acc, count, last := b.acc, b.count, want.last
	k := 1
	for k <= last {
		if count < enough {
			acc, count = b.more(acc, count)
		}
		s := t.look[acc>>(64-lookBits)]
		if s&noValue != 0 {
			s = b.resolve(t, s, acc)
		}
		acc <<= s.length()
		count -= s.length()
		if k += s.run(); k > 63 {
			b.broken = b.broken || s.run() != endOfBlock
			break
		}
		c := want.coefficients[k&63]
		out[c.place()] = s.value() * c.quant()
		k++
	}
	b.acc, b.count = acc, count
	if k < 64 {
		b.pass(t, k)
	}
	return k != 1+endOfBlock // which is where the end of the block leads if it comes first
}

// pass reads the AC coefficients of a block from index k on for nothing.
func (b *entropy) pass(t *table, k int) {
	acc, count := b.acc, b.count
	for k < 64 {
		if count < enough {
			acc, count = b.more(acc, count)
		}
		p := t.skip[acc>>(64-lookBits)]
		if next := k + p.coefficients(); p.length() != 0 && next <= 64 {
			acc <<= p.length()
			count -= p.length()
			if k = next; p&passingEnd != 0 {
				break
			}
			continue
		}
		// The sequence is not known, or reaches into the next block.
		s := t.look[acc>>(64-lookBits)]
		if s&noValue != 0 {
			s = b.resolve(t, s, acc)
		}
		acc <<= s.length()
		count -= s.length()
		if k += s.run() + 1; k > 64 && s.run() != endOfBlock {
			b.broken = true
		}
	}
	b.acc, b.count = acc, count
}

// resolve is the slow way to a symbol. A code that no table has ends the block, and the scan after the current row.
func (b *entropy) resolve(t *table, s symbol, acc uint64) symbol {
	if s = t.complete(s, acc); s == unknown {
		b.broken = true
		return endOfBlock<<8 | 1
	}
	return s
}
