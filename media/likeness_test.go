package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"testing"

	"github.com/disintegration/imaging"

	"greengate/media/jpegscale"
	"greengate/media/scene"
)

// centred is the centred square of a picture at a size, whatever becomes of its pixels on the way.
func centred(h header, side int) shape {
	s := profileShape(h)
	s.width, s.height = side, side
	return s
}

// rendered returns the centred square of src before it is encoded.
func rendered(t testing.TB, src []byte, side int) *image.YCbCr {
	t.Helper()
	img, err := NewPictures(patient).render(t.Context(), src, func(h header) shape { return centred(h, side) })
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// wanted returns what imaging makes of src from a full decode.
func wanted(t testing.TB, src []byte, side int) image.Image {
	t.Helper()
	img, err := imaging.Decode(bytes.NewReader(src), imaging.AutoOrientation(true))
	if err != nil {
		t.Fatal(err)
	}
	return imaging.Fill(img, side, side, imaging.Center, imaging.Lanczos)
}

func like(t *testing.T, src []byte, side int, atLeast float64) {
	t.Helper()
	if got := ssim(t, rendered(t, src, side), wanted(t, src, side)); got < atLeast {
		t.Errorf("%d pixels: similarity is %.4f, want %.4f", side, got, atLeast)
	}
}

// TestScales has sides that lead to each of the decoder's scales, and ones that enlarge.
func TestScales(t *testing.T) {
	src := encodeJPEG(t, scene.Photo(1, 1000, 803))
	for _, side := range []int{1000, 803, 640, 400, 301, 200, 150, 100, 50, 31} {
		like(t, src, side, 0.997)
	}
}

func TestOnlyDC(t *testing.T) {
	src := readFile(t, "scene-progressive.jpg")
	f, err := jpegscale.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := f.Plan(image.Rect(80, 0, 560, 480), image.Pt(120, 120)); err != nil || p.Memory > 60*60*3*3 {
		t.Errorf("decoding takes %d bytes, more than DC coefficients need; %v", p.Memory, err)
	}
	like(t, src, 60, 0.985)
	like(t, src, 61, 0.997)
}

func TestPNG(t *testing.T) {
	src := encodePNG(t, scene.Photo(2, 700, 901))
	for _, side := range []int{640, 330, 170} {
		like(t, src, side, 0.995)
	}
}

func TestOrientations(t *testing.T) {
	plain := encodeJPEG(t, scene.Photo(3, 404, 300))
	for o := upright; o <= rotated270; o++ {
		like(t, jpegWithExif(plain, exif(binary.LittleEndian, o)), 200, 0.997)
		like(t, jpegWithExif(plain, exif(binary.LittleEndian, o)), 101, 0.99) // colour samples lie elsewhere in odd sizes
	}
}

func TestThumbnail(t *testing.T) {
	p := NewPictures(patient)
	sharp, err := p.Thumbnail(t.Context(), Sample())
	if err != nil {
		t.Fatal(err)
	}
	soft, err := p.Blurred(t.Context(), Sample())
	if err != nil {
		t.Fatal(err)
	}
	img, err := imaging.Decode(bytes.NewReader(Sample()), imaging.AutoOrientation(true))
	if err != nil {
		t.Fatal(err)
	}
	want := imaging.Resize(img, 54, 72, imaging.Lanczos)
	for _, c := range []struct {
		got  Thumbnail
		want image.Image
	}{{sharp, want}, {soft, imaging.Blur(want, 2)}} {
		if c.got.Width != 960 || c.got.Height != 1280 {
			t.Errorf("original is %d x %d", c.got.Width, c.got.Height)
		}
		if len(c.got.JPEG) > 3000 {
			t.Errorf("thumbnail has %d bytes", len(c.got.JPEG))
		}
		small, err := imaging.Decode(bytes.NewReader(c.got.JPEG))
		if err != nil {
			t.Fatal(err)
		}
		if similar := ssim(t, small, c.want); similar < 0.9 {
			t.Errorf("similarity is %.4f", similar)
		}
	}
}

func TestThumbnailSizes(t *testing.T) {
	for _, c := range []struct{ width, height, wantWidth, wantHeight int }{
		{1, 1, 1, 1}, {72, 30, 72, 30}, {30, 20, 30, 20}, {144, 100, 72, 50}, {50, 1000, 4, 72}, {3000, 2, 72, 1},
	} {
		got, err := NewPictures(patient).Thumbnail(t.Context(), encodeJPEG(t, image.NewGray(image.Rect(0, 0, c.width, c.height))))
		if err != nil {
			t.Fatal(err)
		}
		f, err := jpegscale.Open(got.JPEG)
		if err != nil {
			t.Fatal(err)
		}
		if f.Width != c.wantWidth || f.Height != c.wantHeight || got.Width != c.width || got.Height != c.height {
			t.Errorf("%d x %d becomes %d x %d", c.width, c.height, f.Width, f.Height)
		}
	}
}

// TestWeights holds the filters to what the lanes of apply have room for.
func TestWeights(t *testing.T) {
	for _, k := range []kernel{lanczos, soft} {
		for _, c := range []struct {
			length, count int
			at, span      float64
		}{
			{1, 192, 0, 1},
			{2, 192, 0, 2},
			{9, 640, 0.5, 8},
			{640, 640, 0, 640},
			{641, 640, 0, 641},
			{1512, 640, 0.25, 1511.5},
			{9248, 640, 1156, 6936},
			{5, 1, 0, 5},
			{3, 2, 1.5, 1.5},
			{700, 72, 0, 700},
		} {
			taps := newTaps(k, c.length, c.at, c.span, c.count)
			for i, start := range taps.start {
				sum, size := int64(0), int64(0)
				for _, w := range taps.weights[i*taps.size:][:taps.size] {
					sum += int64(w)
					size += max(int64(w), -int64(w))
				}
				if sum != 1<<weightBits || size > 2<<weightBits || start < 0 || start+taps.size > c.length {
					t.Fatalf("%+v: output %d begins at %d, weights add up to %d, without signs to %d", c, i, start, sum, size)
				}
			}
		}
	}
}

// TestFlatPictures wants no change of a single colour, by any filter at any size.
func TestFlatPictures(t *testing.T) {
	for _, v := range []byte{0, 1, 127, 254, 255} {
		p := newPlane(37, 2)
		for i := range p.Pix {
			p.Pix[i] = v
		}
		for _, width := range []int{1, 5, 36, 37, 90} {
			r := resizer{kernel: lanczos}
			got := r.resize(p, width, 4)
			for i := range 4 {
				if row := got.Pix[i*got.Stride:][:width]; !bytes.Equal(row, bytes.Repeat([]byte{v}, width)) {
					t.Fatalf("%d becomes %d", v, row)
				}
			}
		}
	}
}

func TestTransparentPixelsAreWhite(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 300, 300))
	for i := range img.Pix {
		img.Pix[i] = 100
		if i%4 == 3 {
			img.Pix[i] = 51 // a fifth of the colour, four fifths of white
		}
	}
	got := color.NRGBAModel.Convert(rendered(t, encodePNG(t, img), 300).At(150, 150)).(color.NRGBA)
	if distance(got, color.NRGBA{224, 224, 224, 255}) > 2 {
		t.Errorf("translucent gray becomes %v", got)
	}
}
