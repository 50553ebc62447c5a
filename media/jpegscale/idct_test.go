package jpegscale

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestReconstruct compares with the sum of A.3.3, written down as it stands, over the n x n lowest frequencies.
func TestReconstruct(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 2, 3, 4, 6, 8} {
		for range 200 {
			var b block
			b[0] = random.Int32N(2000) - 1000
			for i := 1; i < n*n; i++ {
				b[i] = random.Int32N(200) - 100
			}
			got := make([]byte, n*(n+3))
			b.reconstruct(n, got, n+3)
			for y := range n {
				for x := range n {
					if want := sampleOf(&b, n, x, y); math.Abs(float64(got[y*(n+3)+x])-want) > 0.6 {
						t.Fatalf("%d x %d: sample %d,%d is %d, want %.2f", n, n, x, y, got[y*(n+3)+x], want)
					}
				}
			}
		}
	}
}

func sampleOf(b *block, n, x, y int) float64 {
	sum := 0.0
	for v := range n {
		for u := range n {
			f := float64(b[v*n+u])
			if u == 0 {
				f /= math.Sqrt2
			}
			if v == 0 {
				f /= math.Sqrt2
			}
			sum += f * math.Cos(float64((2*x+1)*u)*math.Pi/float64(2*n)) * math.Cos(float64((2*y+1)*v)*math.Pi/float64(2*n))
		}
	}
	return min(max(sum/4+128, 0), 255)
}

func TestFlat(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 6, 8} {
		for _, dc := range []int32{-3000, -1024, -7, 0, 3, 500, 1016, 3000} {
			b := block{dc}
			flat, full := make([]byte, n*n), make([]byte, n*n)
			b.flat(n, flat, n)
			b.reconstruct(n, full, n)
			if string(flat) != string(full) {
				t.Errorf("%d x %d of %d: %v, want %v", n, n, dc, flat, full)
			}
		}
	}
}
