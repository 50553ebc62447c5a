package attachment

import (
	"math"
	"time"

	"github.com/pion/opus"
)

const (
	opusRate       = 48000                  // granules a second
	decodedRate    = 8000                   // samples a second are enough to tell how loud it is
	waveformPoints = 64                     // as many as WhatsApp's clients draw
	maxVoice       = 16 << 20               // bytes of the longest note that has a waveform: more than an hour
	maxDecoded     = time.Minute            // of sound, which takes a core about a quarter of a second
	burst          = 200 * time.Millisecond // decoded at a stretch of a note longer than maxDecoded
)

// waveform tells how loud a voice note is over its length: waveformPoints values, 100 where it is loudest. Of long notes only as
// much is decoded as lasts maxDecoded. Where nothing can be decoded, the sizes of packets stand for the loudness: encoders
// spend more bytes on speech than on pauses, though not in proportion, and none more where the bit rate is constant. It is nil
// for what is too long or has no sound.
func (s *source) waveform(serial uint32, length time.Duration) []byte {
	if s.size > maxVoice || length <= 0 {
		return nil
	}
	s.left += s.size
	loudness, sizes := envelope{length: length}, envelope{length: length}
	ear := newListener()
	every := 1 + length/maxDecoded
	var at time.Duration
	for packet := range s.packets(serial) {
		if at > length { // hostile: it lasts longer than its last page says
			break
		}
		lasts := opusDuration(packet)
		if lasts == 0 { // the two headers, which are no packets by their first bytes
			continue
		}
		sizes.add(at, float64(len(packet)))
		if at/burst%every == 0 {
			if level, ok := ear.level(packet); ok {
				loudness.add(at, level)
			}
		}
		at += lasts
	}
	if points := loudness.points(); points != nil {
		return points
	}
	return sizes.points()
}

// opusDuration tells how long a packet lasts, by its first byte or two (RFC 6716, section 3.1); 0 if it cannot be a packet.
func opusDuration(packet []byte) time.Duration {
	const longest = opusRate * 120 / 1000 // samples
	if len(packet) < 2 {
		return 0
	}
	config, frames := packet[0]>>3, 1
	var frame int // samples
	switch {
	case config < 12: // SILK
		frame = [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid
		frame = [2]int{480, 960}[config&1]
	default: // CELT
		frame = [4]int{120, 240, 480, 960}[config&3]
	}
	switch packet[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		frames = int(packet[1] & 0x3f)
	}
	if frames*frame > longest {
		return 0
	}
	return time.Duration(frames*frame) * time.Second / opusRate
}

// listener tells how loud packets are.
type listener struct {
	decoder opus.Decoder
	out     []float32
	broken  bool
}

func newListener() *listener {
	decoder, err := opus.NewDecoderWithOutput(decodedRate, 1)
	return &listener{decoder: decoder, out: make([]float32, decodedRate*120/1000), broken: err != nil}
}

// level is the mean amplitude of a packet. A decoder that panics on a stranger's bytes is not asked again.
func (l *listener) level(packet []byte) (level float64, ok bool) {
	if l.broken {
		return 0, false
	}
	defer func() {
		if recover() != nil {
			l.broken, ok = true, false
		}
	}()
	n, err := l.decoder.DecodeToFloat32(packet, l.out)
	if err != nil || n < 1 || n > len(l.out) {
		return 0, false
	}
	sum := 0.0
	for _, v := range l.out[:n] {
		sum += math.Abs(float64(v))
	}
	level = sum / float64(n)
	return level, !math.IsNaN(level) && !math.IsInf(level, 0)
}

// envelope collects values over a length of time.
type envelope struct {
	length time.Duration
	sum    [waveformPoints]float64
	count  [waveformPoints]int
}

func (e *envelope) add(at time.Duration, value float64) {
	i := min(int(float64(at)/float64(e.length)*waveformPoints), waveformPoints-1)
	e.sum[i] += value
	e.count[i]++
}

// points are the means, scaled so that the largest is 100. Where no value was added, the one before goes on. They are nil if there is none
// at all.
func (e *envelope) points() []byte {
	var means [waveformPoints]float64
	loudest, last, empty := 0.0, 0.0, true
	for i, n := range e.count {
		if n > 0 {
			last, empty = e.sum[i]/float64(n), false
		}
		means[i], loudest = last, max(loudest, last)
	}
	if empty {
		return nil
	}
	points := make([]byte, waveformPoints)
	for i, mean := range means {
		if loudest > 0 {
			points[i] = byte(math.Round(mean / loudest * 100))
		}
	}
	return points
}
