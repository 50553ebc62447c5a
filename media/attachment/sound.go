package attachment

import (
	"encoding/binary"
)

// inspectWAV reads the chunks of a RIFF file up to the samples.
func inspectWAV(s *source, info *Info) section {
	perSecond := uint64(0)
	for at := int64(12); ; {
		head := s.bytes(at, 8)
		if head == nil {
			return section{}
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "fmt ":
			if format := s.bytes(at+8, 16); format != nil {
				perSecond = uint64(binary.LittleEndian.Uint32(format[8:]))
			}
		case "data":
			info.Kind = Audio
			rest := s.size - at - 8
			if size == 0 || size > rest { // written before it was known
				size = rest
			}
			info.Duration = span{uint64(size), perSecond}.duration()
			return section{}
		}
		at += 8 + size + size&1
	}
}

// inspectFLAC reads the stream information (RFC 9639, section 8.2), which comes first.
func inspectFLAC(s *source, info *Info) section {
	if body := s.bytes(8, 18); body != nil {
		info.Kind = Audio
		packed := binary.BigEndian.Uint64(body[10:]) // 20 bits of rate, 3 of channels, 5 of depth, 36 of samples
		info.Duration = span{packed & (1<<36 - 1), packed >> 44}.duration()
	}
	return section{}
}

// inspectADTS reads AAC as it is streamed (ISO/IEC 13818-7, section 6.2).
func inspectADTS(s *source, info *Info) section { return s.adts(0, info) }

var adtsRates = [16]uint64{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

func (s *source) adts(at int64, info *Info) section {
	const samples = 1024
	head := s.bytes(at, 7)
	if head == nil {
		return section{}
	}
	rate := adtsRates[head[2]>>2&15]
	frames := s.countFrames(at, func(at int64) int {
		head := s.bytes(at, 7)
		if head == nil || head[0] != 0xff || head[1]&0xf6 != 0xf0 {
			return 0
		}
		return int(head[3]&3)<<11 | int(head[4])<<3 | int(head[5]>>5)
	})
	if frames > 0 && rate > 0 {
		info.Kind = Audio
		info.Duration = span{uint64(frames * samples), rate}.duration()
	}
	return section{}
}

// Sizes of the frames of AMR and AMR-WB by their mode (RFC 4867, section 5.3).
var (
	amrSizes   = [16]int{13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1}
	amrWBSizes = [16]int{18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1}
)

func inspectAMR(s *source, info *Info) section {
	sizes, at := amrSizes, int64(6)
	if string(s.bytes(0, 9)) == "#!AMR-WB\n" {
		sizes, at, info.MIME = amrWBSizes, 9, "audio/amr-wb"
	}
	frames := s.countFrames(at, func(at int64) int {
		if head := s.bytes(at, 1); head != nil {
			return sizes[head[0]>>3&15]
		}
		return 0
	})
	if frames > 0 {
		info.Kind = Audio
		const perSecond = 50
		info.Duration = span{uint64(frames), perSecond}.duration()
	}
	return section{}
}

// countFrames passes the frames of a stream that has no index; size tells that of the one at a place, or 0 where there is none. Behind the
// first few hundred kilobytes, the rest is taken to go on like that.
func (s *source) countFrames(from int64, size func(at int64) int) float64 {
	const counted = 256 << 10
	frames, at := 0, from
	for at < s.size && at < from+counted {
		n := size(at)
		if n < 1 {
			return float64(frames)
		}
		at += int64(n)
		frames++
	}
	if at >= s.size {
		return float64(frames)
	}
	return float64(frames) * float64(s.size-from) / float64(at-from)
}
