package attachment

import (
	"cmp"
	"iter"
	"math"
	"math/bits"
	"strings"
	"time"
)

// IDs of Matroska's elements (RFC 9559).
const (
	idSegment        = 0x18538067
	idInfo           = 0x1549a966
	idTimestampScale = 0x2ad7b1
	idDuration       = 0x4489
	idTracks         = 0x1654ae6b
	idTrackEntry     = 0xae
	idTrackType      = 0x83
	idVideo          = 0xe0
	idPixelWidth     = 0xb0
	idPixelHeight    = 0xba
	idCluster        = 0x1f43b675

	typeAudio = 2
)

// element is an element of EBML (RFC 8794), with the part of the file behind its header.
type element struct {
	id      uint64
	at, end int64
}

// inspectMatroska reads what stands in front of the first cluster. The file is a document: WhatsApp's clients do not all play it.
func inspectMatroska(s *source, info *Info) section {
	sound := false
	for e := range s.matroskaHeaders() {
		switch e.id {
		case idInfo:
			info.Duration = s.matroskaDuration(e)
		case idTrackEntry:
			sound = s.number(s.firstOf(e, idTrackType).at, 1) == typeAudio || sound
			if video := s.firstOf(e, idVideo); info.Width == 0 {
				info.Width = s.unsigned(s.firstOf(video, idPixelWidth))
				info.Height = s.unsigned(s.firstOf(video, idPixelHeight))
			}
		}
	}
	if sound && info.Width == 0 {
		info.MIME = strings.Replace(info.MIME, "video/", "audio/", 1)
	}
	return section{}
}

// matroskaHeaders yields the segment information and the tracks.
func (s *source) matroskaHeaders() iter.Seq[element] {
	return func(yield func(element) bool) {
		segment := s.firstOf(element{end: s.size}, idSegment)
		for e := range s.elements(segment.at, segment.end) {
			switch e.id {
			case idCluster:
				return
			case idInfo:
				if !yield(e) {
					return
				}
			case idTracks:
				for e := range s.elements(e.at, e.end) {
					if e.id == idTrackEntry && !yield(e) {
						return
					}
				}
			}
		}
	}
}

// firstOf returns the first element of an id in another, or an empty one at the end of the file.
func (s *source) firstOf(parent element, id uint64) element {
	for e := range s.elements(parent.at, parent.end) {
		if e.id == id {
			return e
		}
	}
	return element{at: s.size, end: s.size}
}

// unsigned reads a number of up to 31 bits.
func (s *source) unsigned(e element) int {
	return int(s.number(e.at, int(min(e.end-e.at, 8))) & (1<<31 - 1))
}

func (s *source) matroskaDuration(e element) time.Duration {
	nanoseconds := cmp.Or(s.unsigned(s.firstOf(e, idTimestampScale)), 1_000_000)
	if d := s.float(s.firstOf(e, idDuration)) * float64(nanoseconds); d > 0 && d < float64(1000*time.Hour) {
		return time.Duration(d)
	}
	return 0
}

// elements yields the elements in a part of the file. One of unknown size is taken to end with the part.
func (s *source) elements(at, end int64) iter.Seq[element] {
	return func(yield func(element) bool) {
		for at < end {
			id, idSize := s.vint(at, false)
			size, sizeSize := s.vint(at+idSize, true)
			if idSize == 0 || sizeSize == 0 {
				return
			}
			e := element{id: id, at: at + idSize + sizeSize, end: end}
			if unknown := uint64(1)<<(7*sizeSize) - 1; size != unknown {
				e.end = e.at + int64(min(size, uint64(max(0, end-e.at))))
			}
			if at = e.end; !yield(e) {
				return
			}
		}
	}
}

// vint reads a number that tells its own size, in bytes, by the zeros it begins with; the size is 0 if there is none.
func (s *source) vint(at int64, masked bool) (n uint64, size int64) {
	first := s.bytes(at, 1)
	if first == nil || first[0] == 0 {
		return 0, 0
	}
	size = int64(bits.LeadingZeros8(first[0])) + 1
	if s.bytes(at, int(size)) == nil {
		return 0, 0
	}
	n = s.number(at, int(size))
	if masked {
		n &= uint64(1)<<(7*size) - 1
	}
	return n, size
}

func (s *source) float(e element) float64 {
	switch e.end - e.at {
	case 4:
		return float64(math.Float32frombits(uint32(s.number(e.at, 4))))
	case 8:
		return math.Float64frombits(s.number(e.at, 8))
	}
	return 0
}
