package media

import (
	"image"

	"github.com/disintegration/imaging"
)

// scaleRGB resizes what does not come as planes of brightness and colour: JPEG files of four components, or of RGB.
//
// This file is the only one that may use imaging. imaging works in goroutines of its own, where a panic could not be recovered
// and would end the process; so it is only ever given opaque RGBA pictures that flatten made, never what a decoder returned.
func scaleRGB(img *image.RGBA, width, height int) *image.RGBA {
	out := imaging.Resize(img, width, height, imaging.Lanczos)
	return &image.RGBA{Pix: out.Pix, Stride: out.Stride, Rect: out.Rect}
}
