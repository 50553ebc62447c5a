package media

import (
	"image"
	"testing"

	"github.com/disintegration/imaging"
)

// ssim is the structural similarity of the brightness of two pictures of one size, the mean over windows of 8 x 8 pixels.
func ssim(t testing.TB, a, b image.Image) float64 {
	t.Helper()
	size := a.Bounds().Size()
	if size != b.Bounds().Size() {
		t.Fatalf("sizes differ: %v, %v", a.Bounds(), b.Bounds())
	}
	x, y := luma(a), luma(b)
	const window, step = 8, 4
	sum, count := 0.0, 0
	for top := 0; top+window <= size.Y; top += step {
		for left := 0; left+window <= size.X; left += step {
			sum += windowSSIM(x[top*size.X+left:], y[top*size.X+left:], size.X, window)
			count++
		}
	}
	return sum / float64(count)
}

func windowSSIM(x, y []float64, stride, window int) float64 {
	const c1, c2 = 0.01 * 255 * 0.01 * 255, 0.03 * 255 * 0.03 * 255
	var sx, sy, sxx, syy, sxy float64
	for row := range window {
		for column := range window {
			a, b := x[row*stride+column], y[row*stride+column]
			sx, sy, sxx, syy, sxy = sx+a, sy+b, sxx+a*a, syy+b*b, sxy+a*b
		}
	}
	n := float64(window * window)
	mx, my := sx/n, sy/n
	return (2*mx*my + c1) * (2*(sxy/n-mx*my) + c2) / ((mx*mx + my*my + c1) * (sxx/n - mx*mx + syy/n - my*my + c2))
}

func luma(img image.Image) []float64 {
	pix := imaging.Clone(img).Pix
	out := make([]float64, len(pix)/4)
	for i := range out {
		out[i] = 0.299*float64(pix[4*i]) + 0.587*float64(pix[4*i+1]) + 0.114*float64(pix[4*i+2])
	}
	return out
}
