package jpegscale

import (
	"encoding/binary"
	"fmt"
)

// frame is a frame header (B.2.2).
type frame struct {
	width, height int
	progressive   bool
	components    []component
	maxH, maxV    int // largest sampling factors
	mcusX, mcusY  int // size in MCUs of interleaved scans (A.2.3)
}

// component is one colour plane: its parameters from the frame header, and how much of it is decoded.
type component struct {
	id      byte
	h, v    int // sampling factors
	quant   byte
	blocksX int // size in blocks where it has a scan of its own (A.2.2)
	blocksY int
	window
}

func readFrame(s segment) (frame, error) {
	if s.marker > markerSOF2 {
		return frame{}, fmt.Errorf("%w: coding process %#x", ErrUnsupported, s.marker)
	}
	if len(s.body) < 6 || len(s.body) != 6+3*int(s.body[5]) {
		return frame{}, fmt.Errorf("%w: frame header", ErrFormat)
	}
	if s.body[0] != 8 {
		return frame{}, fmt.Errorf("%w: %d bits a sample", ErrUnsupported, s.body[0])
	}
	f := frame{
		height:      int(binary.BigEndian.Uint16(s.body[1:])),
		width:       int(binary.BigEndian.Uint16(s.body[3:])),
		progressive: s.marker == markerSOF2,
	}
	if f.width == 0 || f.height == 0 || s.body[5] == 0 || s.body[5] > 4 {
		return frame{}, fmt.Errorf("%w: %d x %d pixels of %d components", ErrFormat, f.width, f.height, s.body[5])
	}
	return f, f.readComponents(s.body[6:])
}

func (f *frame) readComponents(body []byte) error {
	for ; len(body) > 0; body = body[3:] {
		c := component{id: body[0], h: int(body[1] >> 4), v: int(body[1] & 15), quant: body[2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quant > 3 || f.find(c.id) != nil {
			return fmt.Errorf("%w: component %d", ErrFormat, c.id)
		}
		f.components = append(f.components, c)
		f.maxH, f.maxV = max(f.maxH, c.h), max(f.maxV, c.v)
	}
	if len(f.components) == 1 {
		// A lone component is never interleaved, whatever its factors say (A.2.2).
		f.components[0].h, f.components[0].v, f.maxH, f.maxV = 1, 1, 1, 1
	}
	f.mcusX, f.mcusY = ceilDiv(f.width, 8*f.maxH), ceilDiv(f.height, 8*f.maxV)
	for i := range f.components {
		c := &f.components[i]
		c.blocksX = ceilDiv(ceilDiv(f.width*c.h, f.maxH), 8)
		c.blocksY = ceilDiv(ceilDiv(f.height*c.v, f.maxV), 8)
	}
	return nil
}

func (f *frame) find(id byte) *component {
	for i := range f.components {
		if f.components[i].id == id {
			return &f.components[i]
		}
	}
	return nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
