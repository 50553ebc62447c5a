package attachment

import (
	"encoding/binary"

	"greengate/media"
)

// inspectJPEG walks over the segments up to the frame header, which has the size (ITU-T T.81, annex B).
func inspectJPEG(s *source, info *Info) section {
	const sof0, sof15, dht, jpg, dac, sos, app1 = 0xc0, 0xcf, 0xc4, 0xc8, 0xcc, 0xda, 0xe1
	sideways := false
	for at := int64(2); ; {
		head := s.bytes(at, 4)
		if head == nil || head[0] != 0xff {
			return section{}
		}
		marker, size := head[1], int(binary.BigEndian.Uint16(head[2:]))
		switch {
		case marker == 0xff: // a fill byte
			at++
			continue
		case marker == sos || size < 2:
			return section{}
		case marker == app1:
			if body := s.bytes(at+4, size-2); len(body) > 6 && string(body[:6]) == "Exif\x00\x00" {
				sideways = sideways || media.Sideways(body[6:])
			}
		case marker >= sof0 && marker <= sof15 && marker != dht && marker != jpg && marker != dac:
			if body := s.bytes(at+4, 5); body != nil {
				height, width := binary.BigEndian.Uint16(body[1:]), binary.BigEndian.Uint16(body[3:])
				return info.picture(Image, int(width), int(height), sideways, s.size)
			}
		}
		at += 2 + int64(size)
	}
}

func inspectPNG(s *source, info *Info) section {
	head := s.bytes(8, 16)
	if head == nil || string(head[4:8]) != "IHDR" {
		return section{}
	}
	width, height := binary.BigEndian.Uint32(head[8:]), binary.BigEndian.Uint32(head[12:])
	return info.picture(Image, int(width), int(height), s.pngSideways(), s.size)
}

// pngSideways looks for EXIF data in front of the picture's own, where it must stand.
func (s *source) pngSideways() bool {
	for at := int64(8); ; {
		head := s.bytes(at, 8)
		if head == nil || string(head[4:]) == "IDAT" {
			return false
		}
		size := binary.BigEndian.Uint32(head)
		if string(head[4:]) == "eXIf" {
			return media.Sideways(s.bytes(at+8, int(min(size, maxRead))))
		}
		at += 12 + int64(size)
	}
}

// picture notes the size of a picture as stored, and returns where it lies if it is one to make a thumbnail of.
func (info *Info) picture(kind Kind, width, height int, sideways bool, bytes int64) section {
	if width < 1 || height < 1 {
		return section{}
	}
	if sideways {
		width, height = height, width
	}
	info.Kind, info.Width, info.Height = kind, width, height
	if int64(width)*int64(height) > maxPixels || kind == Sticker {
		return section{}
	}
	return section{0, bytes}
}

// inspectWebP reads the header of the first chunk, and looks for EXIF data and frames behind it.
func inspectWebP(s *source, info *Info) section {
	head := make([]byte, 18)
	copy(head, s.upTo(12, len(head))) // the smallest files are shorter
	width, height := webpSize(head)
	sideways := false
	if extended := string(head[:4]) == "VP8X"; extended {
		info.Animated, sideways = s.webpChunks()
	}
	kind := Sticker
	if max(width, height) > maxSticker {
		kind = Document
	}
	cover := info.picture(kind, width, height, sideways, s.size)
	if info.Animated {
		return section{}
	}
	return cover
}

const maxSticker = 512

// webpSize reads the size from the first chunk: of the canvas if it is VP8X, else of the picture.
func webpSize(chunk []byte) (width, height int) {
	body := chunk[8:]
	switch string(chunk[:4]) {
	case "VP8X":
		return uint24(body[4:]) + 1, uint24(body[7:]) + 1
	case "VP8 ":
		return int(binary.LittleEndian.Uint16(body[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(body[8:]) & 0x3fff)
	case "VP8L":
		bits := binary.LittleEndian.Uint32(body[1:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1
	}
	return 0, 0
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func (s *source) webpChunks() (animated, sideways bool) {
	for at := int64(12); ; {
		head := s.bytes(at, 8)
		if head == nil {
			return animated, sideways
		}
		size := binary.LittleEndian.Uint32(head[4:])
		switch string(head[:4]) {
		case "ANIM":
			return true, sideways
		case "EXIF":
			tiff := s.bytes(at+8, int(min(size, maxRead)))
			return animated, media.Sideways(trimExif(tiff))
		}
		at += 8 + int64(size) + int64(size&1)
	}
}

func trimExif(b []byte) []byte {
	if len(b) > 6 && string(b[:6]) == "Exif\x00\x00" {
		return b[6:]
	}
	return b
}

// inspectGIF passes the blocks until a second picture shows that it is animated.
func inspectGIF(s *source, info *Info) section {
	head := s.bytes(6, 7)
	if head == nil {
		return section{}
	}
	cover := info.picture(Image, int(binary.LittleEndian.Uint16(head)), int(binary.LittleEndian.Uint16(head[2:])), false, s.size)
	at := 13 + gifPalette(head[4])
	for pictures := 0; ; {
		block := s.bytes(at, 1)
		switch {
		case block == nil || block[0] != '!' && block[0] != ',':
			return cover
		case block[0] == '!':
			at = s.gifSkip(at + 2)
			continue
		}
		if pictures++; pictures == 2 {
			info.Animated = true
			return cover
		}
		frame := s.bytes(at, 11)
		if frame == nil {
			return cover
		}
		at = s.gifSkip(at + 11 + gifPalette(frame[9]))
	}
}

// gifPalette returns the bytes of the colour table that flags tell of.
func gifPalette(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// gifSkip returns the place behind a chain of sub-blocks.
func (s *source) gifSkip(at int64) int64 {
	for {
		size := s.bytes(at, 1)
		if size == nil {
			return s.size
		}
		if at++; size[0] == 0 {
			return at
		}
		at += int64(size[0])
	}
}
