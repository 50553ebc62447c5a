// Package media turns pictures of unknown origin into the one kind WhatsApp takes: a square baseline JPEG of at most
// 640 pixels a side, upright, opaque, without metadata.
//
// The bytes come from strangers, so the order of work is fixed. The first bytes decide the format, never a declared type.
// A walk over the headers then learns the size, the number of scans and the orientation without allocating what src could choose, and
// Limits are applied to what it found. Only then does a picture wait for its share of the memory budget, and only then is it
// decoded, under a deadline, by the one decoder of its format: image.Decode is not used anywhere, because any
// imported package may register further formats with it.
//
// Nothing is computed that the small picture does not need. Package jpegscale decodes the centre of a photo at a fraction of its size,
// into planes of brightness and colour; these are resized as planes, the colours straight to the half resolution they are
// stored at; orientation and colour profile come last, on the small picture. PNG and WebP files are decoded in full by the
// standard library and join behind that.
//
// The package knows no account and no network, and imports nothing else of this module.
package media

import "errors"

// Why a picture was refused; test with errors.Is. All but ErrBusy and ErrDeadline are faults of the input.
var (
	ErrEmpty       = errors.New("media: picture is empty")
	ErrUnsupported = errors.New("media: not a JPEG, PNG or WebP picture")
	ErrCorrupt     = errors.New("media: picture is corrupt")
	ErrTooLarge    = errors.New("media: picture is too large")
	// ErrBusy means that other pictures held the memory budget for all of Limits.Wait; trying again later may succeed.
	ErrBusy = errors.New("media: too many pictures at once")
	// ErrDeadline means that decoding took longer than Limits.Deadline.
	ErrDeadline = errors.New("media: picture takes too long to decode")
)
