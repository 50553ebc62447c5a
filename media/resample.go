package media

import (
	"math"
	"slices"

	"greengate/media/jpegscale"
)

// kernel is a filter to resize with. A sample of the smaller picture is the mean of those of the larger one whose distance is less than
// support samples of the smaller, weighted by at.
type kernel struct {
	support float64
	values  []float64 // for distances from 0 on, in steps of 1 / kernelSteps
}

const kernelSteps = 256

func newKernel(support int, at func(x float64) float64) kernel {
	k := kernel{float64(support), make([]float64, support*kernelSteps+2)}
	for i := range support * kernelSteps {
		k.values[i] = at(float64(i) / kernelSteps)
	}
	return k
}

// at interpolates; it is 0 from the support on.
func (k kernel) at(x float64) float64 {
	x = min(math.Abs(x), k.support) * kernelSteps
	i := int(x)
	return k.values[i] + (k.values[i+1]-k.values[i])*(x-float64(i))
}

// lanczos is the sharpest of the common filters.
var lanczos = newKernel(3, func(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return 3 * math.Sin(x) * math.Sin(x/3) / (x * x)
})

// soft averages over about four samples to each side.
var soft = newKernel(6, func(x float64) float64 { return math.Exp(-x * x / 8) })

// taps are the weights of a filter for a row of samples: output i is the sum of size samples from start[i] on, each times its weight in
// units of 1 << weightBits. They add up to one. Negative ones are stored as what they are modulo 1 << 64.
type taps struct {
	size    int
	start   []int
	weights []uint64
}

const weightBits = 11

// newTaps resizes the part of a row of length samples that lies from at to at+span, to count samples.
func newTaps(k kernel, length int, at, span float64, count int) taps {
	step := span / float64(count)
	scale := max(1, step)
	reach := k.support * scale
	if step == 1 && at == math.Trunc(at) {
		reach = 0.5 // samples fall on samples
	}
	low, high := max(0, int(at)), min(length, int(math.Ceil(at+span)))
	t := taps{
		size:  min(int(2*math.Ceil(reach))+1, high-low),
		start: make([]int, count),
	}
	t.weights = make([]uint64, count*t.size)
	exact := make([]float64, t.size)
	for i := range count {
		center := at + (float64(i)+0.5)*step - 0.5
		t.start[i] = min(max(int(math.Ceil(center-reach)), low), high-t.size)
		for j := range exact {
			exact[j] = 0
			if x := float64(t.start[i]+j) - center; math.Abs(x) < reach {
				exact[j] = k.at(x / scale)
			}
		}
		normalizeWeights(t.weights[i*t.size:][:t.size], exact)
	}
	return t
}

// normalizeWeights rounds exact weights to ones that add up to one; the largest takes what is missing.
func normalizeWeights(weights []uint64, exact []float64) {
	sum, largest := 0.0, 0
	for j, w := range exact {
		sum += w
		if w > exact[largest] {
			largest = j
		}
	}
	rest := int64(1 << weightBits)
	for j, w := range exact {
		rounded := int64(math.Round(w / sum * (1 << weightBits)))
		weights[j] = uint64(rounded)
		rest -= rounded
	}
	weights[largest] += uint64(rest)
}

// resizer resizes planes, with memory that serves for one after the other.
type resizer struct {
	kernel  kernel
	turned  []byte
	columns []column
}

// resize returns the window of p resized to width x height.
func (r *resizer) resize(p jpegscale.Plane, width, height int) jpegscale.Plane {
	turned := plane(&r.turned, padded(p.Height), p.Height, width)
	r.filter(turned, p, newTaps(r.kernel, p.Width, p.X, p.W, width))
	var pix []byte
	out := plane(&pix, padded(width), width, height)
	r.filter(out, turned, newTaps(r.kernel, p.Height, p.Y, p.H, height))
	return out
}

// plane makes one of pix, or of new memory if that is too short.
func plane(pix *[]byte, stride, width, height int) jpegscale.Plane {
	*pix = slices.Grow((*pix)[:0], stride*height)[:stride*height]
	return jpegscale.Plane{Pix: *pix, Stride: stride, Width: width, Height: height, W: float64(width), H: float64(height)}
}

func newPlane(width, height int) jpegscale.Plane {
	var pix []byte
	return plane(&pix, width, width, height)
}

// Rows are filtered together, twelve at a time: column holds a sample of each, three in the lanes of each 64-bit word. A sum
// of 8-bit samples times weights needs 20 bits, of which a lane has 21. Lanes begin with an offset, so that they never are negative,
// and a half, to round.
type column [words]uint64

const (
	words      = 4
	lanes      = 3
	rowsAtOnce = words * lanes

	laneBits  = 21
	offset    = 256
	laneStart = offset<<weightBits + 1<<(weightBits-1)
	allStart  = laneStart | laneStart<<laneBits | laneStart<<(2*laneBits)
	laneMask  = 1<<(laneBits-weightBits) - 1
)

// clamped turns the upper bits of a lane into a sample.
var clamped = func() (table [laneMask + 1]byte) {
	for i := range table {
		table[i] = byte(min(max(i-offset, 0), 255))
	}
	return table
}()

// padded makes room for those of the last rows at once that do not exist.
func padded(rows int) int {
	return (rows + rowsAtOnce - 1) / rowsAtOnce * rowsAtOnce
}

// filter filters the rows of p. The result is transposed, which makes the second pass of a resize the same as the first.
func (r *resizer) filter(out, p jpegscale.Plane, t taps) {
	r.columns = slices.Grow(r.columns[:0], p.Width)[:p.Width]
	for y := 0; y < p.Height; y += rowsAtOnce {
		for word := range words {
			row := func(i int) []byte { return p.Pix[min(y+word*lanes+i, p.Height-1)*p.Stride:] }
			pack(r.columns, word, row(0), row(1), row(2))
		}
		for i, start := range t.start {
			a, b, c, d := dot(r.columns[start:], t.weights[i*t.size:][:t.size])
			unpack(out.Pix[i*out.Stride+y:], a, b, c, d)
		}
	}
}

func pack(columns []column, word int, a, b, c []byte) {
	a, b, c = a[:len(columns)], b[:len(columns)], c[:len(columns)]
	for x := range columns {
		columns[x][word&(words-1)] = uint64(a[x]) | uint64(b[x])<<laneBits | uint64(c[x])<<(2*laneBits)
	}
}

// dot is where the time goes. Inlined, its loop would want for registers.
//
//go:noinline
func dot(columns []column, weights []uint64) (a, b, c, d uint64) {
	columns = columns[:len(weights)]
	a, b, c, d = allStart, allStart, allStart, allStart
	for i, w := range weights {
		s := &columns[i]
		a += s[0] * w
		b += s[1] * w
		c += s[2] * w
		d += s[3] * w
	}
	return a, b, c, d
}

func unpack(dst []byte, sums ...uint64) {
	for i, sum := range sums {
		s := dst[i*lanes:][:lanes]
		s[0] = clamped[sum>>weightBits&laneMask]
		s[1] = clamped[sum>>(laneBits+weightBits)&laneMask]
		s[2] = clamped[sum>>(2*laneBits+weightBits)&laneMask]
	}
}
