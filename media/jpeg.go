package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
)

// Markers of ITU-T T.81, table B.1.
const (
	markerSOF0 = 0xc0 // baseline frame
	markerSOF2 = 0xc2 // progressive frame
	markerDHT  = 0xc4
	markerJPG  = 0xc8
	markerDAC  = 0xcc
	markerSOFf = 0xcf
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerAPP1 = 0xe1
)

func inspectJPEG(src []byte) (header, error) {
	h := header{format: formatJPEG, orientation: upright}
	for marker, body := range jpegSegments(src) {
		switch {
		case marker == markerEOI && h.scans > 0:
			return h, nil
		case marker == markerSOS && h.width > 0:
			h.scans++
		case marker == markerEOI || marker == markerSOS:
			return h, fmt.Errorf("%w: JPEG without frame or scan", ErrCorrupt)
		case marker == markerAPP1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			h.orientation = exifOrientation(body[6:])
		case marker == markerDHT || marker == markerJPG || marker == markerDAC:
		case marker >= markerSOF0 && marker <= markerSOFf:
			if err := h.readFrame(marker, body); err != nil {
				return h, err
			}
		}
	}
	return h, fmt.Errorf("%w: truncated JPEG", ErrCorrupt)
}

// readFrame reads a frame header (T.81, B.2.2).
func (h *header) readFrame(marker byte, body []byte) error {
	switch {
	case marker > markerSOF2:
		return fmt.Errorf("%w: JPEG process %#x", ErrUnsupported, marker)
	case h.width != 0 || len(body) < 6 || len(body) != 6+3*int(body[5]):
		return fmt.Errorf("%w: JPEG frame header", ErrCorrupt)
	case body[0] != 8:
		return fmt.Errorf("%w: JPEG with %d bits a sample", ErrUnsupported, body[0])
	}
	h.height = int(binary.BigEndian.Uint16(body[1:]))
	h.width = int(binary.BigEndian.Uint16(body[3:]))
	if h.width == 0 || h.height == 0 {
		return fmt.Errorf("%w: %d x %d pixels", ErrCorrupt, h.width, h.height)
	}
	samples, widest, tallest := 0, 1, 1
	for c := body[6:]; len(c) > 0; c = c[3:] {
		x, y := int(c[1]>>4), int(c[1]&15)
		samples += x * y
		widest, tallest = max(widest, x), max(tallest, y)
	}
	samples = samples * h.width / widest * h.height / tallest
	perSample := 1
	if marker == markerSOF2 {
		perSample += 4 // the coefficients of all scans, as image/jpeg keeps them
	}
	h.memory = int64(samples * perSample)
	if body[5] == 4 {
		h.memory += int64(h.width * h.height * 4) // the planes are interleaved after decoding
	}
	return nil
}

// jpegSegments yields each marker with the body of its segment, skipping entropy-coded data. It ends after EOI, or without
// one where src is cut short.
func jpegSegments(src []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for rest := src[2:]; ; {
			var marker byte
			if marker, rest = nextMarker(rest); marker == 0 {
				return
			}
			if marker == markerEOI {
				yield(marker, nil)
				return
			}
			if len(rest) < 2 {
				return
			}
			size := int(binary.BigEndian.Uint16(rest))
			if size < 2 || size > len(rest) || !yield(marker, rest[2:size]) {
				return
			}
			rest = rest[size:]
		}
	}
}

// nextMarker finds the next marker that is neither a stuffed byte nor a restart marker, as decoders do; 0 if there is none.
func nextMarker(src []byte) (marker byte, rest []byte) {
	for {
		i := bytes.IndexByte(src, 0xff)
		if i < 0 {
			return 0, nil
		}
		for i < len(src) && src[i] == 0xff {
			i++
		}
		if i == len(src) {
			return 0, nil
		}
		marker, src = src[i], src[i+1:]
		if marker != 0 && (marker < markerRST0 || marker > markerRST7) {
			return marker, src
		}
	}
}
