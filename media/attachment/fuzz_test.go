package attachment

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"greengate/media"
)

func addSamples(f *testing.F, add func(src []byte)) {
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		add(sample(f, name))
	}
	add(encodeJPEG(f, 40, 20))
	add(encodePNG(f, 40, 20))
	add(wav(16000, 10))
	add(append([]byte("#!AMR\n"), make([]byte, 50)...))
	add(slices.Concat(ftyp, makeBoxes("moov", mvhd(0), trak(1, "vide", "avc1", turned, 320, 240, 0)), moof(0, 50, 60)))
	add(pdfFile("/Info << /Title <feff0416> >>", "<< /Pages 2 0 R >>", "<< /Count 3 >>"))
}

// FuzzInspect wants what Info promises, whatever the file.
func FuzzInspect(f *testing.F) {
	addSamples(f, func(src []byte) { f.Add(src) })
	i := New(media.NewPictures(media.Limits{MaxPixels: 1 << 16}))
	f.Fuzz(func(t *testing.T, src []byte) {
		info, err := i.Inspect(t.Context(), bytes.NewReader(src), int64(len(src)), "file")
		if err != nil {
			t.Fatal(err)
		}
		checkPromises(t, info)
	})
}

// FuzzParsers hands the same bytes to every parser, for files that would not pass the look at their first bytes.
func FuzzParsers(f *testing.F) {
	types := slices.Sorted(maps.Keys(parsers))
	addSamples(f, func(src []byte) { f.Add(uint8(slices.Index(types, MIME(src, ""))), src) })
	f.Fuzz(func(t *testing.T, which uint8, src []byte) {
		mime := types[int(which)%len(types)]
		info := Info{Kind: Document, MIME: mime}
		s := &source{ctx: t.Context(), r: bytes.NewReader(src), size: int64(len(src)), left: maxStructure}
		cover := parsers[mime](s, &info)
		if s.err != nil || cover.at < 0 || cover.size < 0 {
			t.Errorf("%v, cover %v", s.err, cover)
		}
		checkPromises(t, info)
	})
}

func checkPromises(t *testing.T, info Info) {
	t.Helper()
	switch {
	case info.Kind == "" || info.MIME == "",
		info.Width < 0 || info.Height < 0 || (info.Width == 0) != (info.Height == 0) && info.Kind != Document,
		info.Duration < 0 || info.Duration > 1001*time.Hour,
		info.Waveform != nil && (len(info.Waveform) != waveformPoints || slices.Max(info.Waveform) > 100),
		info.Waveform != nil && info.Kind != Voice,
		info.Pages < 0 || !utf8.ValidString(info.Title) || utf8.RuneCountInString(info.Title) > 200:
		t.Errorf("%+v", info)
	}
}

func FuzzPDFObject(f *testing.F) {
	f.Add([]byte("<< /A#42 [1 0 R (x\\051) <4> true] % comment\n /N -3 >>"))
	f.Fuzz(func(t *testing.T, src []byte) {
		l := lexer{src: src}
		for len(l.src) > 0 {
			before := len(l.src)
			if l.value(); len(l.src) >= before {
				t.Fatalf("stuck at %q", l.src)
			}
		}
	})
}
