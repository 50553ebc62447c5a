package media

import (
	"context"
	"errors"
	"image"

	"greengate/media/jpegscale"
)

// shape is what is wanted of a picture: a part of it, in pixels as stored, at a size.
type shape struct {
	crop          image.Rectangle
	width, height int
	kernel        kernel
}

// job is a picture about to be rendered.
type job struct {
	header header
	shape
	src    []byte
	plan   *jpegscale.Plan // nil if the standard library decodes
	memory int64           // for the whole job, in bytes
}

func newJob(src []byte, h header, s shape) (job, error) {
	j := job{header: h, shape: s, src: src}
	const tables = 1 << 20 // and the file that comes out
	size := int64(s.width) * int64(s.height)
	if h.jpeg != nil {
		plan, err := h.jpeg.Plan(s.crop, image.Pt(2*s.width, 2*s.height))
		if err == nil {
			j.plan = plan
			j.memory = plan.Memory*3/2 + 4*size + tables // Memory once more by half, for what is resized in one direction
			return j, nil
		}
		if !errors.Is(err, jpegscale.ErrUnsupported) {
			return j, ofJPEG(err)
		}
	}
	crop := int64(s.crop.Dx()) * int64(s.crop.Dy())
	j.memory = h.memory + min(crop, 16*size)*10 + tables
	return j, nil
}

// render decodes and resizes, and turns the picture upright.
func (j job) render(ctx context.Context) (*image.YCbCr, error) {
	planes, err := j.planes(ctx)
	if err != nil {
		return nil, err
	}
	out := &image.YCbCr{SubsampleRatio: image.YCbCrSubsampleRatio420}
	r := resizer{kernel: j.kernel}
	y := r.resize(planes[0], j.width, j.height)
	colors := [2]jpegscale.Plane{gray(j.width, j.height), gray(j.width, j.height)}
	planes[0] = jpegscale.Plane{} // the largest, and no longer wanted
	for i, p := range planes[1:] {
		colors[i] = j.resizeColor(&r, p)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	y = j.header.orientation.turn(y)
	cb, cr := j.header.orientation.turn(colors[0]), j.header.orientation.turn(colors[1])
	out.Y, out.YStride, out.Cb, out.Cr, out.CStride = y.Pix, y.Stride, cb.Pix, cr.Pix, cb.Stride
	out.Rect = image.Rect(0, 0, y.Width, y.Height)
	if c := j.header.colorspace(); c != nil {
		c.apply(out)
	}
	return out, nil
}

// resizeColor makes a plane of half as many samples a side. Where the picture has an odd number of pixels, the last one reaches beyond it.
func (j job) resizeColor(r *resizer, p jpegscale.Plane) jpegscale.Plane {
	width, height := (j.width+1)/2, (j.height+1)/2
	p.W *= float64(2*width) / float64(j.width)
	p.H *= float64(2*height) / float64(j.height)
	return r.resize(p, width, height)
}

func gray(width, height int) jpegscale.Plane {
	p := newPlane((width+1)/2, (height+1)/2)
	for i := range p.Pix {
		p.Pix[i] = 128
	}
	return p
}

// planes decodes into planes of brightness and, unless the picture is gray, colour.
func (j job) planes(ctx context.Context) ([]jpegscale.Plane, error) {
	if j.plan != nil {
		planes, err := j.plan.Decode(ctx)
		return planes, ofJPEG(err)
	}
	img, err := decode(ctx, j.header, j.src)
	if err != nil {
		return nil, err
	}
	if img, ok := img.(*image.YCbCr); ok && img.SubsampleRatio == image.YCbCrSubsampleRatio420 {
		return j.window(img), nil
	}
	flat, err := flatten(ctx, img, j.shape)
	if err != nil {
		return nil, err
	}
	if j.header.format == formatJPEG {
		flat = scaleRGB(flat, j.width, j.height)
	}
	return split(flat), nil
}

// window gives the planes of a decoded picture as they are.
func (j job) window(img *image.YCbCr) []jpegscale.Plane {
	plane := func(pix []byte, stride, sampling int) jpegscale.Plane {
		scale := 1 / float64(sampling)
		return jpegscale.Plane{
			Pix: pix, Stride: stride,
			Width: (img.Rect.Dx() + sampling - 1) / sampling, Height: (img.Rect.Dy() + sampling - 1) / sampling,
			X: float64(j.crop.Min.X) * scale, Y: float64(j.crop.Min.Y) * scale,
			W: float64(j.crop.Dx()) * scale, H: float64(j.crop.Dy()) * scale,
		}
	}
	return []jpegscale.Plane{plane(img.Y, img.YStride, 1), plane(img.Cb, img.CStride, 2), plane(img.Cr, img.CStride, 2)}
}
