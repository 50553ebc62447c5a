package media

import (
	"bytes"

	"greengate/media/jpegscale"
)

// header is what a walk over a file's structure tells without decoding it.
type header struct {
	format        format
	width, height int
	scans         int         // JPEG only
	orientation   orientation // as EXIF declares it
	profile       []byte      // ICC profile if there is one; compressed in a PNG
	memory        int64       // estimate of what decoding with the standard library allocates, in bytes
	jpeg          *jpegscale.File
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
func inspect(src []byte) (header, error) {
	switch sniff(src) {
	case formatJPEG:
		return inspectJPEG(src)
	case formatPNG:
		return inspectPNG(src)
	case formatWebP:
		return inspectWebP(src)
	}
	return header{}, ErrUnsupported
}
