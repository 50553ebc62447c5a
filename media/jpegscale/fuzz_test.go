package jpegscale

import (
	"image"
	"testing"
)

// FuzzDecode wants an error or planes of the promised sizes, whatever the input and however much of it is asked for.
func FuzzDecode(f *testing.F) {
	for _, src := range files(f) {
		f.Add(src, uint16(70), uint8(0), uint8(0))
		f.Add(src[:len(src)*2/3], uint16(20), uint8(30), uint8(10))
	}
	f.Fuzz(func(t *testing.T, src []byte, want uint16, left, top uint8) {
		file, err := Open(src)
		if err != nil || file.Width*file.Height > 1<<16 || file.Scans > 20 {
			return
		}
		crop := image.Rect(int(left), int(top), file.Width, file.Height)
		p, err := file.Plan(crop, image.Pt(int(want), int(want)))
		if err != nil {
			return
		}
		planes, err := p.Decode(t.Context())
		if err != nil {
			return
		}
		for _, p := range planes {
			if p.Width < 1 || p.Height < 1 || p.Width > p.Stride || p.Height*p.Stride > len(p.Pix) {
				t.Errorf("plane of %d x %d samples, stride %d, %d bytes", p.Width, p.Height, p.Stride, len(p.Pix))
			}
		}
	})
}

// FuzzDifferential compares with image/jpeg wherever both accept a file.
func FuzzDifferential(f *testing.F) {
	for _, src := range files(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Open(src)
		if err != nil || file.Width*file.Height > 1<<16 || file.Scans > 20 {
			return
		}
		p, err := file.Plan(image.Rect(0, 0, file.Width, file.Height), everything)
		if err != nil {
			return
		}
		want := reference(src)
		planes, err := p.Decode(t.Context())
		if err != nil || want == nil {
			return
		}
		for i, p := range planes {
			for y := 0; y < p.Height; y += 8 {
				for x := 0; x < p.Width; x += 8 {
					if d := blockDifference(p, want[i], x, y); d > 2 {
						t.Fatalf("component %d differs by %d levels in the block at %d,%d", i, d, x, y)
					}
				}
			}
		}
	})
}

// blockDifference returns the largest difference between the samples of a block. It is 0 for blocks with samples at the ends of the
// range: they may come from coefficients far outside of it, for which image/jpeg overflows.
func blockDifference(a, b Plane, left, top int) int {
	largest := 0
	for y := top; y < min(top+8, a.Height); y++ {
		for x := left; x < min(left+8, a.Width); x++ {
			v, w := int(a.Pix[y*a.Stride+x]), int(b.Pix[y*b.Stride+x])
			if v == 0 || v == 255 {
				return 0
			}
			largest = max(largest, v-w, w-v)
		}
	}
	return largest
}
