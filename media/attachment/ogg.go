package attachment

import (
	"bytes"
	"encoding/binary"
	"iter"
	"time"
)

// page is a page of an Ogg file (RFC 3533).
type page struct {
	serial   uint32 // of its stream
	lacing   []byte // tells the sizes of its packets
	at, next int64  // where its data begins, and the next page
}

// page reads the header of the page at a place. Its lacing is valid until something else is read.
func (s *source) page(at int64) (page, bool) {
	const fixed = 27
	head := s.bytes(at, fixed)
	if head == nil || string(head[:4]) != "OggS" {
		return page{}, false
	}
	count := int(head[26])
	if head = s.bytes(at, fixed+count); head == nil {
		return page{}, false
	}
	p := page{
		serial: binary.LittleEndian.Uint32(head[14:]),
		lacing: head[fixed:],
		at:     at + int64(fixed+count),
	}
	p.next = p.at
	for _, n := range p.lacing {
		p.next += int64(n)
	}
	return p, true
}

// inspectOgg tells by the first packet what a file holds. One with moving pictures is a document.
func inspectOgg(s *source, info *Info) section {
	p, ok := s.page(0)
	if !ok {
		return section{}
	}
	head := bytes.Clone(s.upTo(p.at, 30))
	switch {
	case len(head) >= 19 && string(head[:8]) == "OpusHead":
		info.MIME = "audio/ogg; codecs=opus"
		info.Kind = Audio
		delay := int64(binary.LittleEndian.Uint16(head[10:]))
		info.Duration = s.oggDuration(p.serial, delay, opusRate)
		if channels := head[9]; channels == 1 {
			info.Kind = Voice
			info.Waveform = s.waveform(p.serial, info.Duration)
		}
	case len(head) >= 30 && string(head[:7]) == "\x01vorbis":
		info.Kind = Audio
		info.Duration = s.oggDuration(p.serial, 0, binary.LittleEndian.Uint32(head[12:]))
	}
	return section{}
}

// oggDuration finds the last page of a stream, which tells how many samples there are. A page has fewer than maxRead bytes.
func (s *source) oggDuration(serial uint32, delay int64, rate uint32) time.Duration {
	from := max(0, s.size-maxRead)
	tail := bytes.Clone(s.upTo(from, maxRead))
	for end := len(tail); ; {
		i := bytes.LastIndex(tail[:end], []byte("OggS"))
		if i < 0 {
			return 0
		}
		if end = i; len(tail)-i < 27 {
			continue
		}
		granule, of := int64(binary.LittleEndian.Uint64(tail[i+6:])), binary.LittleEndian.Uint32(tail[i+14:])
		if of == serial && granule > delay {
			return span{uint64(granule - delay), uint64(rate)}.duration()
		}
	}
}

// packets yields the packets of a stream. They are valid until the next one.
func (s *source) packets(serial uint32) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var packet []byte
		for p, ok := s.page(0); ok; p, ok = s.page(p.next) {
			if p.serial != serial {
				continue
			}
			at := p.at
			for size, whole := range pieces(bytes.Clone(p.lacing)) {
				if len(packet)+size <= maxPacket {
					packet = append(packet, s.upTo(at, size)...)
				}
				at += int64(size)
				if !whole { // it goes on in the next page
					break
				}
				if !yield(packet) {
					return
				}
				packet = packet[:0]
			}
		}
	}
}

// pieces yields the sizes of the packets of a page, and whether they end there: a value under 255 ends one.
func pieces(lacing []byte) iter.Seq2[int, bool] {
	return func(yield func(int, bool) bool) {
		size, whole := 0, true
		for _, n := range lacing {
			size += int(n)
			if whole = n < 255; !whole {
				continue
			}
			if !yield(size, true) {
				return
			}
			size = 0
		}
		if !whole {
			yield(size, false)
		}
	}
}

// maxPacket is more than any Opus packet of one stream has: 48 frames of 1275 bytes.
const maxPacket = maxRead
