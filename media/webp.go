package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// Flags of a VP8X chunk.
const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
)

func inspectWebP(src []byte) (header, error) {
	h := header{format: formatWebP, orientation: upright}
	if size := uint64(binary.LittleEndian.Uint32(src[4:])) + 8; size > uint64(len(src)) {
		return h, fmt.Errorf("%w: truncated WebP", ErrCorrupt)
	}
	for rest := src[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		if size > uint64(len(rest)-8) {
			return h, fmt.Errorf("%w: truncated WebP", ErrCorrupt)
		}
		body := rest[8 : 8+size]
		rest = rest[min(8+size+size&1, uint64(len(rest))):] // chunks are padded to even sizes
		if err := h.readWebPChunk(name, body); err != nil {
			return h, err
		}
	}
	return h, nil
}

// readWebPChunk keeps the largest size any chunk declares, since the decoder may trust each of them.
func (h *header) readWebPChunk(name string, body []byte) error {
	var width, height, bytesPerPixel int
	switch {
	case name == "VP8X" && len(body) >= 10:
		if body[0]&webpAnimated != 0 {
			return fmt.Errorf("%w: animated WebP", ErrUnsupported)
		}
		if bytesPerPixel = 2; body[0]&webpAlpha != 0 {
			bytesPerPixel = 7 // alpha is decoded as a picture of its own, at 4 bytes, and copied
		}
		width, height = uint24(body[4:])+1, uint24(body[7:])+1
	case name == "VP8 " && len(body) >= 10:
		bytesPerPixel = 2
		width = int(binary.LittleEndian.Uint16(body[6:])) & 0x3fff
		height = int(binary.LittleEndian.Uint16(body[8:])) & 0x3fff
	case name == "VP8L" && len(body) >= 5:
		bytesPerPixel = 8
		bits := binary.LittleEndian.Uint32(body[1:])
		width, height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
	case name == "ICCP":
		h.profile = body
	case name == "EXIF":
		h.orientation = exifOrientation(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
	}
	h.width, h.height = max(h.width, width), max(h.height, height)
	h.memory = max(h.memory, int64(bytesPerPixel)*int64(width)*int64(height))
	return nil
}

func uint24(b []byte) int {
	return int(b[0]) | int(b[1])<<8 | int(b[2])<<16
}

// decodeWebP corrects the colours of lossy pictures: VP8 keeps brightness in 16..235 and colour in 16..240 (ITU-R BT.601), but
// package webp returns those values as an image.YCbCr, for which black is 0 and white 255.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	if err != nil {
		return nil, err
	}
	switch img := img.(type) {
	case *image.YCbCr:
		widen(img)
	case *image.NYCbCrA:
		widen(&img.YCbCr)
	}
	return img, nil
}

func widen(img *image.YCbCr) {
	var luma, chroma [256]byte
	for i := range 256 {
		luma[i] = byte(min(max(((i-16)*255+109)/219, 0), 255))
		chroma[i] = byte(min(max(((i-16)*255+112)/224, 0), 255))
	}
	for i, v := range img.Y {
		img.Y[i] = luma[v]
	}
	for i, v := range img.Cb {
		img.Cb[i] = chroma[v]
	}
	for i, v := range img.Cr {
		img.Cr[i] = chroma[v]
	}
}
