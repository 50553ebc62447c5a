package media

import (
	"context"
	"image"

	"greengate/media/jpegscale"
)

// Thumbnail is a small JPEG of a whole picture, upright, such as messages carry inside. Width and Height are those of the picture
// itself, upright, in pixels.
type Thumbnail struct {
	JPEG          []byte
	Width, Height int
}

const (
	thumbnailSide    = 72
	largeSide        = 800
	thumbnailQuality = 60
)

// Thumbnail makes one of at most 72 pixels a side. Its errors are those of Normalize.
func (p *Pictures) Thumbnail(ctx context.Context, src []byte) (Thumbnail, error) {
	return p.thumbnail(ctx, src, thumbnailSide, lanczos)
}

// Large makes one of at most 800 pixels a side, for what is shown in the width of a chat.
func (p *Pictures) Large(ctx context.Context, src []byte) (Thumbnail, error) {
	return p.thumbnail(ctx, src, largeSide, lanczos)
}

// Blurred makes a Thumbnail on which only colours and large shapes are left, for pictures that are shown on demand.
func (p *Pictures) Blurred(ctx context.Context, src []byte) (Thumbnail, error) {
	return p.thumbnail(ctx, src, thumbnailSide, soft)
}

func (p *Pictures) thumbnail(ctx context.Context, src []byte, limit int, k kernel) (Thumbnail, error) {
	var t Thumbnail
	img, err := p.render(ctx, src, func(h header) shape {
		if t.Width, t.Height = h.width, h.height; h.orientation >= transposed {
			t.Width, t.Height = t.Height, t.Width
		}
		long := max(h.width, h.height)
		side := min(long, limit)
		fit := func(length int) int { return max(1, (length*side+long/2)/long) }
		return shape{image.Rect(0, 0, h.width, h.height), fit(h.width), fit(h.height), k}
	})
	if err != nil {
		return Thumbnail{}, err
	}
	t.JPEG, err = jpegscale.Encode(img, 0, thumbnailQuality)
	return t, err
}
