package jpegscale

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"
)

// noise returns a picture with samples that differ by at most level from a slope.
func noise(width, height, level int) *image.YCbCr {
	random := rand.New(rand.NewPCG(uint64(width), uint64(height)))
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for i, pix := range [][]byte{img.Y, img.Cb, img.Cr} {
		stride := []int{img.YStride, img.CStride, img.CStride}[i]
		for at := range pix {
			pix[at] = byte(min(max(at%stride+at/stride+random.IntN(2*level+1)-level, 0), 255))
		}
	}
	return img
}

// TestEncodeAgainstStandardLibrary wants files as small and pictures as good as image/jpeg makes.
func TestEncodeAgainstStandardLibrary(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {7, 9}, {16, 16}, {17, 31}, {72, 54}, {193, 193}, {640, 640}} {
		for _, quality := range []int{1, 30, 50, 80, 95, 100} {
			img := noise(size.X, size.Y, 20)
			got, err := Encode(img, 1<<20, quality)
			if err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			if err := jpeg.Encode(&want, img, &jpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			if len(got) > want.Len()*101/100+4 {
				t.Errorf("%v at %d: %d bytes, image/jpeg takes %d", size, quality, len(got), want.Len())
			}
			a, b := loss(t, got, img), loss(t, want.Bytes(), img)
			for i := range a {
				if a[i] < b[i]-0.2 && a[i] < 50 {
					t.Errorf("%v at %d: component %d is %.1f dB from the original, with image/jpeg %.1f", size, quality, i, a[i], b[i])
				}
			}
		}
	}
}

// loss returns how far the planes of src are from those of img, in decibels.
func loss(t *testing.T, src []byte, img *image.YCbCr) (db [3]float64) {
	t.Helper()
	decoded := reference(src)
	if decoded == nil {
		t.Fatal("image/jpeg does not decode the file")
	}
	size := img.Rect.Size()
	half := size.Add(image.Pt(1, 1)).Div(2)
	_, db[0] = difference(Plane{Pix: img.Y, Stride: img.YStride, Width: size.X, Height: size.Y}, decoded[0])
	_, db[1] = difference(Plane{Pix: img.Cb, Stride: img.CStride, Width: half.X, Height: half.Y}, decoded[1])
	_, db[2] = difference(Plane{Pix: img.Cr, Stride: img.CStride, Width: half.X, Height: half.Y}, decoded[2])
	return db
}

func TestEncodeExtremes(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 64, 64), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = byte(255 * (i ^ i>>6) & 255) // single pixels of black and white
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(255*(i/32%2)), byte(255*(i%2))
	}
	got, err := Encode(img, 1<<20, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, db := range loss(t, got, img) {
		if db < 45 {
			t.Errorf("component %d is %.1f dB from the original", i, db)
		}
	}
}

func TestEncodeFits(t *testing.T) {
	img := noise(640, 640, 30)
	sizes := map[int]int{}
	for _, quality := range []int{80, 70, 60, 50} {
		out, err := Encode(img, 0, quality)
		if err != nil {
			t.Fatal(err)
		}
		sizes[quality] = len(out)
	}
	for _, c := range []struct{ size, want int }{
		{sizes[80], 80}, {sizes[80] - 1, 70}, {sizes[60], 60}, {sizes[60] - 1, 50}, {sizes[50] - 1, 50}, {0, 50},
	} {
		out, err := Encode(img, c.size, 80, 70, 60, 50)
		if err != nil || len(out) != sizes[c.want] {
			t.Errorf("%d bytes for at most %d, want those of quality %d, %d; %v", len(out), c.size, c.want, sizes[c.want], err)
		}
	}
}

func TestEncodeOtherSampling(t *testing.T) {
	if _, err := Encode(image.NewYCbCr(image.Rect(0, 0, 8, 8), image.YCbCrSubsampleRatio444), 1<<20, 80); !errors.Is(err, ErrSampling) {
		t.Error(err)
	}
}
