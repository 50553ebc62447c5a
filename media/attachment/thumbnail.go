package attachment

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"

	"golang.org/x/image/draw"
)

// maxGIFPixels bounds what decoding the first picture of a GIF takes: a byte and some fifty nanoseconds for each.
const maxGIFPixels = 4 << 20

// thumbnail makes one of the picture in a part of the file. A picture that cannot be decoded, or not now, has none: the message can
// do without.
func (i *Inspector) thumbnail(s *source, info *Info, part section) error {
	if part.size > maxPictureBytes || part.at+part.size > s.size {
		return nil
	}
	memory, isGIF := part.size, info.MIME == "image/gif"
	if isGIF {
		pixels := int64(info.Width) * int64(info.Height)
		if memory += pixels; pixels > maxGIFPixels {
			return nil
		}
	}
	if err := i.held.Acquire(s.ctx, memory); err != nil {
		return context.Cause(s.ctx)
	}
	defer i.held.Release(memory)
	src := make([]byte, part.size)
	if _, err := io.ReadFull(s.section(part), src); err != nil {
		return fmt.Errorf("attachment: reading a picture: %w", err)
	}
	if isGIF {
		info.Thumbnail = ofGIF(src)
		return nil
	}
	t, err := i.pictures.Thumbnail(s.ctx, src)
	if err == nil {
		info.Thumbnail = t.JPEG
	}
	return context.Cause(s.ctx)
}

// ofGIF makes a thumbnail of the first picture, on white.
func ofGIF(src []byte) []byte {
	const side, quality = 72, 60
	img, err := gif.Decode(bytes.NewReader(src))
	if err != nil || img.Bounds().Empty() {
		return nil
	}
	size := img.Bounds().Size()
	long := max(size.X, size.Y)
	fit := func(length int) int { return max(1, (length*min(long, side)+long/2)/long) }
	small := image.NewRGBA(image.Rect(0, 0, fit(size.X), fit(size.Y)))
	draw.Draw(small, small.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.BiLinear.Scale(small, small.Rect, img, img.Bounds(), draw.Over, nil)
	var out bytes.Buffer
	if jpeg.Encode(&out, small, &jpeg.Options{Quality: quality}) != nil {
		return nil
	}
	return out.Bytes()
}
