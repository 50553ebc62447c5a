package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"math"
	"runtime"
	"testing"
	"time"

	"greengate/media/scene"
)

// sized returns a WebP of one chunk that declares a size and holds no picture.
func sized(name string, body ...byte) []byte {
	return webpChunk("RIFF", append([]byte("WEBP"), webpChunk(name, body)...))
}

// costs returns what f takes at best, since other work on the machine may delay one run.
func costs(f func()) (took time.Duration, allocated uint64) {
	took, allocated = time.Hour, math.MaxUint64
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		f()
		took = min(took, time.Since(start))
		runtime.ReadMemStats(&after)
		allocated = min(allocated, after.TotalAlloc-before.TotalAlloc)
	}
	return took, allocated
}

func TestRefused(t *testing.T) {
	small := letters(32, "rg", "bw")
	asJPEG, asPNG := encodeJPEG(t, small), encodePNG(t, small)
	asWebP := readFile(t, "quarters-lossy.webp")
	frame := bytes.Index(asJPEG, []byte{0xff, markerSOF0})
	withFrame := func(at int, b ...byte) []byte {
		src := bytes.Clone(asJPEG)
		copy(src[frame+at:], b)
		return src
	}
	withIHDR := func(at int, b ...byte) []byte {
		src := bytes.Clone(asPNG)
		copy(src[16+at:], b)
		return src
	}
	for name, c := range map[string]struct {
		src  []byte
		want error
	}{
		"nothing":                      {nil, ErrEmpty},
		"text":                         {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), ErrUnsupported},
		"GIF":                          {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), ErrUnsupported},
		"BMP":                          {append([]byte("BM"), make([]byte, 60)...), ErrUnsupported},
		"TIFF":                         {exif(binary.LittleEndian, upright), ErrUnsupported},
		"HEIC":                         {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), ErrUnsupported},
		"RIFF sound":                   {webpChunk("RIFF", []byte("WAVEfmt ")), ErrUnsupported},
		"three bytes of JPEG":          {asJPEG[:3], ErrCorrupt},
		"half a JPEG":                  {asJPEG[:len(asJPEG)/2], ErrCorrupt},
		"JPEG without its last bytes":  {asJPEG[:len(asJPEG)-8], ErrCorrupt},
		"JPEG without scans":           {append(bytes.Clone(asJPEG[:frame]), 0xff, markerEOI), ErrCorrupt},
		"JPEG of no width":             {withFrame(7, 0, 0), ErrCorrupt},
		"JPEG of no height":            {withFrame(5, 0, 0), ErrCorrupt},
		"JPEG with two frames":         {append(bytes.Clone(asJPEG[:frame+19]), asJPEG[frame:]...), ErrCorrupt},
		"JPEG with arithmetic coding":  {withFrame(1, 0xc9), ErrUnsupported},
		"lossless JPEG":                {withFrame(1, 0xc3), ErrUnsupported},
		"JPEG of 12 bits":              {withFrame(4, 12), ErrUnsupported},
		"JPEG of 65500 x 65500":        {withFrame(5, 0xff, 0xdc, 0xff, 0xdc), ErrTooLarge},
		"progressive of 65500 x 65500": {scanHeader(65500, 65500), ErrTooLarge},
		"progressive with 883 scans":   {scene.ScanBomb(2048, 2048, 883), ErrTooLarge},
		"large, with 30 scans":         {scene.ScanBomb(8192, 8192, 30), ErrTooLarge},
		"half a PNG":                   {asPNG[:len(asPNG)/2], ErrCorrupt},
		"PNG signature":                {asPNG[:8], ErrCorrupt},
		"PNG of no width":              {withIHDR(0, 0, 0, 0, 0), ErrCorrupt},
		"PNG of 2^31 x 2^31":           {withIHDR(0, 0x80, 0, 0, 0, 0x80, 0, 0, 0), ErrTooLarge},
		"PNG 16 bits of 60 Mi":         {withIHDR(0, 0, 0, 0x20, 0, 0, 0, 0x1e, 0, 16), ErrTooLarge},
		"PNG with a wrong checksum":    {withIHDR(4, 0, 0, 0, 65), ErrCorrupt},
		"half a WebP":                  {asWebP[:len(asWebP)/2], ErrCorrupt},
		"WebP without picture":         {webpChunk("RIFF", []byte("WEBP")), ErrCorrupt},
		"WebP with a cut chunk":        {webpChunk("RIFF", []byte("WEBPVP8 \xff\xff\x00\x00")), ErrCorrupt},
		"animated WebP":                {sized("VP8X", 2, 0, 0, 0, 9, 0, 0, 9, 0, 0), ErrUnsupported},
		"extended WebP of 2^24 x 2^24": {sized("VP8X", 16, 0, 0, 0, 255, 255, 255, 255, 255, 255), ErrTooLarge},
		"lossless WebP of 16384^2":     {sized("VP8L", 0x2f, 255, 255, 255, 15), ErrTooLarge},
		"lossy WebP of 16383^2":        {sized("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, 255, 63, 255, 63), ErrTooLarge},
		"WebP header only":             {sized("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, 9, 0, 9, 0), ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			took, allocated := costs(func() {
				if _, err := NewPictures(Limits{}).Normalize(t.Context(), c.src); !errors.Is(err, c.want) {
					t.Errorf("error is %v, want %v", err, c.want)
				}
			})
			if took > 50*time.Millisecond || allocated > 1<<20 {
				t.Errorf("refusing %d bytes took %v and %d bytes", len(c.src), took, allocated)
			}
		})
	}
}

