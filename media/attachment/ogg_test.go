package attachment

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"
)

// oggPage is a page of whole packets that ends at a granule.
func oggPage(granule uint64, packets ...[]byte) []byte {
	out := append([]byte("OggS\x00\x00"), binary.LittleEndian.AppendUint64(nil, granule)...)
	out = append(out, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // serial number; sequence number and checksum are nobody's business
	var lacing []byte
	for _, p := range packets {
		lacing = append(append(lacing, bytes.Repeat([]byte{255}, len(p)/255)...), byte(len(p)%255))
	}
	out = append(append(out, byte(len(lacing))), lacing...)
	return append(out, slices.Concat(packets...)...)
}

func opusHead(channels byte) []byte {
	return oggPage(0, []byte("OpusHead\x01"+string(channels)+"\x38\x01\x80\xbb\x00\x00\x00\x00\x00"))
}

// TestWaveformIsHeard holds the waveform to a file that is a tone for a second and silent for another, at a constant bit rate.
func TestWaveformIsHeard(t *testing.T) {
	w := inspect(t, sample(t, "halfsilent.ogg"), "").Waveform
	if len(w) != waveformPoints || slices.Max(w) != 100 {
		t.Fatalf("waveform is %v", w)
	}
	if loud, quiet := slices.Min(w[3:29]), slices.Max(w[35:]); loud < 80 || quiet > 5 {
		t.Errorf("waveform is %v", w)
	}
}

// TestWaveformOfSizes has packets that no decoder takes: 20 ms that are to be padded with more than there is. The second half
// is of packets half as large.
func TestWaveformOfSizes(t *testing.T) {
	broken := func(size int) []byte { return append([]byte{9<<3 | 3, 0x41, 250}, make([]byte, size-3)...) }
	src := opusHead(1)
	for i := range 100 {
		src = append(src, oggPage(uint64(i+1)*960+312, broken(200/(1+i/50)))...)
	}
	info := inspect(t, src, "")
	want := slices.Concat(bytes.Repeat([]byte{100}, 32), bytes.Repeat([]byte{50}, 32))
	if info.Kind != Voice || info.Duration != 2*time.Second || !bytes.Equal(info.Waveform, want) {
		t.Errorf("%v", info)
	}
}

func TestVoiceWithoutWaveform(t *testing.T) {
	empty := append(opusHead(1), oggPage(48312)...) // says that it lasts a second
	if info := inspect(t, empty, ""); info.Kind != Voice || info.Duration != time.Second || info.Waveform != nil {
		t.Errorf("%v", info)
	}
	if info := inspect(t, opusHead(1), ""); info.Kind != Voice || info.Duration != 0 || info.Waveform != nil {
		t.Errorf("%v", info)
	}
}

// TestPackets wants packets put together that go on in a further page, and other streams passed over.
func TestPackets(t *testing.T) {
	long := bytes.Repeat([]byte("long"), 200)
	first := oggPage(1, long[:510])
	first[26], first = 2, slices.Delete(first, 29, 30) // without the lacing value that ends the packet
	other := oggPage(1, []byte("other"))
	other[14] = 8
	src := slices.Concat(oggPage(1, []byte("one"), nil, []byte("two")), first, other, oggPage(2, long[510:], []byte("last")))
	var got [][]byte
	for p := range (&source{ctx: t.Context(), r: bytes.NewReader(src), size: int64(len(src)), left: maxStructure}).packets(7) {
		got = append(got, bytes.Clone(p))
	}
	if want := [][]byte{[]byte("one"), nil, []byte("two"), long, []byte("last")}; !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%q", got)
	}
}

func TestOpusDuration(t *testing.T) {
	for packet, want := range map[string]time.Duration{
		"\x00x":    10 * time.Millisecond,     // SILK
		"\x18x":    60 * time.Millisecond,     // SILK
		"\x61x":    2 * 10 * time.Millisecond, // hybrid, two frames
		"\x6ax":    2 * 20 * time.Millisecond, // hybrid, two frames
		"\x80x":    2500 * time.Microsecond,   // CELT
		"\xfb\x06": 6 * 20 * time.Millisecond, // CELT, six frames
		"\xfb\x07": 0,                         // longer than allowed
		"OpusHead": 0,
		"OpusTags": 0,
		"\x00":     0,
	} {
		if got := opusDuration([]byte(packet)); got != want {
			t.Errorf("%q lasts %v, want %v", packet, got, want)
		}
	}
}

// TestDenseNote wants no work on packets that last longer than the note.
func TestDenseNote(t *testing.T) {
	packets := slices.Repeat([][]byte{{0xfb, 0x06}}, 250) // 120 ms each
	src := append(opusHead(1), bytes.Repeat(oggPage(48312, packets...), 2000)...)
	f := &counting{r: bytes.NewReader(src)}
	info, err := New(nil).Inspect(t.Context(), f, int64(len(src)), "")
	if err != nil || info.Duration != time.Second || len(info.Waveform) != waveformPoints || f.read > 100<<10 {
		t.Errorf("read %d bytes of %d, %v, %v", f.read, len(src), info, err)
	}
}

// TestLongNote wants a note of an hour to be heard in part, and at the right places.
func TestLongNote(t *testing.T) {
	speech, pause := opusPackets(t)
	src, at := opusHead(1), uint64(312)
	const hour = 180_000 // packets
	for i := 0; i < hour; i += 50 {
		packets := speech
		if i >= hour/2 {
			packets = pause
		}
		at += 50 * 960
		src = append(src, oggPage(at, packets...)...)
	}
	start := time.Now()
	w := inspect(t, src, "").Waveform
	t.Logf("%d bytes in %v: %v", len(src), time.Since(start), w)
	if len(w) != waveformPoints || slices.Min(w[:31]) < 60 || slices.Max(w[33:]) > 10 {
		t.Errorf("waveform is %v", w)
	}
}

// opusPackets returns fifty packets of sound and fifty of silence.
func opusPackets(t *testing.T) (sound, silence [][]byte) {
	t.Helper()
	src := sample(t, "halfsilent.ogg")
	s := &source{ctx: t.Context(), r: bytes.NewReader(src), size: int64(len(src)), left: maxStructure}
	p, _ := s.page(0)
	var all [][]byte
	for packet := range s.packets(p.serial) {
		all = append(all, bytes.Clone(packet))
	}
	return all[2:52], slices.Repeat(all[80:90], 5)
}
