package attachment

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestPictures(t *testing.T) {
	jpeg, png := encodeJPEG(t, 40, 20), encodePNG(t, 40, 20)
	turnedJPEG := bytes.Join([][]byte{jpeg[:2], jpegSegment(0xe1, append([]byte("Exif\x00\x00"), sidewaysTIFF...)), jpeg[2:]}, nil)
	turnedPNG := bytes.Join([][]byte{png[:33], pngChunk("eXIf", sidewaysTIFF), png[33:]}, nil)
	vp8x := func(flags byte, width, height int) []byte {
		body := []byte{flags, 0, 0, 0, 0, 0, 0, 0, 0, 0}
		binary.LittleEndian.PutUint32(body[4:], uint32(width-1))
		body[7], body[8], body[9] = byte(height-1), byte((height-1)>>8), byte((height-1)>>16)
		return riff("VP8X", body)
	}
	for name, test := range map[string]struct {
		src       []byte
		want      Info
		thumbnail bool
	}{
		"JPEG":               {jpeg, Info{Kind: Image, MIME: "image/jpeg", Width: 40, Height: 20}, true},
		"JPEG on its side":   {turnedJPEG, Info{Kind: Image, MIME: "image/jpeg", Width: 20, Height: 40}, true},
		"JPEG without frame": {jpeg[:20], Info{Kind: Document, MIME: "image/jpeg"}, false},
		"JPEG of 65535 x 65535": {
			bytes.Replace(jpeg, []byte{0, 20, 0, 40}, []byte{255, 255, 255, 255}, 1),
			Info{Kind: Image, MIME: "image/jpeg", Width: 65535, Height: 65535},
			false,
		},
		"JPEG cut off":    {jpeg[:len(jpeg)-300], Info{Kind: Image, MIME: "image/jpeg", Width: 40, Height: 20}, false},
		"PNG":             {png, Info{Kind: Image, MIME: "image/png", Width: 40, Height: 20}, true},
		"PNG on its side": {turnedPNG, Info{Kind: Image, MIME: "image/png", Width: 20, Height: 40}, true},
		"APNG": {
			bytes.Join([][]byte{png[:33], pngChunk("acTL", make([]byte, 8)), png[33:]}, nil),
			Info{Kind: Image, MIME: "image/png", Width: 40, Height: 20},
			true,
		},
		"sticker of VP8L": {
			riff("RIFF", []byte("WEBP"), riff("VP8L", []byte{0x2f, 0xff, 0xc1, 0x7f, 0})),
			Info{Kind: Sticker, MIME: "image/webp", Width: 512, Height: 512},
			false,
		},
		"WebP of 513 pixels": {
			riff("RIFF", []byte("WEBP"), vp8x(0, 513, 10), riff("VP8 ", make([]byte, 20))),
			Info{Kind: Document, MIME: "image/webp", Width: 513, Height: 10},
			false,
		},
		"WebP on its side": {
			riff("RIFF", []byte("WEBP"), vp8x(8, 30, 10), riff("VP8 ", make([]byte, 20)), riff("EXIF", sidewaysTIFF)),
			Info{Kind: Sticker, MIME: "image/webp", Width: 10, Height: 30},
			false,
		},
		"BMP": {append([]byte("BM"), make([]byte, 60)...), Info{Kind: Document, MIME: "image/bmp"}, false},
		"GIF too large to decode": {
			append([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), ",\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08\x00;"...),
			Info{Kind: Image, MIME: "image/gif", Width: 65535, Height: 65535},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := inspect(t, test.src, "file")
			if (got.Thumbnail != nil) != test.thumbnail {
				t.Errorf("thumbnail of %d bytes", len(got.Thumbnail))
			}
			got.Thumbnail = nil
			checkInfo(t, got, test.want)
		})
	}
}
