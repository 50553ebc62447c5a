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
		b.flat(1, dst, stride)
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
	v := sample(across(int(b[0]) << spare))
	for y := range n {
		row := dst[y*stride:][:n]
		for x := range row {
			row[x] = v
		}
	}
}

func (b *block) reconstruct2(dst []byte, stride int) {
	t0, t2 := idct2(down(b[0]), int(b[2]))
	t1, t3 := idct2(down(b[1]), int(b[3]))
	x0, x1 := idct2(across(t0>>step), t1>>step)
	x2, x3 := idct2(across(t2>>step), t3>>step)
	dst[0], dst[1], dst[stride], dst[stride+1] = sample(x0), sample(x1), sample(x2), sample(x3)
}

func (b *block) reconstruct3(dst []byte, stride int) {
	var t [9]int
	for i := range 3 {
		x0, x1, x2 := idct3(down(b[i]), int(b[3+i]), int(b[6+i]))
		t[i], t[3+i], t[6+i] = x0>>step, x1>>step, x2>>step
	}
	for y := range 3 {
		r, row := t[3*y:][:3], dst[y*stride:][:3]
		x0, x1, x2 := idct3(across(r[0]), r[1], r[2])
		row[0], row[1], row[2] = sample(x0), sample(x1), sample(x2)
	}
}

func (b *block) reconstruct4(dst []byte, stride int) {
	var t [16]int
	for i := range 4 {
		x0, x1, x2, x3 := idct4(down(b[i]), int(b[4+i]), int(b[8+i]), int(b[12+i]))
		t[i], t[4+i], t[8+i], t[12+i] = x0>>step, x1>>step, x2>>step, x3>>step
	}
	for y := range 4 {
		r, row := t[4*y:][:4], dst[y*stride:][:4]
		x0, x1, x2, x3 := idct4(across(r[0]), r[1], r[2], r[3])
		row[0], row[1], row[2], row[3] = sample(x0), sample(x1), sample(x2), sample(x3)
	}
}

func (b *block) reconstruct6(dst []byte, stride int) {
	var t [36]int
	for i := range 6 {
		x0, x1, x2, x3, x4, x5 := idct6(down(b[i]), int(b[6+i]), int(b[12+i]), int(b[18+i]), int(b[24+i]), int(b[30+i]))
		t[i], t[6+i], t[12+i], t[18+i], t[24+i], t[30+i] = x0>>step, x1>>step, x2>>step, x3>>step, x4>>step, x5>>step
	}
	for y := range 6 {
		r, row := t[6*y:][:6], dst[y*stride:][:6]
		x0, x1, x2, x3, x4, x5 := idct6(across(r[0]), r[1], r[2], r[3], r[4], r[5])
		row[0], row[1], row[2], row[3], row[4], row[5] = sample(x0), sample(x1), sample(x2), sample(x3), sample(x4), sample(x5)
	}
}

func (b *block) reconstruct8(dst []byte, stride int) {
	var t [64]int
	for i := range 8 {
		if b[8+i]|b[16+i]|b[24+i]|b[32+i]|b[40+i]|b[48+i]|b[56+i] == 0 {
			dc := int(b[i]) << spare
			t[i], t[8+i], t[16+i], t[24+i], t[32+i], t[40+i], t[48+i], t[56+i] = dc, dc, dc, dc, dc, dc, dc, dc
			continue
		}
		e0, e1, e2, e3 := idct4(down(b[i]), int(b[16+i]), int(b[32+i]), int(b[48+i]))
		o0, o1, o2, o3 := odd8(int(b[8+i]), int(b[24+i]), int(b[40+i]), int(b[56+i]))
		t[i], t[56+i] = (e0+o0)>>step, (e0-o0)>>step
		t[8+i], t[48+i] = (e1+o1)>>step, (e1-o1)>>step
		t[16+i], t[40+i] = (e2+o2)>>step, (e2-o2)>>step
		t[24+i], t[32+i] = (e3+o3)>>step, (e3-o3)>>step
	}
	for y := range 8 {
		r, row := t[8*y:][:8], dst[y*stride:][:8]
		e0, e1, e2, e3 := idct4(across(r[0]), r[2], r[4], r[6])
		o0, o1, o2, o3 := odd8(r[1], r[3], r[5], r[7])
		row[0], row[7] = sample(e0+o0), sample(e0-o0)
		row[1], row[6] = sample(e1+o1), sample(e1-o1)
		row[2], row[5] = sample(e2+o2), sample(e2-o2)
		row[3], row[4] = sample(e3+o3), sample(e3-o3)
	}
}

// Between the two passes, the numbers are shifted back by step. What rounds a result is added to the first coefficient before a
// pass, from where it reaches all samples.
const step = fraction - spare

// down prepares the first coefficient of a column for the first pass.
func down(s0 int32) int {
	return int(s0)<<fraction + 1<<(step-1)
}

// across prepares the first coefficient of a row for the second pass, with the level shift (A.3.1).
func across(s0 int) int {
	return s0<<fraction + 128<<lastStep + 1<<(lastStep-1)
}

const lastStep = fraction + spare + 3

// sample ends the second pass.
func sample(x int) byte {
	v := x >> lastStep
	if uint(v) > 255 {
		v = ^(v >> 63) // all bits set above the range, none below
	}
	return byte(v)
}

// The transforms of one dimension take coefficients, the first one prepared, and give samples scaled by 1 << fraction.

func idct2(s0, s1 int) (x0, x1 int) {
	return s0 + s1<<fraction, s0 - s1<<fraction
}

func idct3(s0, s1, s2 int) (x0, x1, x2 int) {
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

// odd8 is what the odd coefficients of a transform of 8 points add.
func odd8(s1, s3, s5, s7 int) (o0, o1, o2, o3 int) {
	return s1*a1 + s3*a3 + s5*a5 + s7*a7,
		s1*a3 - s3*a7 - s5*a1 - s7*a5,
		s1*a5 - s3*a1 + s5*a7 + s7*a3,
		s1*a7 - s3*a5 + s5*a3 - s7*a1
}
