package scene

import (
	"bytes"
	"encoding/binary"
)

// Markers of JPEG (T.81, table B.1).
const (
	eoi  = 0xd9
	sos  = 0xda
	dqt  = 0xdb
	dht  = 0xc4
	sof2 = 0xc2
)

// ScanBomb is not a picture but a trap: a valid grey progressive JPEG whose scans say nothing, in a dozen bytes each, while a decoder
// goes over all blocks for every one of them. Its sides are multiples of 1024. No more than 1 + 63*14 scans are valid: one for the DC
// coefficients and fourteen bit planes for each of the others.
func ScanBomb(width, height, scans int) []byte {
	frame := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), 1, 1, 0x11, 0}
	out := segment([]byte{0xff, 0xd8}, dqt, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))
	out = segment(out, sof2, frame)
	// One code of one bit each: for DC the category 0, for AC a run of 1 << 14 empty blocks and as many more as 14 bits say.
	out = segment(out, dht, append([]byte{0x00, 1}, make([]byte, 16)...))
	out = segment(out, dht, append(append([]byte{0x10, 1}, make([]byte, 15)...), 0xe0))
	blocks := width / 8 * height / 8
	out = segment(out, sos, []byte{1, 1, 0, 0, 0, 0})
	out = append(out, make([]byte, blocks/8)...)
	for i := range scans - 1 {
		k, low := byte(1+i/14), byte(13-i%14)
		high := byte(0)
		if low < 13 {
			high = low + 1
		}
		out = segment(out, sos, []byte{1, 1, 0, k, k, high<<4 | low})
		out = append(out, make([]byte, (15*blocks>>14+7)/8)...)
	}
	return append(out, 0xff, eoi)
}

// segment appends a marker segment.
func segment(dst []byte, marker byte, body []byte) []byte {
	dst = append(dst, 0xff, marker)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(body)+2))
	return append(dst, body...)
}
