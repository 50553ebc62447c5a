// Package jpegscale decodes JPEG files at a fraction of their size, and encodes the small pictures that become of them.
//
// A photo of twelve megapixels that is to become a square of 640 pixels holds twenty times more than is needed. This
// decoder does not compute the rest: it reconstructs each block of 8 x 8 samples as N x N, from the N x N lowest frequencies alone
// (N is 1, 2, 3, 4, 6 or 8, chosen for each component), and only the blocks of a crop window. All other coefficients must still be
// passed, since their codes have no fixed length, but they are passed several at a time, and not at all below the window.
// What comes out are planes of samples, not pixels, because whoever wants less than the whole will resize next, and that is cheaper
// by plane.
//
// Supported are 8-bit baseline, extended and progressive files with Huffman coding and one (gray) or three components (YCbCr), in
// any sampling. ErrUnsupported stands for everything else, which image/jpeg may still decode. There are no goroutines and no
// unsafe code; memory is known before decoding starts.
//
// The encoder exists because image/jpeg takes as long for a picture of 640 x 640 pixels as this package for decoding one of two
// megapixels, and several qualities may have to be tried to make a file fit.
//
// Section numbers in comments refer to ITU-T T.81, the JPEG standard.
package jpegscale

import (
	"bytes"
	"errors"
	"fmt"
)

var (
	// ErrFormat means that the file breaks the standard, or is cut off before the last row that is needed.
	ErrFormat = errors.New("jpegscale: malformed JPEG")
	// ErrUnsupported means that the file may be sound, but is of a kind that this package does not decode.
	ErrUnsupported = errors.New("jpegscale: unsupported JPEG")
)

// File is the structure of a JPEG file, before anything is decoded.
type File struct {
	Width, Height int
	Components    int
	Scans         int // each is a pass over the blocks of the picture
	Progressive   bool
	Exif          []byte // TIFF structure; nil if there is none
	ICC           []byte // colour profile; nil if there is none, parts of it are missing, or it exceeds 1 MB

	src   []byte
	frame frame
	adobe []byte // APP14
}

// Open reads the structure of src without decoding it. It fails with ErrFormat or ErrUnsupported. Memory is allocated only for
// a colour profile that comes in parts.
func Open(src []byte) (*File, error) {
	f := &File{src: src}
	var icc profile
	for s := range segments(src) {
		if err := f.read(s, &icc); err != nil {
			return nil, err
		}
	}
	if f.Scans == 0 {
		return nil, fmt.Errorf("%w: no scan", ErrFormat)
	}
	f.ICC = icc.joined()
	return f, nil
}

func (f *File) read(s segment, icc *profile) error {
	switch {
	case s.marker == markerSOS:
		if f.Components == 0 {
			return fmt.Errorf("%w: scan before frame", ErrFormat)
		}
		f.Scans++
	case s.marker == markerAPP1 && f.Exif == nil && bytes.HasPrefix(s.body, []byte(exifName)):
		f.Exif = s.body[len(exifName):]
	case s.marker == markerAPP2 && bytes.HasPrefix(s.body, []byte(iccName)):
		icc.add(s.body[len(iccName):])
	case s.marker == markerAPP14 && bytes.HasPrefix(s.body, []byte("Adobe")):
		f.adobe = s.body
	case s.isFrame():
		if f.Components != 0 {
			return fmt.Errorf("%w: second frame", ErrFormat)
		}
		frame, err := readFrame(s)
		f.frame = frame
		f.Width, f.Height, f.Components, f.Progressive = frame.width, frame.height, len(frame.components), frame.progressive
		return err
	}
	return nil
}

// isYCbCr tells whether three components are brightness and colour, as JFIF has it, and not red, green and blue.
func (f *File) isYCbCr() bool {
	const transform = 11 // place of the colour transform code in APP14
	if len(f.adobe) > transform {
		return f.adobe[transform] != 0
	}
	c := f.frame.components
	return c[0].id != 'R' || c[1].id != 'G' || c[2].id != 'B'
}
