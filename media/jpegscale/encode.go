package jpegscale

import (
	"encoding/binary"
	"errors"
	"image"
	"math"
	"math/bits"
)

// ErrSampling means that a picture to encode does not have one sample of colour for 2 x 2 pixels.
var ErrSampling = errors.New("jpegscale: sampling is not 4:2:0")

// Encode returns img, which must be 4:2:0, as a baseline JPEG without metadata. It takes the first of the qualities, each 1 to 100 as libjpeg
// counts them, whose file has at most size bytes, or else the last.
func Encode(img *image.YCbCr, size int, qualities ...int) ([]byte, error) {
	if img.SubsampleRatio != image.YCbCrSubsampleRatio420 || img.Rect.Empty() || img.Rect.Dx() > 0xffff || img.Rect.Dy() > 0xffff {
		return nil, ErrSampling
	}
	for i, quality := range qualities {
		if i == len(qualities)-1 {
			size = math.MaxInt
		}
		if out := encode(img, quality, size); len(out) <= size {
			return out, nil
		}
	}
	return nil, nil
}

// encode returns the file. It may break off once that exceeds limit.
func encode(img *image.YCbCr, quality, limit int) []byte {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	y := Plane{Pix: img.Y, Stride: img.YStride, Width: width, Height: height}
	cb := Plane{Pix: img.Cb, Stride: img.CStride, Width: (width + 1) / 2, Height: (height + 1) / 2}
	cr := cb
	cr.Pix = img.Cr

	luma, chroma := newQuantizer(&lumaQuant, quality), newQuantizer(&chromaQuant, quality)
	dcLuma, acLuma, dcChroma, acChroma := typicalCodes()
	coders := [3]coder{{quantizer: luma, dc: dcLuma, ac: acLuma}, {quantizer: chroma, dc: dcChroma, ac: acChroma}}
	coders[2] = coders[1]
	w := writer{out: appendHeaders(make([]byte, 0, 1024+width*height/4), img.Rect.Size(), luma, chroma)}
	for top := 0; top < cb.Height && len(w.out) <= limit; top += 8 {
		for left := 0; left < cb.Width; left += 8 { // an MCU (A.2.3)
			for i := range 4 {
				w.block(&coders[0], y.transform(2*left+i%2*8, 2*top+i/2*8))
			}
			w.block(&coders[1], cb.transform(left, top))
			w.block(&coders[2], cr.transform(left, top))
		}
	}
	return append(w.flush(), 0xff, markerEOI)
}

// coefficients are those of a block in the order of the file, times 8.
type coefficients [64]int16

// transform is the forward DCT (A.3.3) of the 8 x 8 samples from left, top on; those beyond the edges repeat the last ones.
func (p *Plane) transform(left, top int) (c coefficients) {
	var t [64]int
	for y := range 8 {
		row := p.Pix[min(top+y, p.Height-1)*p.Stride:][:p.Width]
		var s [8]byte
		for x := copy(s[:], row[min(left, p.Width-1):]); x < 8; x++ {
			s[x] = row[p.Width-1]
		}
		a, b, c, d := int(s[0]), int(s[1]), int(s[2]), int(s[3])
		e, f, g, h := int(s[4]), int(s[5]), int(s[6]), int(s[7])
		s0, s2, s4, s6 := even8(a+h, b+g, c+f, d+e)
		s1, s3, s5, s7 := odd8(a-h, b-g, c-f, d-e)
		r := t[8*y:][:8]
		r[0], r[1], r[2], r[3] = s0>>step, s1>>step, s2>>step, s3>>step
		r[4], r[5], r[6], r[7] = s4>>step, s5>>step, s6>>step, s7>>step
	}
	var natural [64]int16
	for u := range 8 {
		a, b, c, d := t[u], t[8+u], t[16+u], t[24+u]
		e, f, g, h := t[32+u], t[40+u], t[48+u], t[56+u]
		s0, s2, s4, s6 := even8(a+h, b+g, c+f, d+e)
		s1, s3, s5, s7 := odd8(a-h, b-g, c-f, d-e)
		natural[u], natural[8+u], natural[16+u], natural[24+u] = whole(s0), whole(s1), whole(s2), whole(s3)
		natural[32+u], natural[40+u], natural[48+u], natural[56+u] = whole(s4), whole(s5), whole(s6), whole(s7)
	}
	for k, at := range zigzag {
		c[k] = natural[at&63]
	}
	c[0] -= 64 * 128 // the level shift (A.3.1)
	return c
}

// whole rounds a result of the second pass.
func whole(s int) int16 {
	return int16((s + 1<<(fraction+spare-1)) >> (fraction + spare))
}

// even8 gives the even coefficients of a transform of 8 points from the sums of samples that mirror each other. The odd
// ones follow from their differences by odd8, whose matrix is its own transpose.
func even8(e0, e1, e2, e3 int) (s0, s2, s4, s6 int) {
	return (e0 + e3 + e1 + e2) << fraction, (e0-e3)*a2 + (e1-e2)*a6,
		(e0 + e3 - e1 - e2) << fraction, (e0-e3)*a6 - (e1-e2)*a2
}

