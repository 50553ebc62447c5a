package jpegscale

import (
	"context"
	"fmt"
)

// scan is one pass over the blocks of some components (B.2.3).
type scan struct {
	entropy
	frame    *frame
	interval int // MCUs between restart markers, 0 for none
	parts    []part
	band     band
	endRun   int // blocks yet to come whose band has ended (G.1.2.2)
	block    block
}

// part is a component's share in a scan.
type part struct {
	*channel
	dc, ac     *table
	prediction int32
}

// band is what a scan of a progressive file codes (G.1.1.1): a range of coefficients and one or more of their bits.
type band struct {
	first, last int
	low         uint // lowest bit coded
	refine      bool // that bit only; those above it were coded before
}

var wholeBand = band{last: 63}

// mask has a bit for each coefficient of b.
func (b band) mask() uint64 {
	return ^uint64(0) << b.first & (^uint64(0) >> (63 - b.last))
}

func newBand(selection, approximation []byte) (band, error) {
	high := uint(approximation[0] >> 4)
	b := band{int(selection[0]), int(selection[1]), uint(approximation[0] & 15), high != 0}
	dcOnly := b.first == 0 && b.last == 0
	if !dcOnly && b.first == 0 || b.first > b.last || b.last > 63 || b.low > 13 || b.refine && high != b.low+1 {
		return b, fmt.Errorf("%w: band of a scan", ErrFormat)
	}
	return b, nil
}

// newScan reads a scan header and prepares the tables the scan uses. It returns nil for a scan that adds nothing wanted.
func (d *decoder) newScan(s segment) (*scan, error) {
	if len(s.body) < 6 || len(s.body) != 4+2*int(s.body[0]) {
		return nil, fmt.Errorf("%w: scan header", ErrFormat)
	}
	list, tail := s.body[1:len(s.body)-3], s.body[len(s.body)-3:]
	sc := &scan{entropy: entropy{data: s.data}, frame: &d.plan.frame, interval: d.interval, band: wholeBand}
	if d.plan.frame.progressive {
		var err error
		if sc.band, err = newBand(tail[:2], tail[2:]); err != nil {
			return nil, err
		}
	}
	for ; len(list) > 0; list = list[2:] {
		p, err := d.newPart(list[0], list[1]>>4, list[1]&15, sc)
		if err != nil {
			return nil, err
		}
		sc.parts = append(sc.parts, p)
	}
	if sc.band.first > 0 && len(sc.parts) > 1 {
		return nil, fmt.Errorf("%w: AC scan of several components", ErrFormat)
	}
	if sc.band.first > 0 && sc.parts[0].n == 1 {
		return nil, nil
	}
	return sc, nil
}

// newPart finds a component of a scan by its id, and its Huffman tables by theirs.
func (d *decoder) newPart(id, dc, ac byte, s *scan) (part, error) {
	for _, other := range s.parts {
		if other.id == id {
			return part{}, fmt.Errorf("%w: component %d twice in a scan", ErrFormat, id)
		}
	}
	for i := range d.channels {
		c := &d.channels[i]
		if c.id != id {
			continue
		}
		p := part{channel: c}
		if s.band.first == 0 && !s.band.refine {
			if dc > 3 || d.dc[dc] == nil {
				return p, fmt.Errorf("%w: no Huffman table", ErrFormat)
			}
			p.dc = d.dc[dc].prepared(dcSymbols)
		}
		if s.band.last > 0 {
			if ac > 3 || d.ac[ac] == nil {
				return p, fmt.Errorf("%w: no Huffman table", ErrFormat)
			}
			kind := acSymbols
			if s.frame.progressive {
				kind = progressiveSymbols
			}
			p.ac = d.ac[ac].prepared(kind)
		}
		return p, d.open(c)
	}
	return part{}, fmt.Errorf("%w: scan of unknown component %d", ErrFormat, id)
}

// decode reads the scan as far down as there are blocks wanted.
func (s *scan) decode(ctx context.Context) error {
	columns, rows := s.size()
	left := s.interval
	for y := range rows {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for x := range columns {
			if s.interval > 0 && left == 0 {
				s.startOver()
				left = s.interval
			}
			left--
			s.mcu(x, y)
		}
		if !s.sound() {
			return fmt.Errorf("%w: entropy-coded data", ErrFormat)
		}
	}
	if s.endRun > 0 && rows == s.parts[0].blocksY {
		return fmt.Errorf("%w: more blocks in a scan than in the picture", ErrFormat)
	}
	return nil
}

// size returns the columns and the rows that are wanted, in MCUs (A.2.2, A.2.3).
func (s *scan) size() (columns, rows int) {
	if len(s.parts) == 1 {
		return s.parts[0].blocksX, s.parts[0].y1
	}
	for i := range s.parts {
		rows = max(rows, ceilDiv(s.parts[i].y1, s.parts[i].v))
	}
	return s.frame.mcusX, rows
}

// startOver looks for a restart marker (E.2.4). Where there is none, what follows cannot be read.
func (s *scan) startOver() {
	if !s.restart() {
		s.broken = true
	}
	s.endRun = 0
	for i := range s.parts {
		s.parts[i].prediction = 0
	}
}

func (s *scan) mcu(x, y int) {
	if len(s.parts) == 1 {
		s.read(&s.parts[0], x, y)
		return
	}
	for i := range s.parts {
		p := &s.parts[i]
		for v := range p.v {
			for h := range p.h {
				s.read(p, x*p.h+h, y*p.v+v)
			}
		}
	}
}

// read reads the block in column x and row y of a component.
func (s *scan) read(p *part, x, y int) {
	switch {
	case !s.frame.progressive:
		s.sequential(p, x, y)
	case s.band.first > 0 && s.band.refine:
		s.refineAC(p, x, y)
	case s.band.first > 0:
		s.firstAC(p, x, y)
	case s.band.refine:
		s.refineDC(p, x, y)
	default:
		s.firstDC(p, x, y)
	}
}

func (s *scan) sequential(p *part, x, y int) {
	p.prediction += s.symbol(p.dc).value()
	if !p.contains(x, y) {
		s.pass(p.ac, 1)
		return
	}
	s.block[0] = p.prediction * p.selection.coefficients[0].quant()
	hasAC := s.ac(p.ac, p.selection, &s.block)
	dst := p.plane.Pix[((y-p.y0)*p.plane.Stride+x-p.x0)*p.n:]
	if !hasAC {
		s.block.flat(p.n, dst, p.plane.Stride)
		return
	}
	s.block.reconstruct(p.n, dst, p.plane.Stride)
	clear(s.block[:p.n*p.n])
}
