package media

import (
	"encoding/binary"
	"image"
	"testing"
)

func addSeeds(f *testing.F) {
	img := letters(8, "rg", "b-")
	for _, name := range []string{
		"quarters-progressive.jpg", "quarters-cmyk.jpg", "quarters-interlaced.png",
		"quarters-lossy.webp", "quarters-alpha.webp", "quarters-lossless.webp", "quarters-lossless-alpha.webp",
	} {
		f.Add(readFile(f, name))
	}
	f.Add(encodePNG(f, img))
	f.Add(pngWithExif(encodePNG(f, image.NewPaletted(img.Rect, letterPalette)), exif(binary.BigEndian, transposed)))
	f.Add(jpegWithExif(encodeJPEG(f, img), exif(binary.LittleEndian, rotated90)))
	f.Add(webpWithExif(readFile(f, "quarters-lossy.webp"), exif(binary.LittleEndian, rotated270)))
	f.Add(scanHeader(40, 40))
	f.Add([]byte("GIF89a"))
}

// FuzzSniff holds the header walk to what the decoders think of the same file.
func FuzzSniff(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		h, err := inspect(src)
		if err != nil {
			return
		}
		if h.format == "" || h.orientation < upright || h.orientation > rotated270 || h.memory < 0 {
			t.Errorf("header is %+v", h)
		}
		if (Limits{MaxPixels: 1 << 16}).withDefaults().admit(h) != nil {
			return
		}
		img, err := decode(t.Context(), h, src)
		if err == nil && img.Bounds().Size() != image.Pt(h.width, h.height) {
			t.Errorf("decoder found %v, header walk %d x %d", img.Bounds(), h.width, h.height)
		}
	})
}

// FuzzNormalize wants an error or a picture of the promised kind, whatever the input.
func FuzzNormalize(f *testing.F) {
	addSeeds(f)
	p := NewPictures(Limits{MaxPixels: 1 << 16, MaxScans: 30})
	f.Fuzz(func(t *testing.T, src []byte) {
		if got, err := p.Normalize(t.Context(), src); err == nil {
			checked(t, got)
		}
	})
}