// quantizer divides the coefficients of a component, given times 8, by the steps of its table.
type quantizer struct {
	steps   [64]byte
	inverse [64]int32 // 1 << inverseBits / (8 * step)
}

const inverseBits = 21

// newQuantizer scales a table as libjpeg does: by 1 at quality 50, and up or down from there.
func newQuantizer(table *[64]byte, quality int) *quantizer {
	quality = min(max(quality, 1), 100)
	percent := 200 - 2*quality
	if quality < 50 {
		percent = 5000 / quality
	}
	q := &quantizer{}
	for k := range q.steps {
		step := min(max((int(table[k])*percent+50)/100, 1), 255)
		q.steps[k] = byte(step)
		q.inverse[k] = int32((1<<inverseBits + 4*step) / (8 * step))
	}
	return q
}

// quantize returns a bit for each coefficient that is not zero.
func (q *quantizer) quantize(c *coefficients, out *[64]int) (nonzero uint64) {
	for k := 63; k >= 0; k-- {
		v := (int(c[k])*int(q.inverse[k]) + 1<<(inverseBits-1)) >> inverseBits
		out[k] = v
		nonzero = nonzero<<1 | uint64(v|-v)>>63
	}
	return nonzero
}

// writer appends bits to a file.
type writer struct {
	out   []byte
	acc   uint64
	count uint // bits of acc not in out yet, fewer than 32
}

// put appends n bits, at most 32.
func (w *writer) put(v uint32, n uint) {
	w.acc = w.acc<<n | uint64(v)
	if w.count += n; w.count < 32 {
		return
	}
	w.count -= 32
	word := uint32(w.acc >> w.count)
	if hasFF := (^word - 0x01010101) & word & 0x80808080; hasFF == 0 {
		w.out = binary.BigEndian.AppendUint32(w.out, word)
		return
	}
	for shift := 24; shift >= 0; shift -= 8 {
		w.putByte(byte(word >> shift))
	}
}

// putByte stuffs a zero behind 0xff (F.1.2.3).
func (w *writer) putByte(b byte) {
	if w.out = append(w.out, b); b == 0xff {
		w.out = append(w.out, 0)
	}
}

// flush fills the last byte with ones and returns the file.
func (w *writer) flush() []byte {
	w.put(0x7f, 7)
	for ; w.count >= 8; w.count -= 8 {
		w.putByte(byte(w.acc >> (w.count - 8)))
	}
	return w.out
}

// coder is how a component is coded.
type coder struct {
	*quantizer
	dc, ac *codebook
	last   int // DC coefficient of the block before
}

// block codes a block (F.1.2): the difference of its DC coefficient to the last one, and runs of zeros with the coefficient that
// ends them.
func (w *writer) block(c *coder, coefficients coefficients) {
	var v [64]int
	nonzero := c.quantize(&coefficients, &v)
	w.symbol(c.dc, 0, v[0]-c.last)
	c.last = v[0]
	k := 0
	for nonzero &^= 1; nonzero != 0; nonzero &= nonzero - 1 {
		next := bits.TrailingZeros64(nonzero)
		for ; next-k > 16; k += 16 {
			w.put(c.ac[0xf0].code, c.ac[0xf0].length)
		}
		w.symbol(c.ac, next-k-1, v[next&63])
		k = next
	}
	if k < 63 {
		w.put(c.ac[0].code, c.ac[0].length)
	}
}

// symbol codes a value behind a run of zeros (F.1.2.1, F.1.2.2).
func (w *writer) symbol(codes *codebook, run, v int) {
	sign := v >> 63
	size := uint(bits.Len(uint((v ^ sign) - sign)))
	c := codes[(run<<4|int(size))&255]
	value := uint32(v+sign) & (1<<size - 1)
	w.put(c.code<<size|value, c.length+size)
}

// codebook has the Huffman code of each symbol.
type codebook [256]struct {
	code   uint32
	length uint
}

// typicalCodes makes codebooks of the typical tables, in their order.
func typicalCodes() (dcLuma, acLuma, dcChroma, acChroma *codebook) {
	books := [4]*codebook{}
	rest := typicalTables
	for i := range books {
		books[i] = &codebook{}
		counts, symbols := rest[1:17], rest[17:]
		code := uint32(0)
		for length, count := range []byte(counts) {
			for range count {
				books[i][symbols[0]].code, books[i][symbols[0]].length = code, uint(length+1)
				symbols = symbols[1:]
				code++
			}
			code <<= 1
		}
		rest = symbols
	}
	return books[0], books[1], books[2], books[3]
}

func appendHeaders(out []byte, size image.Point, luma, chroma *quantizer) []byte {
	out = append(out, 0xff, 0xd8)
	out = appendSegment(out, markerDQT, append([]byte{0}, luma.steps[:]...))
	out = appendSegment(out, markerDQT, append([]byte{1}, chroma.steps[:]...))
	out = appendSegment(out, markerSOF0, []byte{
		8, byte(size.Y >> 8), byte(size.Y), byte(size.X >> 8), byte(size.X), 3,
		1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
	})
	out = appendSegment(out, markerDHT, []byte(typicalTables))
	return appendSegment(out, markerSOS, []byte{3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0})
}

func appendSegment(out []byte, marker byte, body []byte) []byte {
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(out, body...)
}
