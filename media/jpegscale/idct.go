package jpegscale

// The inverse DCT (A.3.3) of the n x n lowest frequencies gives the block at n/8 of its size. With the factor sqrt(2) that the
// standard takes out of the first coefficient moved into all others, a transform of one dimension is, for every n,
//
//	s(x) = S(0) + sum over u > 0 of S(u) sqrt(2) cos((2x+1) u pi / 2n)
//
// and two of them make eight times the samples. The even coefficients of a transform of 2n points are a transform of n points by
// themselves; the odd ones add to its results in the first half and, mirrored, subtract in the second.
//
// Numbers are fixed point: constants have fraction bits, and between the two passes spare bits are kept.
const (
	fraction = 13
	spare    = 2
)

// sqrt(2) cos(k pi / 16) is a1 for k = 1 and so on, sqrt(2) cos(k pi / 12) is b1 and so on; for pi / 4 both are 1.
const (
	a1, a2, a3, a5, a6, a7 = 11363, 10703, 9633, 6436, 4433, 2260
	b0, b1, b2, b4, b5     = 11585, 11190, 10033, 5793, 2998
)

// reconstruct writes the n x n samples of a block to dst.
func (b *block) reconstruct(n int, dst []byte, stride int) {
	switch n {
	case 1:
		dst[0] = sample(int(b[0]) << (fraction + spare))
	case 2:
		b.reconstruct2(dst, stride)
	case 3:
		b.reconstruct3(dst, stride)
	case 4:
		b.reconstruct4(dst, stride)
	case 6:
		b.reconstruct6(dst, stride)
	case 8:
		b.reconstruct8(dst, stride)
	}
}

// flat writes n x n samples of a block without AC coefficients.
func (b *block) flat(n int, dst []byte, stride int) {
	v := sample(int(b[0]) << (fraction + spare))
	for y := range n {
		row := dst[y*stride:][:n]
		for x := range row {
			row[x] = v
		}
	}
}

func (b *block) reconstruct2(dst []byte, stride int) {
	t0, t2 := idct2(int(b[0]), int(b[2]))
	t1, t3 := idct2(int(b[1]), int(b[3]))
	x0, x1 := idct2(between(t0), between(t1))
	x2, x3 := idct2(between(t2), between(t3))
	dst[0], dst[1], dst[stride], dst[stride+1] = sample(x0), sample(x1), sample(x2), sample(x3)
}

func (b *block) reconstruct3(dst []byte, stride int) {
	var t [9]int
	for i := range 3 {
		t[i], t[3+i], t[6+i] = idct3(int(b[i]), int(b[3+i]), int(b[6+i]))
	}
	for y := range 3 {
		r, row := t[3*y:][:3], dst[y*stride:][:3]
		x0, x1, x2 := idct3(between(r[0]), between(r[1]), between(r[2]))
		row[0], row[1], row[2] = sample(x0), sample(x1), sample(x2)
	}
}

func (b *block) reconstruct4(dst []byte, stride int) {
	var t [16]int
	for i := range 4 {
		t[i], t[4+i], t[8+i], t[12+i] = idct4(int(b[i]), int(b[4+i]), int(b[8+i]), int(b[12+i]))
	}
	for y := range 4 {
		r, row := t[4*y:][:4], dst[y*stride:][:4]
		x0, x1, x2, x3 := idct4(between(r[0]), between(r[1]), between(r[2]), between(r[3]))
		row[0], row[1], row[2], row[3] = sample(x0), sample(x1), sample(x2), sample(x3)
	}
}

func (b *block) reconstruct6(dst []byte, stride int) {
	var t [36]int
	for i := range 6 {
		t[i], t[6+i], t[12+i], t[18+i], t[24+i], t[30+i] = idct6(
			int(b[i]), int(b[6+i]), int(b[12+i]), int(b[18+i]), int(b[24+i]), int(b[30+i]))
	}
	for y := range 6 {
		r, row := t[6*y:][:6], dst[y*stride:][:6]
		x0, x1, x2, x3, x4, x5 := idct6(
			between(r[0]), between(r[1]), between(r[2]), between(r[3]), between(r[4]), between(r[5]))
		row[0], row[1], row[2], row[3], row[4], row[5] = sample(x0), sample(x1), sample(x2), sample(x3), sample(x4), sample(x5)
	}
}

func (b *block) reconstruct8(dst []byte, stride int) {
	var t [64]int
	for i := range 8 {
		t[i], t[8+i], t[16+i], t[24+i], t[32+i], t[40+i], t[48+i], t[56+i] = idct8(
			int(b[i]), int(b[8+i]), int(b[16+i]), int(b[24+i]), int(b[32+i]), int(b[40+i]), int(b[48+i]), int(b[56+i]))
	}
	for y := range 8 {
		r, row := t[8*y:][:8], dst[y*stride:][:8]
		x0, x1, x2, x3, x4, x5, x6, x7 := idct8(
			between(r[0]), between(r[1]), between(r[2]), between(r[3]), between(r[4]), between(r[5]), between(r[6]), between(r[7]))
		row[0], row[1], row[2], row[3] = sample(x0), sample(x1), sample(x2), sample(x3)
		row[4], row[5], row[6], row[7] = sample(x4), sample(x5), sample(x6), sample(x7)
	}
}

// between rounds results of the first pass for the second.
func between(x int) int {
	const shift = fraction - spare
	return (x + 1<<(shift-1)) >> shift
}

// sample rounds a result of the second pass, undoes the level shift (A.3.1) and clamps.
func sample(x int) byte {
	const shift = fraction + spare + 3
	v := (x + 128<<shift + 1<<(shift-1)) >> shift
	if uint(v) > 255 {
		v = ^(v >> 63) // all bits set above the range, none below
	}
	return byte(v)
}

// The transforms of one dimension take coefficients and give samples scaled by 1 << fraction.

func idct2(s0, s1 int) (x0, x1 int) {
	return (s0 + s1) << fraction, (s0 - s1) << fraction
}

func idct3(s0, s1, s2 int) (x0, x1, x2 int) {
	s0 <<= fraction
	even := s0 + s2*b4
	return even + s1*b2, s0 - s2*b0, even - s1*b2
}

func idct4(s0, s1, s2, s3 int) (x0, x1, x2, x3 int) {
	e0, e1 := idct2(s0, s2)
	o0, o1 := s1*a2+s3*a6, s1*a6-s3*a2
	return e0 + o0, e1 + o1, e1 - o1, e0 - o0
}

func idct6(s0, s1, s2, s3, s4, s5 int) (x0, x1, x2, x3, x4, x5 int) {
	e0, e1, e2 := idct3(s0, s2, s4)
	middle := s3 << fraction
	o0 := s1*b1 + middle + s5*b5
	o1 := (s1 - s3 - s5) << fraction
	o2 := s1*b5 - middle + s5*b1
	return e0 + o0, e1 + o1, e2 + o2, e2 - o2, e1 - o1, e0 - o0
}

func idct8(s0, s1, s2, s3, s4, s5, s6, s7 int) (x0, x1, x2, x3, x4, x5, x6, x7 int) {
	e0, e1, e2, e3 := idct4(s0, s2, s4, s6)
	o0 := s1*a1 + s3*a3 + s5*a5 + s7*a7
	o1 := s1*a3 - s3*a7 - s5*a1 - s7*a5
	o2 := s1*a5 - s3*a1 + s5*a7 + s7*a3
	o3 := s1*a7 - s3*a5 + s5*a3 - s7*a1
	return e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0
}
