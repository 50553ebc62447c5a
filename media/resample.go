package media

import (
	"math"

	"greengate/media/jpegscale"
)

// kernel is a filter to resize with: at(x) for |x| < support, in samples of the smaller picture.
type kernel struct {
	support float64
	at      func(x float64) float64
}

// lanczos is the sharpest of the common filters.
var lanczos = kernel{3, func(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return 3 * math.Sin(x) * math.Sin(x/3) / (x * x)
}}

// soft averages over about four samples to each side.
var soft = kernel{6, func(x float64) float64 { return math.Exp(-x * x / 8) }}

// taps are the weights of a filter for a row of samples: output i is the sum of size samples from start[i] on, each
// times its weight in units of 1 << weightBits. They add up to one.
type taps struct {
	size    int
	start   []int
	weights []int64
}

const weightBits = 11

// newTaps resizes the part of a row of length samples that lies from at to at+span, to count samples.
func newTaps(k kernel, length int, at, span float64, count int) taps {
	step := span / float64(count)
	scale := max(1, step)
	if step == 1 && at == math.Trunc(at) {
		k.support = 0.5 // samples fall on samples
	}
	low, high := max(0, int(at)), min(length, int(math.Ceil(at+span)))
	t := taps{
		size:  min(int(2*math.Ceil(k.support*scale))+1, high-low),
		start: make([]int, count),
	}
	t.weights = make([]int64, count*t.size)
	exact := make([]float64, t.size)
	for i := range count {
		center := at + (float64(i)+0.5)*step - 0.5
		t.start[i] = min(max(int(math.Ceil(center-k.support*scale)), low), high-t.size)
		for j := range exact {
			if x := (float64(t.start[i]+j) - center) / scale; math.Abs(x) < k.support {
				exact[j] = k.at(x)
			} else {
				exact[j] = 0
			}
		}
		normalizeWeights(t.weights[i*t.size:][:t.size], exact)
	}
	return t
}

// normalizeWeights rounds exact weights to ones that add up to one; the largest takes what is missing.
func normalizeWeights(weights []int64, exact []float64) {
	sum, largest := 0.0, 0
	for j, w := range exact {
		sum += w
		if w > exact[largest] {
			largest = j
		}
	}
	rest := int64(1 << weightBits)
	for j, w := range exact {
		weights[j] = int64(math.Round(w / sum * (1 << weightBits)))
		rest -= weights[j]
	}
	weights[largest] += rest
}

// resize returns the window of p resized to width x height.
func resize(p jpegscale.Plane, width, height int, k kernel) jpegscale.Plane {
	turned := newTaps(k, p.Width, p.X, p.W, width).apply(p)
	return newTaps(k, p.Height, p.Y, p.H, height).apply(turned)
}

// Three rows are filtered at once, in the lanes of a 64-bit word: a sum of 8-bit samples times weights needs 20 bits, of which a
// lane has 21. Lanes begin with an offset, so that they never are negative, and a half, to round.
const (
	lanes     = 3
	laneBits  = 21
	offset    = 256
	laneStart = offset<<weightBits + 1<<(weightBits-1)
	allStart  = laneStart | laneStart<<laneBits | laneStart<<(2*laneBits)
)

// clamped turns the upper bits of a lane into a sample.
var clamped = func() (table [1 << (laneBits - weightBits)]byte) {
	for i := range table {
		table[i] = byte(min(max(i-offset, 0), 255))
	}
	return table
}()

// apply filters the rows of p. The result is transposed, which makes the second pass of a resize the same as the first.
func (t taps) apply(p jpegscale.Plane) jpegscale.Plane {
	out := newPlane(p.Height, len(t.start))
	packed := make([]uint64, p.Width)
	for y := 0; y < p.Height; y += lanes {
		// The last rows may be filtered twice.
		y := max(min(y, p.Height-lanes), 0)
		y1, y2 := min(y+1, p.Height-1), min(y+2, p.Height-1)
		pack(packed, p.Pix[y*p.Stride:], p.Pix[y1*p.Stride:], p.Pix[y2*p.Stride:])
		for i, start := range t.start {
			sum := t.sum(packed[start:], t.weights[i*t.size:][:t.size])
			column := out.Pix[i*out.Stride:][:out.Stride]
			column[y] = clamped[sum>>weightBits&1023]
			column[y1] = clamped[sum>>(laneBits+weightBits)&1023]
			column[y2] = clamped[sum>>(2*laneBits+weightBits)&1023]
		}
	}
	return out
}

func pack(packed []uint64, a, b, c []byte) {
	a, b, c = a[:len(packed)], b[:len(packed)], c[:len(packed)]
	for x := range packed {
		packed[x] = uint64(a[x]) | uint64(b[x])<<laneBits | uint64(c[x])<<(2*laneBits)
	}
}

func (t taps) sum(samples []uint64, weights []int64) uint64 {
	samples = samples[:len(weights)]
	sum := uint64(allStart)
	for j, w := range weights {
		sum += samples[j] * uint64(w)
	}
	return sum
}

func newPlane(width, height int) jpegscale.Plane {
	return jpegscale.Plane{
		Pix: make([]byte, width*height), Stride: width, Width: width, Height: height,
		W: float64(width), H: float64(height),
	}
}
