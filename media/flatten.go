package media

import (
	"context"
	"image"
	"image/color"
	"image/draw"

	"greengate/media/jpegscale"
)

// flatten copies the crop of img that s asks for onto white, opaque and in RGB whatever the colour model of img. A crop with more than
// twice the wanted pixels is reduced on the way by averaging whole blocks, so that the cost of what follows, in time and
// memory, does not grow with img.
func flatten(ctx context.Context, img image.Image, s shape) (*image.RGBA, error) {
	block := max(1, min(s.crop.Dx()/(2*s.width), s.crop.Dy()/(2*s.height)))
	width, height := s.crop.Dx()/block, s.crop.Dy()/block
	from := img.Bounds().Min.Add(s.crop.Min).Add(image.Pt(s.crop.Dx()%block/2, s.crop.Dy()%block/2))

	out := image.NewRGBA(image.Rect(0, 0, width, height))
	opaque, ok := img.(*image.RGBA)
	ok = ok && opaque.Opaque()
	strip := image.NewRGBA(image.Rect(0, 0, width*block, block))
	for y := range height {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		row, at := out.Pix[y*out.Stride:][:out.Stride], from.Add(image.Pt(0, y*block))
		if ok {
			average(row, opaque.Pix[opaque.PixOffset(at.X, at.Y):], opaque.Stride, block)
			continue
		}
		draw.Draw(strip, strip.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(strip, strip.Rect, img, at, draw.Over)
		average(row, strip.Pix, strip.Stride, block)
	}
	return out, nil
}

// average reduces block rows of opaque pixels to one.
func average(row, pixels []byte, stride, block int) {
	if block == 1 {
		copy(row, pixels)
		return
	}
	area := block * block
	for x := 0; x < len(row); x += 4 {
		var r, g, b int
		for y := range block {
			pix := pixels[y*stride+x*block:][:4*block]
			for i := 0; i < len(pix); i += 4 {
				r += int(pix[i])
				g += int(pix[i+1])
				b += int(pix[i+2])
			}
		}
		row[x] = byte((r + area/2) / area)
		row[x+1] = byte((g + area/2) / area)
		row[x+2] = byte((b + area/2) / area)
		row[x+3] = 0xff
	}
}

// split makes planes of brightness and colour of an opaque picture.
func split(img *image.RGBA) []jpegscale.Plane {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	y, cb, cr := newPlane(width, height), newPlane(width, height), newPlane(width, height)
	for i := range y.Pix {
		pix := img.Pix[4*i:][:3]
		y.Pix[i], cb.Pix[i], cr.Pix[i] = color.RGBToYCbCr(pix[0], pix[1], pix[2])
	}
	return []jpegscale.Plane{y, cb, cr}
}
