package attachment

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

func wav(declared uint32, samples int) []byte {
	format := binary.LittleEndian.AppendUint16(nil, 1)
	format = binary.LittleEndian.AppendUint16(format, 1)
	format = binary.LittleEndian.AppendUint32(format, 8000)
	format = binary.LittleEndian.AppendUint32(format, 16000)
	format = append(format, 2, 0, 16, 0)
	data := binary.LittleEndian.AppendUint32([]byte("data"), declared)
	return riff("RIFF", []byte("WAVE"), riff("fmt ", format), riff("LIST", []byte("odd")), data, make([]byte, 2*samples))
}

func TestSound(t *testing.T) {
	const second, constant = time.Second, 417 * 100 * time.Second / 16000
	audio := func(mime string, d time.Duration) Info { return Info{Kind: Audio, MIME: mime, Duration: d} }
	frame := append([]byte{0xff, 0xfb, 0x90, 0xc0}, make([]byte, 413)...) // MPEG 1, 128 kbit/s, 44.1 kHz, mono: 417 bytes
	vbri := bytes.Clone(frame)
	copy(vbri[36:], "VBRI\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00") // 256 frames
	xing := bytes.Clone(frame)
	copy(xing[21:], "Xing\x00\x00\x00\x01\x00\x00\x02\x00") // 512 frames
	mode7, silent, wide := append([]byte{0x3c}, make([]byte, 31)...), []byte{0x7c}, append([]byte{0x04}, make([]byte, 17)...)
	adts := []byte{0xff, 0xf1, 0x58, 0x40, 0x01, 0x00, 0xfc, 0} // 24 kHz, 8 bytes
	id3 := []byte("ID3\x04\x00\x00\x00\x00\x00\x05tag..")
	for name, test := range map[string]struct {
		src  []byte
		want Info
	}{
		"WAV":                {wav(16000, 8000), audio("audio/wav", second)},
		"WAV of no length":   {wav(0, 8000), audio("audio/wav", second)},
		"WAV streamed":       {wav(0xffffffff, 8000), audio("audio/wav", second)},
		"WAV without data":   {wav(0, 0)[:40], Info{Kind: Document, MIME: "audio/wav"}},
		"MP3, constant":      {bytes.Repeat(frame, 100), audio("audio/mpeg", constant)},
		"MP3 behind ID3":     {append(bytes.Clone(id3), bytes.Repeat(frame, 100)...), audio("audio/mpeg", constant)},
		"MP3 before ID3v1":   {append(bytes.Repeat(frame, 100), append([]byte("TAG"), make([]byte, 125)...)...), audio("audio/mpeg", constant)},
		"MP3, VBRI":          {append(vbri, frame...), audio("audio/mpeg", 256*1152*second/44100)},
		"MP3, Xing":          {append(xing, frame...), audio("audio/mpeg", 512*1152*second/44100)},
		"no MP3":             {append([]byte{0xff, 0xfb, 0x90, 0xc0}, make([]byte, 1000)...), Info{Kind: Document, MIME: "audio/mpeg"}},
		"AAC":                {bytes.Repeat(adts, 375), audio("audio/aac", 16*second)},
		"AAC behind ID3":     {append(bytes.Clone(id3), bytes.Repeat(adts, 375)...), audio("audio/aac", 16*second)},
		"AAC, long":          {bytes.Repeat(adts, 375*1000), audio("audio/aac", 16000*second)},
		"AMR":                {append([]byte("#!AMR\n"), bytes.Repeat(mode7, 100)...), audio("audio/amr", 2*second)},
		"AMR of pauses":      {append([]byte("#!AMR\n"), bytes.Repeat(silent, 100)...), audio("audio/amr", 2*second)},
		"AMR-WB":             {append([]byte("#!AMR-WB\n"), bytes.Repeat(wide, 50)...), audio("audio/amr-wb", second)},
		"AMR without frames": {[]byte("#!AMR\n"), Info{Kind: Document, MIME: "audio/amr"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := inspect(t, test.src, "file")
			got.Duration = got.Duration.Round(time.Millisecond)
			test.want.Duration = test.want.Duration.Round(time.Millisecond)
			checkInfo(t, got, test.want)
		})
	}
}
