package attachment

import (
	"encoding/binary"
	"time"
)

// mp3Frame is the header of a frame of MPEG audio, layer III (ISO/IEC 11172-3 and 13818-3).
type mp3Frame struct {
	size     int // in bytes, with the header
	samples  int
	rate     int // samples a second
	bitRate  int
	sideInfo int // bytes between the header and the data, or a Xing header
}

var (
	mp3BitRates = [2][16]int{
		{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}, // MPEG 1
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0},     // MPEG 2 and 2.5
	}
	mp3Rates = [4]int{44100, 48000, 32000, 0}
)

// readMP3 reads the header of a frame of layer III.
func readMP3(b []byte) (f mp3Frame, ok bool) {
	const layer3, mono, mpeg25, reserved, mpeg1 = 1, 3, 0, 1, 3
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 || b[1]>>1&3 != layer3 {
		return f, false
	}
	table, divisor, layout := 1, 2, 0
	if b[3]>>6 == mono {
		layout = 1
	}
	f.samples, f.sideInfo = 576, [2]int{17, 9}[layout]
	switch version := b[1] >> 3 & 3; version {
	case reserved:
		return f, false
	case mpeg25:
		divisor = 4
	case mpeg1:
		table, divisor = 0, 1
		f.samples, f.sideInfo = 1152, [2]int{32, 17}[layout]
	}
	f.rate = mp3Rates[b[2]>>2&3] / divisor
	f.bitRate = mp3BitRates[table][b[2]>>4] * 1000
	if f.rate == 0 || f.bitRate == 0 {
		return f, false
	}
	padding := int(b[2] >> 1 & 1)
	f.size = f.samples/8*f.bitRate/f.rate + padding
	return f, true
}

// inspectMP3 passes ID3 tags and looks for two frames in a row. A header in the first tells how many there are; where there is none,
// the bit rate is taken to be constant.
func inspectMP3(s *source, info *Info) section {
	at := s.pastID3(0)
	if head := s.bytes(at, 2); head != nil && head[0] == 0xff && head[1]&0xf6 == 0xf0 {
		info.MIME = "audio/aac"
		return s.adts(at, info)
	}
	for end := at + maxRead; at < end; at++ {
		f, ok := readMP3(s.bytes(at, 4))
		if !ok {
			continue
		}
		if _, ok := readMP3(s.bytes(at+int64(f.size), 4)); !ok && at+int64(f.size) < s.size {
			continue
		}
		info.Kind = Audio
		info.Duration = s.mp3Duration(at, f)
		break
	}
	return section{}
}

// pastID3 returns the place behind the ID3v2 tags at a place.
func (s *source) pastID3(at int64) int64 {
	for {
		head := s.bytes(at, 10)
		if head == nil || string(head[:3]) != "ID3" {
			return at
		}
		size := 10
		for shift, b := range head[6:] { // seven bits in each byte
			size += int(b&0x7f) << (21 - 7*shift)
		}
		if hasFooter := head[5]&0x10 != 0; hasFooter {
			size += 10
		}
		at += int64(size)
	}
}

func (s *source) mp3Duration(at int64, f mp3Frame) time.Duration {
	const hasFrames = 1
	if xing := s.bytes(at+4+int64(f.sideInfo), 12); xing != nil && (string(xing[:4]) == "Xing" || string(xing[:4]) == "Info") {
		if binary.BigEndian.Uint32(xing[4:])&hasFrames != 0 {
			return f.duration(uint64(binary.BigEndian.Uint32(xing[8:])))
		}
	}
	if vbri := s.bytes(at+4+32, 18); vbri != nil && string(vbri[:4]) == "VBRI" {
		return f.duration(uint64(binary.BigEndian.Uint32(vbri[14:])))
	}
	end := s.size
	if tail := s.bytes(end-128, 3); string(tail) == "TAG" { // ID3v1
		end -= 128
	}
	return span{uint64(max(0, end-at)) * 8, uint64(f.bitRate)}.duration()
}

func (f mp3Frame) duration(frames uint64) time.Duration {
	return span{frames * uint64(f.samples), uint64(f.rate)}.duration()
}
