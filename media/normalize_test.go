package media

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/disintegration/imaging"

	"greengate/media/jpegscale"
	"greengate/media/scene"
)

// patient limits leave a picture all the time it takes: under the race detector, on a busy machine, that is much.
var patient = Limits{Deadline: time.Hour, Wait: time.Hour}

// normalized runs the whole pipeline and decodes what comes out, after checking what holds for every result.
func normalized(t testing.TB, src []byte) image.Image {
	t.Helper()
	got, err := NewPictures(patient).Normalize(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	return checked(t, got)
}

func checked(t testing.TB, got Picture) image.Image {
	t.Helper()
	for _, metadata := range []string{"JFIF", "Exif", "ICC_PROFILE", "Adobe"} {
		if bytes.Contains(got.JPEG, []byte(metadata)) {
			t.Errorf("result has a segment of %s", metadata)
		}
	}
	if f, err := jpegscale.Open(got.JPEG); err != nil || f.Progressive {
		t.Errorf("result is not a baseline JPEG: %v", err)
	}
	img, err := jpeg.Decode(bytes.NewReader(got.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size != image.Pt(got.Side, got.Side) || got.Side < minSide || got.Side > maxSide {
		t.Errorf("result has %v pixels, Side is %d", size, got.Side)
	}
	return img
}

// wantCells compares the centre of each cell of img with rows as letters draws them.
func wantCells(t *testing.T, img image.Image, rows ...string) {
	t.Helper()
	want := letters(1, rows...)
	cell := img.Bounds().Dx() / len(rows[0])
	for y := range rows {
		for x := range rows[y] {
			got := color.NRGBAModel.Convert(img.At(x*cell+cell/2, y*cell+cell/2)).(color.NRGBA)
			if w := want.NRGBAAt(x, y); distance(got, w) > 16 {
				t.Errorf("cell %d,%d is %v, want %v", x, y, got, w)
			}
		}
	}
}

func distance(a, b color.NRGBA) int {
	far := func(a, b byte) int { return max(int(a)-int(b), int(b)-int(a)) }
	return max(far(a.R, b.R), far(a.G, b.G), far(a.B, b.B))
}

// psnr compares pictures of one size, in decibels over all three channels.
func psnr(t testing.TB, a, b image.Image) float64 {
	t.Helper()
	if a.Bounds().Size() != b.Bounds().Size() {
		t.Fatalf("sizes differ: %v, %v", a.Bounds(), b.Bounds())
	}
	x, y := imaging.Clone(a).Pix, imaging.Clone(b).Pix
	sum := 0.0
	for i := range x {
		d := float64(x[i]) - float64(y[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(x)*3/4)/cmp.Or(sum, 1e-9))
}

// TestFormats normalises one picture of four coloured quarters, the last of them white or transparent.
func TestFormats(t *testing.T) {
	opaque, open := letters(32, "rg", "bw"), letters(32, "rg", "b-")
	palette := image.NewPaletted(opaque.Rect, letterPalette)
	deep := image.NewNRGBA64(opaque.Rect)
	gray := image.NewGray(opaque.Rect)
	for y := range 64 {
		for x := range 64 {
			palette.Set(x, y, open.At(x, y))
			deep.Set(x, y, open.At(x, y))
			gray.Set(x, y, opaque.At(x, y))
		}
	}
	for name, src := range map[string][]byte{
		"JPEG":                encodeJPEG(t, opaque),
		"JPEG progressive":    readFile(t, "quarters-progressive.jpg"),
		"JPEG CMYK":           readFile(t, "quarters-cmyk.jpg"),
		"PNG":                 encodePNG(t, opaque),
		"PNG alpha":           encodePNG(t, open),
		"PNG palette":         encodePNG(t, palette),
		"PNG 16 bits":         encodePNG(t, deep),
		"PNG interlaced":      readFile(t, "quarters-interlaced.png"),
		"WebP":                readFile(t, "quarters-lossy.webp"),
		"WebP alpha":          readFile(t, "quarters-alpha.webp"),
		"WebP lossless":       readFile(t, "quarters-lossless.webp"),
		"WebP lossless alpha": readFile(t, "quarters-lossless-alpha.webp"),
	} {
		t.Run(name, func(t *testing.T) {
			wantCells(t, normalized(t, src), "rg", "bw")
		})
	}
	for name, src := range map[string][]byte{"JPEG gray": encodeJPEG(t, gray), "PNG gray": encodePNG(t, gray)} {
		t.Run(name, func(t *testing.T) {
			img := normalized(t, src)
			for _, at := range []image.Point{{48, 48}, {144, 48}, {48, 144}, {144, 144}} {
				want := gray.GrayAt(at.X/3, at.Y/3).Y
				got := color.NRGBAModel.Convert(img.At(at.X, at.Y)).(color.NRGBA)
				if distance(got, color.NRGBA{want, want, want, 255}) > 6 {
					t.Errorf("%v is %v, want gray %d", at, got, want)
				}
			}
		})
	}
}

func TestOrientation(t *testing.T) {
	// How each orientation stores a picture that is r g / b y when upright.
	stored := map[orientation][]string{
		upright: {"rg", "by"}, mirrored: {"gr", "yb"}, rotated180: {"yb", "gr"}, flipped: {"by", "rg"},
		transposed: {"rb", "gy"}, rotated90: {"gy", "rb"}, transversed: {"yg", "br"}, rotated270: {"br", "yg"},
	}
	for o, rows := range stored {
		img := letters(100, rows...)
		for name, src := range map[string][]byte{
			"JPEG little endian": jpegWithExif(encodeJPEG(t, img), exif(binary.LittleEndian, o)),
			"JPEG big endian":    jpegWithExif(encodeJPEG(t, img), exif(binary.BigEndian, o)),
			"PNG":                pngWithExif(encodePNG(t, img), exif(binary.BigEndian, o)),
		} {
			t.Run(fmt.Sprintf("%s %d", name, o), func(t *testing.T) {
				wantCells(t, normalized(t, src), "rg", "by")
			})
		}
	}
	t.Run("WebP", func(t *testing.T) {
		src := webpWithExif(readFile(t, "quarters-lossy.webp"), exif(binary.LittleEndian, rotated180))
		wantCells(t, normalized(t, src), "wb", "gr")
	})
	t.Run("invalid", func(t *testing.T) {
		src := jpegWithExif(encodeJPEG(t, letters(100, "rg", "by")), exif(binary.LittleEndian, 9))
		wantCells(t, normalized(t, src), "rg", "by")
	})
}

// TestCropBeforeScale has wide and tall pictures whose middle differs from their ends.
func TestCropBeforeScale(t *testing.T) {
	for _, cell := range []int{3, 50, 400} {
		wide := letters(cell, "krgk", "kbyk")
		tall := letters(cell, "kk", "rg", "by", "kk")
		wantCells(t, normalized(t, encodePNG(t, wide)), "rg", "by")
		wantCells(t, normalized(t, encodePNG(t, tall)), "rg", "by")
		if cell%2 == 0 { // or the colours of two cells share a sample
			turned := jpegWithExif(encodeJPEG(t, wide), exif(binary.LittleEndian, rotated90))
			wantCells(t, normalized(t, turned), "br", "yg")
		}
	}
}

func TestSide(t *testing.T) {
	for _, c := range []struct{ width, height, want int }{
		{1, 1, 192},
		{3, 500, 192},
		{191, 191, 192},
		{192, 300, 192},
		{193, 193, 193},
		{500, 301, 301},
		{640, 640, 640},
		{641, 641, 640},
		{1281, 1279, 640},
	} {
		src := encodeJPEG(t, image.NewGray(image.Rect(0, 0, c.width, c.height)))
		if got := normalized(t, src).Bounds().Dx(); got != c.want {
			t.Errorf("%d x %d becomes %d, want %d", c.width, c.height, got, c.want)
		}
	}
}

// TestFlatten has pictures that are reduced by whole blocks, or not at all, and leave a rest on one side or both.
func TestFlatten(t *testing.T) {
	img := scene.Photo(3, 100, 71)
	for want, block := range map[int]int{100: 1, 36: 1, 35: 1, 17: 2, 10: 3, 1: 35} {
		side := 71 / block * block
		crop := image.Rect(0, 0, 71, 71).Add(image.Pt(14, 0))
		got, err := flatten(t.Context(), img, shape{crop: crop, width: want, height: want})
		if err != nil {
			t.Fatal(err)
		}
		at := crop.Min.Add(image.Pt((71-side)/2, (71-side)/2))
		reference := imaging.Crop(img, image.Rectangle{at, at.Add(image.Pt(side, side))})
		if db := psnr(t, got, imaging.Resize(reference, side/block, side/block, imaging.Box)); db < 50 {
			t.Errorf("want %d: %.1f dB from averages of %d x %d", want, db, block, block)
		}
	}
}

func TestQualityLadder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name  string
		noise int
		small bool
	}{{"calm", 20, true}, {"busy", 60, true}, {"noise only", 256, false}} {
		img := image.NewGray(image.Rect(0, 0, maxSide, maxSide))
		for i := range img.Pix {
			img.Pix[i] = byte(random.IntN(c.noise))
		}
		got, err := NewPictures(Limits{}).Normalize(t.Context(), encodePNG(t, img))
		if err != nil {
			t.Fatal(err)
		}
		if checked(t, got); (len(got.JPEG) <= wantBytes) != c.small {
			t.Errorf("%s: %d bytes", c.name, len(got.JPEG))
		}
	}
}
