package jpegscale

import (
	"fmt"
	"image"
	"slices"
)

// Plane is one component of a picture: rows of Width samples, Stride bytes apart. X, Y, W and H are where in it the crop window lies,
// in samples; its edges need not fall between two samples.
type Plane struct {
	Pix           []byte
	Stride        int
	Width, Height int
	X, Y, W, H    float64
}

// Plan is a decision how much of a file to decode.
type Plan struct {
	Memory int64 // bytes that Decode allocates, but for some tables of fixed size

	file  *File
	frame frame
	crop  image.Rectangle
}

// window is the part of a component that is decoded.
type window struct {
	n              int // each block becomes n x n samples
	x0, y0, x1, y1 int // in blocks
}

func (w *window) contains(x, y int) bool { return x >= w.x0 && x < w.x1 && y >= w.y0 && y < w.y1 }

// stride and samples are the size of the plane of w.
func (w *window) stride() int  { return (w.x1 - w.x0) * w.n }
func (w *window) samples() int { return w.stride() * (w.y1 - w.y0) * w.n }

// Plan chooses the smallest scales at which crop, in pixels, still has want.X x want.Y samples of brightness and a quarter of that of
// each colour. Half as many a side are enough in a progressive file where an eighth of its size gives them, since then only the DC
// coefficients are read. A crop of fewer pixels is decoded in full. It fails with ErrUnsupported if the file has other
// components than gray or YCbCr.
func (f *File) Plan(crop image.Rectangle, want image.Point) (*Plan, error) {
	if f.Components != 1 && (f.Components != 3 || !f.isYCbCr()) {
		return nil, fmt.Errorf("%w: color model", ErrUnsupported)
	}
	crop = crop.Intersect(image.Rect(0, 0, f.Width, f.Height))
	if crop.Empty() {
		return nil, fmt.Errorf("%w: nothing to decode", ErrFormat)
	}
	p := &Plan{file: f, frame: f.frame, crop: crop}
	p.frame.components = slices.Clone(f.frame.components)
	if f.Progressive && crop.Dx()/8 >= want.X/2 && crop.Dy()/8 >= want.Y/2 {
		want = want.Div(2)
	}
	for i := range p.frame.components {
		c := &p.frame.components[i]
		c.window = p.frame.window(c, crop, want)
		p.Memory += int64(c.samples())
		if f.Progressive {
			p.Memory += 2*int64(c.samples()) + 8*int64(c.histories())
		}
		if i == 0 {
			want = want.Add(image.Pt(1, 1)).Div(2)
		}
	}
	return p, nil
}

func (f *frame) window(c *component, crop image.Rectangle, want image.Point) window {
	w := window{
		x0: crop.Min.X * c.h / f.maxH / 8,
		y0: crop.Min.Y * c.v / f.maxV / 8,
		x1: ceilDiv(crop.Max.X*c.h, f.maxH*8),
		y1: ceilDiv(crop.Max.Y*c.v, f.maxV*8),
		n:  8,
	}
	for _, n := range []int{6, 4, 3, 2, 1} {
		if crop.Dx()*c.h*n >= want.X*f.maxH*8 && crop.Dy()*c.v*n >= want.Y*f.maxV*8 {
			w.n = n
		}
	}
	return w
}

// histories is how many blocks of a progressive file must be followed from scan to scan.
func (c *component) histories() int {
	if c.n == 1 {
		return 0
	}
	return c.blocksX * c.y1
}

// plane makes an empty plane for the window of c.
func (p *Plan) plane(c *component) Plane {
	f := &p.frame
	scaleX := float64(c.h*c.n) / float64(f.maxH*8)
	scaleY := float64(c.v*c.n) / float64(f.maxV*8)
	return Plane{
		Pix:    make([]byte, c.samples()),
		Stride: c.stride(),
		// The last blocks of a component may be filled up with samples that mean nothing.
		Width:  min(c.x1*c.n, ceilDiv(f.width*c.h*c.n, f.maxH*8)) - c.x0*c.n,
		Height: min(c.y1*c.n, ceilDiv(f.height*c.v*c.n, f.maxV*8)) - c.y0*c.n,
		X:      float64(p.crop.Min.X)*scaleX - float64(c.x0*c.n),
		Y:      float64(p.crop.Min.Y)*scaleY - float64(c.y0*c.n),
		W:      float64(p.crop.Dx()) * scaleX,
		H:      float64(p.crop.Dy()) * scaleY,
	}
}
