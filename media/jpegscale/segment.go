package jpegscale

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// Markers (table B.1).
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF2  = 0xc2 // progressive; 0xc1 between them is extended sequential
	markerDHT   = 0xc4
	markerJPG   = 0xc8
	markerDAC   = 0xcc
	markerSOF15 = 0xcf
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
)

// segment is a marker segment (B.1.1.4). Behind a scan header it has the entropy-coded data, up to the next marker that is not a
// restart marker.
type segment struct {
	marker byte
	body   []byte
	data   []byte
}

// isFrame tells whether s is a frame header of any coding process.
func (s segment) isFrame() bool {
	return s.marker >= markerSOF0 && s.marker <= markerSOF15 &&
		s.marker != markerDHT && s.marker != markerJPG && s.marker != markerDAC
}

// segments yields the segments of src up to EOI. A file that ends without EOI, or within a segment, just ends: what it lacks shows
// when it is decoded.
func segments(src []byte) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		rest := src[min(2, len(src)):] // SOI
		for {
			at := nextMarker(rest)
			if at+1 >= len(rest) || rest[at+1] == markerEOI {
				return
			}
			s := segment{marker: rest[at+1]}
			rest = rest[at+2:]
			if len(rest) < 2 {
				return
			}
			size := int(binary.BigEndian.Uint16(rest))
			if size < 2 || size > len(rest) {
				return
			}
			s.body, rest = rest[2:size], rest[size:]
			if s.marker == markerSOS {
				end := nextMarker(rest)
				s.data, rest = rest[:end], rest[end:]
			}
			if !yield(s) {
				return
			}
		}
	}
}

// nextMarker returns the offset of the next marker's last 0xff, passing stuffed bytes, fill bytes and restart markers; len(src) if there
// is none.
func nextMarker(src []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(src[at:], 0xff)
		if i < 0 || at+i+1 >= len(src) {
			return len(src)
		}
		at += i
		switch next := src[at+1]; {
		case next == 0xff:
			at++
		case next == 0 || next >= markerRST0 && next <= markerRST7:
			at += 2
		default:
			return at
		}
	}
}

const (
	exifName = "Exif\x00\x00"
	iccName  = "ICC_PROFILE\x00"
	maxICC   = 1 << 20
)

// profile collects the parts of an ICC profile (ICC.1, annex B.4).
type profile struct {
	parts [256][]byte
	count int
}

// add takes the part behind the name: its number from 1, the count of parts, and the bytes.
func (p *profile) add(part []byte) {
	if len(part) > 2 && part[0] > 0 && part[0] <= part[1] {
		p.parts[part[0]] = part[2:]
		p.count = int(part[1])
	}
}

// joined returns the profile if all of its parts were found, and do not exceed maxICC.
func (p *profile) joined() []byte {
	size := 0
	for i := range p.count {
		part := p.parts[i+1]
		if size += len(part); part == nil || size > maxICC {
			return nil
		}
	}
	return bytes.Join(p.parts[1:p.count+1], nil)
}
