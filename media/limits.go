package media

import (
	"cmp"
	"fmt"
	"time"
)

// Limits bound what one picture may cost. Zero fields take the defaults.
type Limits struct {
	MaxBytes      int64         // size of the file; 20 MB
	MaxPixels     int64         // width x height; 64 Mi, since phones that promise 64 megapixels make 9248 x 6936
	MaxScans      int           // scans of a progressive JPEG, each of which costs a pass over all pixels; 64
	MaxScanPixels int64         // pixels x scans; 1.5 G, about three seconds of decoding
	Memory        int64         // bytes for all decodes in flight; one picture that needs more is refused; 256 MB
	Deadline      time.Duration // for decoding and resizing one picture; 10 s
	Wait          time.Duration // for a share of Memory; 5 s
}

func (l Limits) withDefaults() Limits {
	return Limits{
		MaxBytes:      cmp.Or(l.MaxBytes, 20<<20),
		MaxPixels:     cmp.Or(l.MaxPixels, 64<<20),
		MaxScans:      cmp.Or(l.MaxScans, 64),
		MaxScanPixels: cmp.Or(l.MaxScanPixels, 1_500_000_000),
		Memory:        cmp.Or(l.Memory, 256<<20),
		Deadline:      cmp.Or(l.Deadline, 10*time.Second),
		Wait:          cmp.Or(l.Wait, 5*time.Second),
	}
}

// admit applies the limits to what the header walk found.
func (l Limits) admit(h header) error {
	switch pixels := int64(h.width) * int64(h.height); {
	case h.width < 1 || h.height < 1:
		return fmt.Errorf("%w: %d x %d pixels", ErrCorrupt, h.width, h.height)
	case h.width > 0xffff || h.height > 0xffff || pixels > l.MaxPixels:
		return fmt.Errorf("%w: %d x %d pixels", ErrTooLarge, h.width, h.height)
	case h.scans > l.MaxScans || pixels*int64(h.scans) > l.MaxScanPixels:
		return fmt.Errorf("%w: %d scans of %d x %d pixels", ErrTooLarge, h.scans, h.width, h.height)
	}
	return nil
}
