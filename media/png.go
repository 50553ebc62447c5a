package media

import (
	"encoding/binary"
	"fmt"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

func inspectPNG(src []byte) (header, error) {
	h := header{format: formatPNG, orientation: upright}
	for rest := src[len(pngSignature):]; len(rest) >= 12; {
		size := uint64(binary.BigEndian.Uint32(rest))
		if size+12 > uint64(len(rest)) {
			break
		}
		name, body := string(rest[4:8]), rest[8:8+size]
		rest = rest[12+size:]
		switch {
		case (name == "IHDR") != (h.width == 0):
			return h, fmt.Errorf("%w: PNG chunk %q out of place", ErrCorrupt, name)
		case name == "IHDR":
			if err := h.readIHDR(body); err != nil {
				return h, err
			}
		case name == "iCCP" && h.profile == nil:
			h.profile = body
		case name == "eXIf":
			h.orientation = exifOrientation(body)
		case name == "IEND":
			return h, nil
		}
	}
	return h, fmt.Errorf("%w: truncated PNG", ErrCorrupt)
}

// readIHDR reads the header chunk of a PNG.
func (h *header) readIHDR(body []byte) error {
	if len(body) != 13 {
		return fmt.Errorf("%w: PNG header", ErrCorrupt)
	}
	width, height := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
	if width == 0 || height == 0 {
		return fmt.Errorf("%w: %d x %d pixels", ErrCorrupt, width, height)
	}
	h.width, h.height = int(min(width, 1<<16)), int(min(height, 1<<16))
	bytesPerPixel := int64(4)
	if body[8] == 16 {
		bytesPerPixel = 8
	}
	if interlaced := body[12] != 0; interlaced {
		bytesPerPixel += bytesPerPixel / 2 // the largest pass is half of the picture, kept beside it
	}
	h.memory = bytesPerPixel * int64(h.width) * int64(h.height)
	return nil
}
