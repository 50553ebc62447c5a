// Package scene draws photographs of places that do not exist: a sky with clouds, a sun, ranges of hills and a meadow, with
// the grain of a camera sensor. A seed gives the same picture every time, in any size.
//
// Tests, benchmarks and the demo need pictures that compress, scale and look like what phones make, upright and mirrored
// being plain to see, without anybody's photographs in the repository.
package scene

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// latticeSize is the period of the noise, in cells.
const latticeSize = 256

// place is one landscape. Positions in it are fractions of the picture's height.
type place struct {
	lattice [latticeSize * latticeSize]float32 // random values in 0..1
	ranges  [4]ridge                           // the farthest first
	sunX    float64
	sunY    float64
}

// ridge is a range of hills: everything below its line has its colour, fading into the sky with distance.
type ridge struct {
	height, rough, offset float64
	shade                 rgb
}

type rgb struct{ r, g, b float64 }

// Photo draws the landscape of seed, width x height pixels, as a camera would store it.
func Photo(seed uint64, width, height int) *image.RGBA {
	random := rand.New(rand.NewPCG(seed, 0))
	p := newPlace(random)
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	detail := int(math.Log2(float64(height))) - 2 // octaves down to single pixels
	for x := range width {
		u := float64(x) / float64(height)
		lines := p.skyline(u, detail)
		for y := range height {
			c := p.at(u, float64(y)/float64(height), lines, detail)
			img.SetRGBA(x, y, c.developed(random.Uint64()))
		}
	}
	return img
}

func newPlace(random *rand.Rand) *place {
	p := &place{sunX: 0.25 + random.Float64()*0.25, sunY: 0.12 + random.Float64()*0.15}
	for i := range p.lattice {
		p.lattice[i] = random.Float32()
	}
	for i := range p.ranges {
		near := float64(i) / 3
		p.ranges[i] = ridge{
			height: 0.38 + 0.13*float64(i),
			rough:  0.30 - 0.06*float64(i),
			offset: random.Float64() * latticeSize,
			shade:  rgb{0.42, 0.52, 0.66}.mix(rgb{0.16, 0.30, 0.10}, near),
		}
	}
	return p
}

// skyline returns where each range begins in column x; detail is the number of octaves worth drawing.
func (p *place) skyline(x float64, detail int) (lines [4]float64) {
	for i, r := range p.ranges {
		lines[i] = r.height + r.rough*(p.noise(x*2+r.offset, r.offset, 0.6, detail)-0.5)
	}
	return lines
}

// at returns the light that comes from x, y.
func (p *place) at(x, y float64, lines [4]float64, detail int) rgb {
	for i := len(lines) - 1; i >= 0; i-- {
		if y < lines[i] {
			continue
		}
		r := p.ranges[i]
		texture := p.noise(x*24+r.offset, y*48, 1, detail-4)
		return r.shade.mix(rgb{0.85, 0.78, 0.35}, 0.45*texture*texture*float64(i+1)/4).scaled(0.55 + 0.9*texture)
	}
	sky := rgb{0.25, 0.48, 0.85}.mix(rgb{0.93, 0.83, 0.70}, y/0.6)
	cloud := p.noise(x*4, y*9, 0.6, min(detail, 7))
	sky = sky.mix(rgb{0.97, 0.96, 0.95}, clamp(3*cloud-1.4))
	glow := math.Exp(-40 * math.Hypot(x-p.sunX, y-p.sunY))
	return sky.mix(rgb{1, 0.97, 0.80}, clamp(2.5*glow))
}

// noise is the sum of octaves of smooth noise, 0..1. Each has twice the frequency of the one before, and its strength times fall.
func (p *place) noise(x, y, fall float64, octaves int) float64 {
	sum, strength, total := 0.0, 1.0, 0.0
	for range max(octaves, 1) {
		sum += strength * p.smooth(x, y)
		total += strength
		x, y, strength = x*2+17, y*2+31, strength*fall
	}
	return sum / total
}

// smooth interpolates the lattice.
func (p *place) smooth(x, y float64) float64 {
	x0, y0 := math.Floor(x), math.Floor(y)
	fx, fy := x-x0, y-y0
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	i, j := int(x0)&(latticeSize-1), int(y0)&(latticeSize-1)
	i1, j1 := (i+1)&(latticeSize-1), (j+1)&(latticeSize-1)
	top := lerp(float64(p.lattice[j*latticeSize+i]), float64(p.lattice[j*latticeSize+i1]), fx)
	bottom := lerp(float64(p.lattice[j1*latticeSize+i]), float64(p.lattice[j1*latticeSize+i1]), fx)
	return lerp(top, bottom, fy)
}

func lerp(a, b, t float64) float64 { return a + (b-a)*t }

func clamp(v float64) float64 { return min(max(v, 0), 1) }

func (c rgb) mix(d rgb, t float64) rgb {
	t = clamp(t)
	return rgb{lerp(c.r, d.r, t), lerp(c.g, d.g, t), lerp(c.b, d.b, t)}
}

func (c rgb) scaled(f float64) rgb { return rgb{c.r * f, c.g * f, c.b * f} }

// developed adds the grain that the random bits stand for: a few levels, mostly in brightness, as cameras leave it.
func (c rgb) developed(bits uint64) color.RGBA {
	luma := (float64(bits&0xff) + float64(bits>>8&0xff) - 255) * 0.045
	level := func(v float64, own uint64) byte {
		return byte(255*clamp(v+(luma+(float64(own&0xff)-127.5)*0.01)/255) + 0.5)
	}
	return color.RGBA{level(c.r, bits>>16), level(c.g, bits>>24), level(c.b, bits>>32), 0xff}
}
