package media

import "bytes"

// header is what a walk over a file's structure tells without decoding it.
type header struct {
	format        format
	width, height int
	scans         int         // JPEG only
	orientation   orientation // as EXIF declares it
	memory        int64       // estimate of what decoding allocates, in bytes
}

type format string

const (
	formatJPEG format = "JPEG"
	formatPNG  format = "PNG"
	formatWebP format = "WebP"
)

// sniff tells the format from the first bytes; it is empty for every other kind of file.
func sniff(src []byte) format {
	switch {
	case bytes.HasPrefix(src, []byte("\xff\xd8\xff")):
		return formatJPEG
	case bytes.HasPrefix(src, []byte(pngSignature)):
		return formatPNG
	case len(src) >= 12 && string(src[:4]) == "RIFF" && string(src[8:12]) == "WEBP":
		return formatWebP
	}
	return ""
}

// inspect walks over the headers of src. It allocates nothing of a size that src could choose.
func inspect(src []byte) (h header, err error) {
	switch sniff(src) {
	case formatJPEG:
		h, err = inspectJPEG(src)
	case formatPNG:
		h, err = inspectPNG(src)
	case formatWebP:
		h, err = inspectWebP(src)
	default:
		return header{}, ErrUnsupported
	}
	crop := int64(min(h.width, h.height, 4*maxSide)) // square's result never has more pixels a side
	h.memory += crop*crop*4 + crop*maxSide*4
	return h, err
}
