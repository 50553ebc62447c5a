package media

import (
	"encoding/binary"

	"greengate/media/jpegscale"
)

// orientation is EXIF's tag 274: how the stored picture must be turned to stand upright.
type orientation uint16

// The eight orientations, named by the edges that the first stored row and the first stored column belong to.
const (
	upright     orientation = iota + 1 // top, left
	mirrored                           // top, right
	rotated180                         // bottom, right
	flipped                            // bottom, left
	transposed                         // left, top
	rotated90                          // right, top: a phone held upright
	transversed                        // right, bottom
	rotated270                         // left, bottom
)

// exifOrientation finds the orientation in a TIFF structure; it is upright where there is none or the structure is broken.
func exifOrientation(tiff []byte) orientation {
	const tag, typeShort = 0x0112, 3
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	offset := uint64(order.Uint32(tiff[4:]))
	if offset+2 > uint64(len(tiff)) {
		return upright
	}
	count := int(order.Uint16(tiff[offset:]))
	entries := tiff[offset+2:]
	for ; count > 0 && len(entries) >= 12; count, entries = count-1, entries[12:] {
		if order.Uint16(entries) != tag || order.Uint16(entries[2:]) != typeShort {
			continue
		}
		if o := orientation(order.Uint16(entries[8:])); o >= upright && o <= rotated270 {
			return o
		}
	}
	return upright
}

// Sideways tells whether a TIFF structure, as EXIF data are, declares that the width of the stored picture is the height of the upright one.
func Sideways(tiff []byte) bool { return exifOrientation(tiff) >= transposed }

// turn brings a plane stored in orientation o upright.
func (o orientation) turn(p jpegscale.Plane) jpegscale.Plane {
	if o == upright {
		return p
	}
	out := newPlane(p.Width, p.Height)
	if o >= transposed {
		out = newPlane(p.Height, p.Width)
	}
	// The first stored sample, and the steps from it along a stored row and a stored column.
	first, alongRow, alongColumn := o.path(out)
	for y := range p.Height {
		at := first + y*alongColumn
		for _, v := range p.Pix[y*p.Stride:][:p.Width] {
			out.Pix[at] = v
			at += alongRow
		}
	}
	return out
}

func (o orientation) path(out jpegscale.Plane) (first, alongRow, alongColumn int) {
	right, down := out.Width-1, (out.Height-1)*out.Stride
	switch o {
	case mirrored:
		return right, -1, out.Stride
	case rotated180:
		return right + down, -1, -out.Stride
	case flipped:
		return down, 1, -out.Stride
	case transposed:
		return 0, out.Stride, 1
	case rotated90:
		return right, out.Stride, -1
	case transversed:
		return right + down, -out.Stride, -1
	case rotated270:
		return down, -out.Stride, 1
	}
	return 0, 1, out.Stride
}
