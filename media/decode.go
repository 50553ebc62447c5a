package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
)

// decode runs the one decoder of the format. When ctx ends, so does the decoder, at its next read.
func decode(ctx context.Context, h header, src []byte) (image.Image, error) {
	img, err := h.format.decoder()(&reader{ctx: ctx, rest: src})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var unsupportedJPEG jpeg.UnsupportedError
	var unsupportedPNG png.UnsupportedError
	switch {
	case errors.As(err, &unsupportedJPEG) || errors.As(err, &unsupportedPNG):
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	case img.Bounds().Dx() > h.width || img.Bounds().Dy() > h.height || img.Bounds().Empty():
		return nil, fmt.Errorf("%w: sizes in the headers differ", ErrCorrupt)
	}
	return img, nil
}

func (f format) decoder() func(io.Reader) (image.Image, error) {
	switch f {
	case formatPNG:
		return png.Decode
	case formatWebP:
		return decodeWebP
	}
	return jpeg.Decode
}

// reader hands out bytes in small portions until ctx ends. The decoders take no context and look at nothing else while they
// work, so this is what stops them; a few hundred bytes can already hold a second of work.
type reader struct {
	ctx  context.Context
	rest []byte
}

func (r *reader) Read(p []byte) (int, error) {
	const portion = 512
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), portion)], r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
