package jpegscale

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files returns the files of testdata: one scene of package scene, 83 x 61 pixels, as cjpeg writes it. The numbers in their names are the
// sampling factors of brightness.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.jpg")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".jpg")] = src
	}
	return all
}

var everything = image.Pt(1<<20, 1<<20) // more samples than any file has

// planes decodes crop of src at the scales that want leads to.
func planes(t testing.TB, src []byte, crop image.Rectangle, want image.Point) []Plane {
	t.Helper()
	f, err := Open(src)
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Plan(crop, want)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Decode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wholeOf(t testing.TB, src []byte) image.Rectangle {
	t.Helper()
	f, err := Open(src)
	if err != nil {
		t.Fatal(err)
	}
	return image.Rect(0, 0, f.Width, f.Height)
}

// reference decodes with image/jpeg; nil if it does not support the file.
func reference(src []byte) []Plane {
	img, err := jpeg.Decode(bytes.NewReader(src))
	if err != nil {
		return nil
	}
	switch img := img.(type) {
	case *image.Gray:
		return []Plane{{Pix: img.Pix, Stride: img.Stride}}
	case *image.YCbCr:
		return []Plane{{Pix: img.Y, Stride: img.YStride}, {Pix: img.Cb, Stride: img.CStride}, {Pix: img.Cr, Stride: img.CStride}}
	}
	return nil
}

// difference returns the mean difference of the samples of a to those of b, and the ratio of signal to noise in decibels.
func difference(a, b Plane) (mean, db float64) {
	sum, squares := 0.0, 0.0
	for y := range a.Height {
		for x := range a.Width {
			d := math.Abs(float64(a.Pix[y*a.Stride+x]) - float64(b.Pix[y*b.Stride+x]))
			sum += d
			squares += d * d
		}
	}
	count := float64(a.Width * a.Height)
	return sum / count, 10 * math.Log10(255*255/max(squares/count, 1e-9))
}

func TestFullSizeAgainstStandardLibrary(t *testing.T) {
	compared := 0
	for name, src := range files(t) {
		want := reference(src)
		if want == nil {
			continue
		}
		compared++
		for i, p := range planes(t, src, wholeOf(t, src), everything) {
			if mean, db := difference(p, want[i]); mean > 0.1 || db > 0 && db < 60 {
				t.Errorf("%s: component %d differs by %.2f levels, %.1f dB", name, i, mean, db)
			}
		}
	}
	if compared < 18 {
		t.Errorf("image/jpeg decodes only %d of the files", compared)
	}
}

// TestProgressiveEqualsBaseline holds files to their twins of the other process, which have the same coefficients.
func TestProgressiveEqualsBaseline(t *testing.T) {
	all := files(t)
	for _, name := range []string{"11", "12", "21", "22", "41", "42", "gray", "restart"} {
		baseline, progressive := all["baseline-"+name], all["progressive-"+name]
		for _, want := range []int{1000, 60, 44, 30, 22, 18} {
			a := planes(t, baseline, wholeOf(t, baseline), image.Pt(want, want))
			b := planes(t, progressive, wholeOf(t, progressive), image.Pt(want, want))
			for i := range a {
				if !bytes.Equal(a[i].Pix, b[i].Pix) {
					t.Errorf("%s, %d samples: component %d differs", name, want, i)
				}
			}
		}
	}
}

// TestWindow wants of a crop what the same place has in the whole picture.
func TestWindow(t *testing.T) {
	crops := []image.Rectangle{
		image.Rect(0, 0, 1, 1), image.Rect(82, 60, 83, 61), image.Rect(11, 0, 72, 61), image.Rect(0, 13, 83, 30),
		image.Rect(16, 16, 32, 32), image.Rect(15, 17, 33, 31), image.Rect(40, 2, 47, 60),
	}
	for name, src := range files(t) {
		if name == "arithmetic" || name == "rgb" {
			continue
		}
		for n := range 9 {
			if n == 0 || n == 5 || n == 7 {
				continue
			}
			whole := fixedScale(t, src, wholeOf(t, src), n)
			for _, crop := range crops {
				for i, p := range fixedScale(t, src, crop, n) {
					compareWindow(t, name, crop, n, p, whole[i])
				}
			}
		}
	}
}

// fixedScale decodes all components with n x n samples a block.
func fixedScale(t *testing.T, src []byte, crop image.Rectangle, n int) []Plane {
	t.Helper()
	f, err := Open(src)
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Plan(crop, everything)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.frame.components {
		p.frame.components[i].n = n
	}
	out, err := p.Decode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func compareWindow(t *testing.T, name string, crop image.Rectangle, n int, p, whole Plane) {
	t.Helper()
	if p.X < 0 || p.Y < 0 || p.X+p.W > float64(p.Width) || p.Y+p.H > float64(p.Height) {
		t.Errorf("%s %v %d/8: crop at %v,%v size %v,%v lies outside of %d x %d", name, crop, n, p.X, p.Y, p.W, p.H, p.Width, p.Height)
	}
	// Where the first sample of the window is in the whole plane.
	left := int(math.Round(float64(crop.Min.X)*whole.W/83 - p.X))
	top := int(math.Round(float64(crop.Min.Y)*whole.H/61 - p.Y))
	for y := range p.Height {
		a, b := p.Pix[y*p.Stride:][:p.Width], whole.Pix[(top+y)*whole.Stride+left:][:p.Width]
		if !bytes.Equal(a, b) {
			t.Errorf("%s %v %d/8: row %d differs from the whole picture", name, crop, n, y)
			return
		}
	}
}

// TestScalesLookAlike compares each scale with averages of the full size.
func TestScalesLookAlike(t *testing.T) {
	src := files(t)["baseline-finest"]
	full := planes(t, src, wholeOf(t, src), everything)
	for _, n := range []int{1, 2, 4} {
		block := 8 / n
		for i, p := range fixedScale(t, src, wholeOf(t, src), n) {
			average := Plane{Pix: make([]byte, len(p.Pix)), Stride: p.Stride}
			p.Width, p.Height = 80/block, 56/block // whole blocks only
			for y := range p.Height {
				for x := range p.Width {
					sum := 0
					for at := range block * block {
						sum += int(full[i].Pix[(y*block+at/block)*full[i].Stride+x*block+at%block])
					}
					average.Pix[y*p.Stride+x] = byte(sum / (block * block))
				}
			}
			if _, db := difference(p, average); db < 33 {
				t.Errorf("component %d at %d/8 is %.1f dB from averages", i, n, db)
			}
		}
	}
}

func TestChosenScale(t *testing.T) {
	all := files(t)
	for _, c := range []struct {
		name       string
		want       int
		luma, blue int
	}{
		{"baseline-22", 61, 8, 8},
		{"baseline-22", 44, 6, 6},
		{"baseline-22", 30, 4, 4},
		{"baseline-22", 22, 3, 3},
		{"baseline-22", 14, 2, 2},
		{"baseline-22", 6, 1, 1},
		{"baseline-22", 62, 8, 8},
		{"baseline-11", 61, 8, 6},
		{"baseline-11", 30, 4, 2},
		{"baseline-21", 61, 8, 8},
		{"baseline-gray", 30, 4, 0},
		{"progressive-22", 16, 3, 3},
		{"progressive-22", 12, 1, 1},
		{"progressive-22", 30, 4, 4},
	} {
		f, err := Open(all[c.name])
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Plan(image.Rect(11, 0, 72, 61), image.Pt(c.want, c.want))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.frame.components; got[0].n != c.luma || len(got) > 1 && got[1].n != c.blue {
			t.Errorf("%s for %d samples: %+v", c.name, c.want, got)
		}
	}
}

func TestUnsupported(t *testing.T) {
	if _, err := Open(files(t)["arithmetic"]); !errors.Is(err, ErrUnsupported) {
		t.Errorf("arithmetic coding: %v", err)
	}
	f, err := Open(files(t)["rgb"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Plan(image.Rect(0, 0, 83, 61), everything); !errors.Is(err, ErrUnsupported) {
		t.Errorf("RGB: %v", err)
	}
}

func TestMissingEnd(t *testing.T) {
	for name, src := range files(t) {
		if name == "arithmetic" || name == "rgb" {
			continue
		}
		want := planes(t, src, wholeOf(t, src), everything)
		got := planes(t, src[:len(src)-2], wholeOf(t, src), everything)
		for i := range want {
			if !bytes.Equal(got[i].Pix, want[i].Pix) {
				t.Errorf("%s: component %d differs without EOI", name, i)
			}
		}
	}
}

// TestCutOff has files that end too early for the whole picture, but not for its upper rows.
func TestCutOff(t *testing.T) {
	for _, name := range []string{"baseline-22", "baseline-gray", "baseline-restart"} {
		src := files(t)[name]
		cut := src[:len(src)*3/4]
		f, err := Open(cut)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := f.Plan(image.Rect(0, 0, 83, 61), everything)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := whole.Decode(t.Context()); !errors.Is(err, ErrFormat) {
			t.Errorf("%s, cut off: %v", name, err)
		}
		planes(t, cut, image.Rect(0, 0, 83, 8), everything)
	}
}

func TestContext(t *testing.T) {
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(reason)
	for _, name := range []string{"baseline-22", "progressive-22"} {
		f, err := Open(files(t)[name])
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Plan(image.Rect(0, 0, 83, 61), everything)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Decode(ctx); !errors.Is(err, reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMemory holds the estimate to what decoding really allocates.
func TestMemory(t *testing.T) {
	const tables = 200_000
	for _, name := range []string{"baseline-11", "progressive-11"} {
		f, err := Open(files(t)[name])
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Plan(image.Rect(0, 0, 83, 61), everything)
		if err != nil {
			t.Fatal(err)
		}
		allocated := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := p.Decode(t.Context()); err != nil {
					b.Fatal(err)
				}
			}
		}).AllocedBytesPerOp()
		if allocated > p.Memory+tables {
			t.Errorf("%s: allocated %d bytes, Memory is %d", name, allocated, p.Memory)
		}
	}
}
