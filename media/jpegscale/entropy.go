package jpegscale

import "encoding/binary"

// entropy reads an entropy-coded segment (B.1.1.5) from its first bit to a marker or the end of the data.
//
// The loops that decode coefficients keep the two variables that change with every code, the bits at hand and their number, to
// themselves, and call more when they run low. The bits stand at the most significant end of acc; what lies below the count is
// either zero or a prefix of what comes next, so that more may set it again.
type entropy struct {
	data   []byte
	pos    int
	acc    uint64
	count  uint
	padded uint // zero bits added behind the end of the segment
	broken bool // a code was met that no table has, or that leads out of its block
}

// enough is the number of bits that hold any code with its value. more provides it.
const enough = 32

// more fills acc with at least 56 bits.
func (b *entropy) more(acc uint64, count uint) (uint64, uint) {
	if b.pos+8 <= len(b.data) {
		next := binary.BigEndian.Uint64(b.data[b.pos:])
		if hasFF := (^next - 0x0101010101010101) & next & 0x8080808080808080; hasFF == 0 {
			size := (63 - count) >> 3
			b.pos += int(size)
			return acc | next>>(count&63), count + size*8
		}
	}
	return b.moreBytes(acc, count)
}

// moreBytes is more for segments that have stuffed bytes or their end near.
func (b *entropy) moreBytes(acc uint64, count uint) (uint64, uint) {
	for ; count <= 56; count += 8 {
		var next byte
		switch {
		case b.pos >= len(b.data):
			b.padded += 8
		case b.data[b.pos] != 0xff:
			next = b.data[b.pos]
			b.pos++
		case b.pos+1 < len(b.data) && b.data[b.pos+1] == 0:
			next = 0xff
			b.pos += 2
		default:
			b.padded += 8
		}
		acc |= uint64(next) << (56 - count)
	}
	return acc, count
}

// take reads n bits, at most 16.
func (b *entropy) take(n uint) uint32 {
	if b.count < enough {
		b.acc, b.count = b.more(b.acc, b.count)
	}
	v := b.acc >> (63 - n) >> 1 // n may be 0
	b.acc <<= n
	b.count -= n
	return uint32(v)
}

// drop passes n bits.
func (b *entropy) drop(n int) {
	for ; n > 0; n -= 16 {
		b.take(uint(min(n, 16)))
	}
}

// sound tells whether all that was read was really there.
func (b *entropy) sound() bool {
	return b.count >= b.padded && !b.broken
}

// restart begins anew behind the next restart marker (E.2.4). It tells whether there is one.
func (b *entropy) restart() bool {
	b.acc, b.count, b.padded = 0, 0, 0
	for ; b.pos+1 < len(b.data); b.pos++ {
		if next := b.data[b.pos+1]; b.data[b.pos] == 0xff && next >= markerRST0 && next <= markerRST7 {
			b.pos += 2
			return true
		}
	}
	return false
}
