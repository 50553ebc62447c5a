package sandbox

import (
	"bytes"
	"image"
	"image/jpeg"

	"golang.org/x/image/draw"
)

// What WhatsApp accepts as a profile picture. The upper side is the one people report as refused above (whatsmeow issue 503);
// the lower side and the size are guesses on the generous side. A picture need not be square.
const (
	maxPictureSide  = 720
	minPictureSide  = 32
	maxPictureBytes = 512 << 10

	previewSide    = 96 // what official clients show in lists
	previewQuality = 75
)

// newPicture judges the bytes as WhatsApp does and makes the preview. The caller gives the picture its id.
func newPicture(data []byte) (*picture, error) {
	if len(data) > maxPictureBytes {
		return nil, errNotAcceptable
	}
	head, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil || max(head.Width, head.Height) > maxPictureSide || min(head.Width, head.Height) < minPictureSide {
		return nil, errNotAcceptable
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errNotAcceptable
	}
	preview, err := makePreview(img)
	if err != nil {
		return nil, errNotAcceptable
	}
	return &picture{full: bytes.Clone(data), preview: preview}, nil
}

// makePreview scales the central square of an image down to the size of a list entry.
func makePreview(img image.Image) ([]byte, error) {
	bounds := img.Bounds()
	side := min(bounds.Dx(), bounds.Dy())
	corner := bounds.Min.Add(image.Pt((bounds.Dx()-side)/2, (bounds.Dy()-side)/2))
	square := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}

	small := image.NewRGBA(image.Rect(0, 0, previewSide, previewSide))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), img, square, draw.Src, nil)
	var out bytes.Buffer
	err := jpeg.Encode(&out, small, &jpeg.Options{Quality: previewQuality})
	return out.Bytes(), err
}