// scanHeader returns a progressive JPEG of under a kilobyte that declares a size and holds one empty scan.
func scanHeader(width, height int) []byte {
	src := scene.ScanBomb(1024, 1024, 1)
	frame := bytes.Index(src, []byte{0xff, markerSOF2})
	binary.BigEndian.PutUint16(src[frame+5:], uint16(height))
	binary.BigEndian.PutUint16(src[frame+7:], uint16(width))
	return src
}

func TestLimits(t *testing.T) {
	src := encodeJPEG(t, image.NewGray(image.Rect(0, 0, 100, 80)))
	scans := scene.ScanBomb(1024, 1024, 5)
	for _, c := range []struct {
		name   string
		limits Limits
		src    []byte
		want   error
	}{
		{"bytes", Limits{MaxBytes: int64(len(src)) - 1}, src, ErrTooLarge},
		{"just enough bytes", Limits{MaxBytes: int64(len(src))}, src, nil},
		{"pixels", Limits{MaxPixels: 7999}, src, ErrTooLarge},
		{"just enough pixels", Limits{MaxPixels: 8000}, src, nil},
		{"scans", Limits{MaxScans: 4}, scans, ErrTooLarge},
		{"just enough scans", Limits{MaxScans: 5}, scans, nil},
		{"pixels times scans", Limits{MaxScanPixels: 5<<20 - 1}, scans, ErrTooLarge},
		{"just enough pixels times scans", Limits{MaxScanPixels: 5 << 20}, scans, nil},
		{"memory", Limits{Memory: 8000}, src, ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := NewPictures(c.limits).Normalize(t.Context(), c.src); !errors.Is(err, c.want) {
				t.Errorf("error is %v, want %v", err, c.want)
			}
		})
	}
}

// TestLargestPhones has the sizes of phones that promise 50 and 64 megapixels pass the header walk.
func TestLargestPhones(t *testing.T) {
	for _, c := range [][2]int{{8192, 6144}, {9248, 6936}} {
		src := encodeJPEG(t, image.NewGray(image.Rect(0, 0, 8, 8)))
		frame := bytes.Index(src, []byte{0xff, markerSOF0})
		binary.BigEndian.PutUint16(src[frame+5:], uint16(c[1]))
		binary.BigEndian.PutUint16(src[frame+7:], uint16(c[0]))
		if _, err := NewPictures(Limits{}).inspect(src); err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
}
