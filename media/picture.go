package media

import (
	"image"

	"github.com/disintegration/imaging"
)

// This file is the only one that may use imaging. imaging works in goroutines of its own, where a panic could not be recovered
// and would end the process; so it is only ever given RGBA pictures that square made, never what a decoder returned.

// scale resizes a square picture to side x side pixels.
func scale(img *image.RGBA, side int) image.Image {
	if img.Rect.Dx() == side {
		return img
	}
	return imaging.Resize(img, side, side, imaging.Lanczos)
}

// turn brings a picture stored in orientation o upright.
func turn(img image.Image, o orientation) *image.RGBA {
	var out *image.NRGBA
	switch o {
	case mirrored:
		out = imaging.FlipH(img)
	case rotated180:
		out = imaging.Rotate180(img)
	case flipped:
		out = imaging.FlipV(img)
	case transposed:
		out = imaging.Transpose(img)
	case rotated90:
		out = imaging.Rotate270(img) // imaging counts anticlockwise
	case transversed:
		out = imaging.Transverse(img)
	case rotated270:
		out = imaging.Rotate90(img)
	default:
		out = imaging.Clone(img)
	}
	// The picture is opaque, and for RGBA the encoder has a fast path.
	return &image.RGBA{Pix: out.Pix, Stride: out.Stride, Rect: out.Rect}
}
