package media

import (
	"context"
	"fmt"
	"image"

	"golang.org/x/sync/semaphore"

	"greengate/media/jpegscale"
)

// The sides WhatsApp's own clients send, and the size of file that is known to pass; neither is documented. The quality goes down
// until a file has that size, but not below what is still worth looking at.
const (
	minSide   = 192
	maxSide   = 640
	wantBytes = 100_000
)

// Pictures normalises pictures within one memory budget. Make one per process.
type Pictures struct {
	limits Limits
	memory *semaphore.Weighted
}

// Picture is a square, upright baseline JPEG without metadata. Side is its width and height, 192 to 640 pixels.
type Picture struct {
	JPEG []byte
	Side int
}

// NewPictures returns a Pictures that keeps l.
func NewPictures(l Limits) *Pictures {
	l = l.withDefaults()
	return &Pictures{limits: l, memory: semaphore.NewWeighted(l.Memory)}
}

// MaxBytes is the size of the largest file that is taken.
func (p *Pictures) MaxBytes() int64 { return p.limits.MaxBytes }

// Normalize makes a profile picture of a JPEG, PNG or WebP file: the centred square of the upright picture on white, reduced
// to 640 pixels a side, or enlarged to 192. Its errors are those of this package, or the cause of ctx's end.
func (p *Pictures) Normalize(ctx context.Context, src []byte) (Picture, error) {
	img, err := p.render(ctx, src, profileShape)
	if err != nil {
		return Picture{}, err
	}
	out, err := jpegscale.Encode(img, wantBytes, 80, 70, 60, 50)
	return Picture{JPEG: out, Side: img.Rect.Dx()}, err
}

// profileShape is the centred square, not enlarged but where it would be too small.
func profileShape(h header) shape {
	side := min(h.width, h.height)
	at := image.Pt((h.width-side)/2, (h.height-side)/2)
	want := max(minSide, min(side, maxSide))
	return shape{image.Rectangle{at, at.Add(image.Pt(side, side))}, want, want, lanczos}
}

// render does all but the encoding, within the limits.
func (p *Pictures) render(ctx context.Context, src []byte, want func(header) shape) (img *image.YCbCr, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: decoder panics: %v", ErrCorrupt, r)
		}
	}()
	h, err := p.inspect(src)
	if err != nil {
		return nil, err
	}
	j, err := newJob(src, h, want(h))
	if err != nil {
		return nil, err
	}
	if err := p.reserve(ctx, j.memory); err != nil {
		return nil, err
	}
	defer p.memory.Release(j.memory)
	ctx, cancel := context.WithTimeoutCause(ctx, p.limits.Deadline, ErrDeadline)
	defer cancel()
	return j.render(ctx)
}

// inspect refuses what is not worth decoding.
func (p *Pictures) inspect(src []byte) (header, error) {
	if len(src) == 0 {
		return header{}, ErrEmpty
	}
	if int64(len(src)) > p.limits.MaxBytes {
		return header{}, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(src))
	}
	h, err := inspect(src)
	if err != nil {
		return h, err
	}
	return h, p.limits.admit(h)
}

// reserve waits for memory until it is free, Limits.Wait has passed, or ctx ends.
func (p *Pictures) reserve(ctx context.Context, memory int64) error {
	if memory > p.limits.Memory {
		return fmt.Errorf("%w: decoding takes %d bytes", ErrTooLarge, memory)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.limits.Wait, ErrBusy)
	defer cancel()
	if p.memory.Acquire(ctx, memory) != nil {
		return context.Cause(ctx)
	}
	return nil
}
