package jpegscale

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
)

// decoder is the state between the segments of a file.
type decoder struct {
	plan     *Plan
	quant    [4]*[64]uint16
	dc, ac   [4]*codes
	interval int // MCUs between restart markers, 0 for none
	channels []channel
}

// channel is a component while it is decoded. All but the component is set by its first scan.
type channel struct {
	*component
	selection *selection
	plane     Plane
	progress  progress // only in progressive files
}

// open gets c ready for a scan.
func (d *decoder) open(c *channel) error {
	if c.selection != nil {
		return nil
	}
	if d.quant[c.quant] == nil {
		return fmt.Errorf("%w: no quantization table", ErrFormat)
	}
	c.selection = newSelection(c.n, d.quant[c.quant])
	c.plane = d.plan.plane(c.component)
	if d.plan.frame.progressive {
		c.progress = newProgress(c.component, c.selection)
	}
	return nil
}

// Decode returns one plane for each component. It fails with ErrFormat or ErrUnsupported, or the cause of ctx's end, for which it
// looks once for every row of blocks.
func (p *Plan) Decode(ctx context.Context) ([]Plane, error) {
	d := &decoder{plan: p}
	for i := range p.frame.components {
		d.channels = append(d.channels, channel{component: &p.frame.components[i]})
	}
	for s := range segments(p.file.src) {
		if err := d.read(ctx, s); err != nil {
			return nil, err
		}
	}
	planes := make([]Plane, len(d.channels))
	for i := range d.channels {
		c := &d.channels[i]
		if c.selection == nil {
			return nil, fmt.Errorf("%w: no scan of component %d", ErrFormat, c.id)
		}
		if p.frame.progressive {
			if err := c.finish(ctx); err != nil {
				return nil, err
			}
		}
		planes[i] = c.plane
	}
	return planes, nil
}

func (d *decoder) read(ctx context.Context, s segment) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	switch s.marker {
	case markerDQT:
		return d.readQuantization(s.body)
	case markerDHT:
		return d.readHuffman(s.body)
	case markerDRI:
		if len(s.body) != 2 {
			return fmt.Errorf("%w: restart interval", ErrFormat)
		}
		d.interval = int(binary.BigEndian.Uint16(s.body))
	case markerSOS:
		scan, err := d.newScan(s)
		if err != nil || scan == nil {
			return err
		}
		return scan.decode(ctx)
	}
	return nil
}

// readQuantization reads quantization tables (B.2.4.1).
func (d *decoder) readQuantization(body []byte) error {
	for len(body) > 0 {
		wide, id := int(body[0]>>4), body[0]&15
		if body = body[1:]; wide > 1 || id > 3 || len(body) < 64*(1+wide) {
			return fmt.Errorf("%w: quantization table", ErrFormat)
		}
		table := new([64]uint16)
		for k := range table {
			if wide == 1 {
				table[k] = binary.BigEndian.Uint16(body[2*k:])
			} else {
				table[k] = uint16(body[k])
			}
		}
		d.quant[id] = table
		body = body[64*(1+wide):]
	}
	return nil
}

// readHuffman reads Huffman tables (B.2.4.2). The lookup tables are left to the scans that need them.
func (d *decoder) readHuffman(body []byte) error {
	for len(body) > 0 {
		class, id := body[0]>>4, body[0]&15
		if class > 1 || id > 3 || len(body) < 17 {
			return fmt.Errorf("%w: Huffman table", ErrFormat)
		}
		table := &codes{}
		total, space := 0, 1<<16
		for length := 1; length <= 16; length++ {
			table.counts[length] = int(body[length])
			total += int(body[length])
			space -= int(body[length]) << (16 - length)
		}
		if body = body[17:]; space < 0 || total > 256 || total > len(body) {
			return fmt.Errorf("%w: Huffman table", ErrFormat)
		}
		table.symbols, body = body[:total], body[total:]
		if class == 0 {
			if total > 0 && slices.Max(table.symbols) > 15 {
				return fmt.Errorf("%w: Huffman table", ErrFormat)
			}
			d.dc[id] = table
		} else {
			d.ac[id] = table
		}
	}
	return nil
}
