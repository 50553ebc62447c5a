package attachment

import (
	"encoding/binary"
	"iter"
)

// box is a box of an ISO base media file (ISO/IEC 14496-12), or an atom of QuickTime: a name and the part of the file behind its header.
type box struct {
	name    string
	at, end int64
}

// boxes yields the boxes in a part of the file.
func (s *source) boxes(at, end int64) iter.Seq[box] {
	return func(yield func(box) bool) {
		for at < end {
			b, ok := s.box(at, end)
			if !ok || !yield(b) {
				return
			}
			at = b.end
		}
	}
}

// box reads the header of the box at a place.
func (s *source) box(at, end int64) (box, bool) {
	head := s.bytes(at, 8)
	if head == nil {
		return box{}, false
	}
	b, size := box{name: string(head[4:8]), at: at + 8}, uint64(binary.BigEndian.Uint32(head))
	switch size {
	case 0: // up to the end
		size = uint64(end - at)
	case 1: // too large for 32 bits
		large := s.bytes(at+8, 8)
		if large == nil {
			return box{}, false
		}
		b.at, size = at+16, binary.BigEndian.Uint64(large)
	}
	b.end = at + int64(min(size, uint64(end-at)))
	return b, b.end >= b.at
}

// child returns the first box of the given names, each in the one before.
func (s *source) child(parent box, names ...string) (box, bool) {
	for _, name := range names {
		found := false
		for b := range s.boxes(parent.at, parent.end) {
			if found = b.name == name; found {
				parent = b
				break
			}
		}
		if !found {
			return box{}, false
		}
	}
	return parent, true
}

// fields reads the fields of a full box, which begins with a version and flags. Those of version 1 have 64 bits where the sizes are
// negative.
func (s *source) fields(b box, sizes ...int) (values []uint64, flags uint32, rest int64) {
	head := s.bytes(b.at, 4)
	if head == nil {
		return make([]uint64, len(sizes)), 0, b.end
	}
	version, flags := head[0], binary.BigEndian.Uint32(head)&0xffffff
	values, at := make([]uint64, len(sizes)), b.at+4
	for i, size := range sizes {
		if size < 0 {
			size = -size
			if version == 1 {
				size = 8
			}
		}
		values[i] = s.number(at, size)
		at += int64(size)
	}
	return values, flags, at
}

// number reads a number of up to 8 bytes, the first one being the highest; 0 beyond the end of the file.
func (s *source) number(at int64, size int) uint64 {
	var n uint64
	for _, b := range s.bytes(at, size) {
		n = n<<8 | uint64(b)
	}
	return n
}
