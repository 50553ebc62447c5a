package jpegscale

import (
	"context"
	"math/bits"
)

// progress is what the scans of a progressive file (annex G) have told so far about a component.
type progress struct {
	coefs []int16 // those wanted, n x n for each block of the window
	// nonzero has a bit for each coefficient that is not zero, in the order of the file, for every block above the window's lower edge,
	// wanted or not: how long the codes of later scans are depends on it.
	nonzero []uint64
	wanted  uint64 // which of those bits stand for AC coefficients that are wanted
}

func newProgress(c *component, want *selection) progress {
	p := progress{coefs: make([]int16, c.samples()), nonzero: make([]uint64, c.histories())}
	for k := 1; k <= want.last; k++ {
		if want.coefficients[k].place() != nowhere {
			p.wanted |= 1 << k
		}
	}
	return p
}

// kept returns the coefficients of a block, nil if it lies outside of the window.
func (c *channel) kept(x, y int) []int16 {
	if !c.contains(x, y) {
		return nil
	}
	size := c.n * c.n
	at := ((y-c.y0)*(c.x1-c.x0) + x - c.x0) * size
	return c.progress.coefs[at : at+size]
}

// placeOf returns the place of the coefficient that the lowest bit of set stands for.
func (s *selection) placeOf(set uint64) int {
	return int(s.coefficients[bits.TrailingZeros64(set)&63].place())
}

// firstDC reads the upper bits of a DC coefficient (G.1.2.1).
func (s *scan) firstDC(p *part, x, y int) {
	p.prediction += s.symbol(p.dc).value()
	if coefs := p.kept(x, y); coefs != nil {
		coefs[0] = int16(p.prediction << s.band.low)
	}
}

// refineDC reads one more bit of a DC coefficient.
func (s *scan) refineDC(p *part, x, y int) {
	bit := s.take(1)
	if coefs := p.kept(x, y); coefs != nil {
		coefs[0] |= int16(bit << s.band.low)
	}
}

// firstAC reads the upper bits of a band of AC coefficients (G.1.2.2).
func (s *scan) firstAC(p *part, x, y int) {
	if s.endRun > 0 {
		s.endRun--
		return
	}
	coefs := p.kept(x, y)
	nonzero := uint64(0)
	for k := s.band.first; k <= s.band.last; k++ {
		sym := s.symbol(p.ac)
		if sym&noValue != 0 {
			s.endRun = 1<<sym.run() - 1 + int(s.take(uint(sym.run())))
			break
		}
		if k += sym.run(); k > s.band.last {
			s.broken = true
			break
		}
		if sym.value() == 0 {
			continue // a run of sixteen zeros
		}
		nonzero |= 1 << k
		if at := int(p.selection.coefficients[k].place()); at < len(coefs) {
			coefs[at] = int16(sym.value() << s.band.low)
		}
	}
	p.progress.nonzero[y*p.blocksX+x] |= nonzero
}

// refineAC reads one more bit of a band of AC coefficients (G.1.2.3). New coefficients are coded as in the first scan, only that runs
// do not count coefficients which are known not to be zero; those passed on the way have a correction bit each, behind the code.
func (s *scan) refineAC(p *part, x, y int) {
	nonzero := &p.progress.nonzero[y*p.blocksX+x]
	rest := s.band.mask()
	known := *nonzero & rest
	if s.endRun > 0 && known == 0 {
		s.endRun--
		return
	}
	coefs := p.kept(x, y)
	for s.endRun == 0 && rest != 0 {
		sym := s.symbol(p.ac)
		if sym&noValue != 0 {
			s.endRun = 1<<sym.run() + int(s.take(uint(sym.run())))
			break
		}
		zeros := rest &^ known
		for range sym.run() {
			zeros &= zeros - 1
		}
		target := zeros & -zeros
		if target == 0 { // the run leads out of the band
			s.broken = true
			return
		}
		if passed := rest & known & (target - 1); passed != 0 {
			s.correct(p, coefs, passed)
		}
		if v := sym.value(); v != 0 {
			*nonzero |= target
			if at := p.selection.placeOf(target); at < len(coefs) {
				coefs[at] = int16(v << s.band.low)
			}
		}
		rest &^= target | (target - 1)
	}
	if s.endRun > 0 {
		s.correct(p, coefs, rest&known)
		s.endRun--
	}
}

// correct reads a correction bit for each of the coefficients that which has a bit for.
func (s *scan) correct(p *part, coefs []int16, which uint64) {
	wanted := which & p.progress.wanted
	if coefs == nil || wanted == 0 {
		s.drop(bits.OnesCount64(which))
		return
	}
	acc, count := s.acc, s.count
	for ; wanted != 0; which &= which - 1 {
		if count == 0 {
			acc, count = s.more(acc, count)
		}
		bit := acc >> 63
		acc <<= 1
		count--
		wanted &^= which & -which
		at := p.selection.placeOf(which)
		if bit == 0 || at >= len(coefs) {
			continue
		}
		if coefs[at] < 0 {
			coefs[at] -= 1 << s.band.low
		} else {
			coefs[at] += 1 << s.band.low
		}
	}
	s.acc, s.count = acc, count
	s.drop(bits.OnesCount64(which))
}

// finish makes the plane of samples from the coefficients.
func (c *channel) finish(ctx context.Context) error {
	var quant, b block
	for _, coefficient := range c.selection.coefficients {
		quant[coefficient.place()] = coefficient.quant()
	}
	for y := c.y0; y < c.y1; y++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for x := c.x0; x < c.x1; x++ {
			for i, v := range c.kept(x, y) {
				b[i] = int32(v) * quant[i]
			}
			dst := c.plane.Pix[((y-c.y0)*c.plane.Stride+x-c.x0)*c.n:]
			if c.n == 1 || c.progress.nonzero[y*c.blocksX+x]&c.progress.wanted == 0 {
				b.flat(c.n, dst, c.plane.Stride)
			} else {
				b.reconstruct(c.n, dst, c.plane.Stride)
			}
		}
	}
	c.progress = progress{}
	return nil
}
