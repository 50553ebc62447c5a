package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Markers of JPEG files.
const (
	markerSOF0 = 0xc0
	markerSOF2 = 0xc2
	markerDHT  = 0xc4
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerAPP1 = 0xe1
)

// encodeJPEG returns img as a baseline JPEG of high quality.
func encodeJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	fast := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := fast.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// exif returns a TIFF structure in the given byte order that declares o, behind another tag.
func exif(order binary.AppendByteOrder, o orientation) []byte {
	out := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		out = []byte("MM\x00*")
	}
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 2)
	for _, entry := range [][2]uint16{{0x0100, 7}, {0x0112, uint16(o)}} {
		out = order.AppendUint16(out, entry[0])
		out = order.AppendUint16(out, 3)
		out = order.AppendUint32(out, 1)
		out = order.AppendUint16(out, entry[1])
		out = order.AppendUint16(out, 0)
	}
	return order.AppendUint32(out, 0)
}

// jpegWithExif puts an APP1 segment behind the start of a JPEG.
func jpegWithExif(src, tiff []byte) []byte {
	body := append([]byte("Exif\x00\x00"), tiff...)
	return append(segment([]byte{0xff, 0xd8}, markerAPP1, body), src[2:]...)
}

// pngWithExif puts an eXIf chunk behind the header of a PNG.
func pngWithExif(src, tiff []byte) []byte {
	const header = len(pngSignature) + 25
	out := binary.BigEndian.AppendUint32(bytes.Clone(src[:header]), uint32(len(tiff)))
	out = append(append(out, "eXIf"...), tiff...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[header+4:]))
	return append(out, src[header:]...)
}

// webpWithExif wraps the picture chunk of a simple 64 x 64 WebP in the extended format.
func webpWithExif(src, tiff []byte) []byte {
	body := append([]byte("WEBP"), webpChunk("VP8X", []byte{8, 0, 0, 0, 63, 0, 0, 63, 0, 0})...)
	body = append(append(body, src[12:]...), webpChunk("EXIF", tiff)...)
	return webpChunk("RIFF", body)
}

func webpChunk(name string, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	return append(append(out, body...), make([]byte, len(body)&1)...)
}

// segment appends a marker segment of a JPEG.
func segment(dst []byte, marker byte, body []byte) []byte {
	dst = append(dst, 0xff, marker)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(body)+2))
	return append(dst, body...)
}

var letterPalette = color.Palette{
	color.NRGBA{255, 0, 0, 255},
	color.NRGBA{0, 255, 0, 255},
	color.NRGBA{0, 0, 255, 255},
	color.NRGBA{255, 255, 0, 255},
	color.NRGBA{255, 255, 255, 255},
	color.NRGBA{0, 0, 0, 255},
	color.NRGBA{},
}

// letters draws rows of equal square cells, each red, green, blue, yellow, white, black or transparent as its letter says.
func letters(cell int, rows ...string) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, cell*len(rows[0]), cell*len(rows)))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			img.Set(x, y, letterPalette[strings.IndexByte("rgbywk-", rows[y/cell][x/cell])])
		}
	}
	return img
}
