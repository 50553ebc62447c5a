package media

import (
	"errors"
	"fmt"

	"greengate/media/jpegscale"
)

func inspectJPEG(src []byte) (header, error) {
	f, err := jpegscale.Open(src)
	if err != nil {
		return header{}, ofJPEG(err)
	}
	h := header{
		format: formatJPEG, width: f.Width, height: f.Height, scans: f.Scans,
		orientation: exifOrientation(f.Exif), profile: f.ICC, jpeg: f,
	}
	// What image/jpeg would need: a byte for each sample, the coefficients of all scans as four, and a copy where components are not
	// those of YCbCr.
	perPixel := f.Components
	if f.Progressive {
		perPixel *= 5
	}
	h.memory = int64(perPixel+4) * int64(f.Width) * int64(f.Height)
	return h, nil
}

// ofJPEG gives errors of package jpegscale their place among those of this package.
func ofJPEG(err error) error {
	switch {
	case errors.Is(err, jpegscale.ErrUnsupported):
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	case errors.Is(err, jpegscale.ErrFormat):
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}
