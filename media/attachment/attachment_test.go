package attachment

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greengate/media"
)

func inspect(t testing.TB, src []byte, name string) Info {
	t.Helper()
	info, err := New(media.NewPictures(media.Limits{})).Inspect(t.Context(), bytes.NewReader(src), int64(len(src)), name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// samples are files that other programs made.
var samples = map[string]Info{
	"video.mp4":      {Kind: Video, MIME: "video/mp4", Width: 64, Height: 48, Duration: 2 * time.Second},
	"fragments.mp4":  {Kind: Video, MIME: "video/mp4", Width: 64, Height: 48, Duration: 2200 * time.Millisecond},
	"turned.mov":     {Kind: Video, MIME: "video/quicktime", Width: 48, Height: 64, Duration: 2 * time.Second},
	"video.3gp":      {Kind: Video, MIME: "video/3gpp", Width: 64, Height: 48, Duration: 2 * time.Second},
	"song.m4a":       {Kind: Audio, MIME: "audio/mp4", Duration: 2 * time.Second},
	"video.webm":     {Kind: Document, MIME: "video/webm", Width: 64, Height: 48, Duration: 2 * time.Second},
	"video.mkv":      {Kind: Document, MIME: "video/x-matroska", Width: 64, Height: 48, Duration: 2 * time.Second},
	"sound.webm":     {Kind: Document, MIME: "audio/webm", Duration: 2 * time.Second},
	"song.aac":       {Kind: Audio, MIME: "audio/aac", Duration: 2 * time.Second},
	"variable.mp3":   {Kind: Audio, MIME: "audio/mpeg", Duration: 2 * time.Second},
	"constant.mp3":   {Kind: Audio, MIME: "audio/mpeg", Duration: 2 * time.Second},
	"song.flac":      {Kind: Audio, MIME: "audio/flac", Duration: 100 * time.Millisecond},
	"vorbis.ogg":     {Kind: Audio, MIME: "audio/ogg", Duration: 2 * time.Second},
	"stereo.ogg":     {Kind: Audio, MIME: "audio/ogg; codecs=opus", Duration: 2 * time.Second},
	"voice.ogg":      {Kind: Voice, MIME: "audio/ogg; codecs=opus", Duration: 2 * time.Second},
	"animated.webp":  {Kind: Sticker, MIME: "image/webp", Width: 64, Height: 48, Animated: true},
	"photo.webp":     {Kind: Document, MIME: "image/webp", Width: 600, Height: 400},
	"animated.gif":   {Kind: Image, MIME: "image/gif", Width: 64, Height: 48, Animated: true},
	"still.gif":      {Kind: Image, MIME: "image/gif", Width: 64, Height: 48},
	"plain.pdf":      {Kind: Document, MIME: "application/pdf", Pages: 3, Title: "A (short) title"},
	"packed.pdf":     {Kind: Document, MIME: "application/pdf", Pages: 3, Title: "A (short) title"},
	"linearized.pdf": {Kind: Document, MIME: "application/pdf", Pages: 3, Title: "A (short) title"},
}

func TestSamples(t *testing.T) {
	for name, want := range samples {
		t.Run(name, func(t *testing.T) {
			got := inspect(t, sample(t, name), "file")
			wantThumbnail := strings.HasPrefix(want.MIME, "image/") && want.Kind != Sticker
			if (got.Thumbnail != nil) != wantThumbnail || (got.Waveform != nil) != (want.Kind == Voice) {
				t.Errorf("thumbnail of %d bytes, waveform %v", len(got.Thumbnail), got.Waveform)
			}
			got.Thumbnail, got.Waveform = nil, nil
			// Encoders put a frame or two in front of the sound, and half a second of speech more or less is no matter of this test.
			if near := 150 * time.Millisecond; (got.Duration - want.Duration).Abs() <= near {
				got.Duration = want.Duration
			}
			checkInfo(t, got, want)
		})
	}
}

func TestThumbnailIsSmallAndUpright(t *testing.T) {
	for name, want := range map[string]image.Point{"still.gif": {64, 48}, "photo.webp": {72, 48}} {
		config, err := jpeg.DecodeConfig(bytes.NewReader(inspect(t, sample(t, name), name).Thumbnail))
		if err != nil || config.Width != want.X || config.Height != want.Y {
			t.Errorf("%s: %d x %d, %v", name, config.Width, config.Height, err)
		}
	}
	info := inspect(t, media.Sample(), "photo.jpg") // 1280 x 960 as stored
	config, err := jpeg.DecodeConfig(bytes.NewReader(info.Thumbnail))
	if err != nil || config.Width != 54 || config.Height != 72 || info.Width != 960 || info.Height != 1280 {
		t.Errorf("%d x %d of %d x %d, %v", config.Width, config.Height, info.Width, info.Height, err)
	}
}

// sparse is a file of which only some parts are not zero. It counts what is read of it.
type sparse struct {
	parts map[int64][]byte
	size  int64
	read  int64
}

func (f *sparse) ReadAt(p []byte, at int64) (int, error) {
	n := int(min(int64(len(p)), f.size-at))
	f.read += int64(n)
	clear(p)
	for from, part := range f.parts {
		for i, b := range part {
			if place := from + int64(i); place >= at && place < at+int64(n) {
				p[place-at] = b
			}
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestReadsLittle inspects files of 100 MB.
func TestReadsLittle(t *testing.T) {
	const size, most = 100 << 20, 300 << 10
	mp4, header := sample(t, "video.mp4"), "%PDF-1.7\n"
	moov := mp4[bytes.Index(mp4, []byte("moov"))-4:]
	pdf := makePDF(size-300, "/Info << /Title (far) >>", "<< /Pages 2 0 R >>", "<< /Count 3 >>")
	for name, test := range map[string]struct {
		head, tail []byte
		want       Info
	}{
		"any file": {nil, nil, Info{Kind: Document, MIME: "application/octet-stream"}},
		"MP4": {
			append(bytes.Clone(ftyp), bigBox("mdat", size-int64(len(ftyp)+len(moov)))...), moov,
			Info{Kind: Video, MIME: "video/mp4", Width: 64, Height: 48, Duration: 2 * time.Second},
		},
		"PDF": {
			[]byte(header), append(pdf, make([]byte, 300-len(pdf))...),
			Info{Kind: Document, MIME: "application/pdf", Pages: 3, Title: "far"},
		},
		"FLAC":     {sample(t, "song.flac"), nil, samples["song.flac"]},
		"Matroska": {sample(t, "video.mkv"), nil, samples["video.mkv"]},
		"JPEG":     {encodeJPEG(t, 40, 20), nil, Info{Kind: Image, MIME: "image/jpeg", Width: 40, Height: 20}},
		"WebP":     {sample(t, "photo.webp"), nil, samples["photo.webp"]},
		"GIF":      {sample(t, "animated.gif"), nil, samples["animated.gif"]},
		"WAV":      {wav(0, 0), nil, Info{Kind: Audio, MIME: "audio/wav", Duration: 6553 * time.Second}},
		"MP3":      {sample(t, "constant.mp3"), nil, Info{Kind: Audio, MIME: "audio/mpeg", Duration: 52428 * time.Second}},
		"AAC":      {bytes.Repeat(sample(t, "song.aac"), 70), nil, Info{Kind: Audio, MIME: "audio/aac", Duration: 48930 * time.Second}},
		"AMR":      {[]byte("#!AMR\n"), nil, Info{Kind: Audio, MIME: "audio/amr", Duration: 161319 * time.Second}},
		"Opus": {
			opusHead(1), oggPage(48000*3600+312, []byte("last")),
			Info{Kind: Voice, MIME: "audio/ogg; codecs=opus", Duration: time.Hour},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := &sparse{parts: map[int64][]byte{0: test.head, size - int64(len(test.tail)): test.tail}, size: size}
			got, err := New(media.NewPictures(media.Limits{})).Inspect(t.Context(), f, size, "")
			if err != nil || f.read > most {
				t.Errorf("read %d bytes, %v", f.read, err)
			}
			if (got.Duration - test.want.Duration).Abs() < 100*time.Millisecond+test.want.Duration/1000 {
				got.Duration = test.want.Duration
			}
			checkInfo(t, got, test.want)
		})
	}
}

// TestReadsNoMoreThanAllowed has a file of nothing but small boxes.
func TestReadsNoMoreThanAllowed(t *testing.T) {
	f := &counting{r: bytes.NewReader(append(bytes.Clone(ftyp), bytes.Repeat(makeBox("free", nil), 1<<20)...))}
	info, err := New(media.NewPictures(media.Limits{})).Inspect(t.Context(), f, 8<<20, "")
	if err != nil || f.read > maxStructure || info.Kind != Document {
		t.Errorf("read %d bytes, %v, %v", f.read, info, err)
	}
}

type counting struct {
	r    io.ReaderAt
	read int64
}

func (c *counting) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.r.ReadAt(p, at)
	c.read += int64(n)
	return n, err
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("disk is gone")
	i := New(media.NewPictures(media.Limits{}))
	if _, err := i.Inspect(t.Context(), failing{broken}, 1000, "a"); !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	src := media.Sample()
	if _, err := i.Inspect(ctx, bytes.NewReader(src), int64(len(src)), "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

// TestTruncated wants no panic and no wrong error wherever a file is cut off.
func TestTruncated(t *testing.T) {
	for name := range samples {
		src := sample(t, name)
		for cut := 0; cut < len(src); cut += 1 + cut/20 {
			inspect(t, src[:cut], name)
		}
	}
}
