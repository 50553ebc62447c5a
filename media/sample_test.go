package media

import (
	"bytes"
	"encoding/binary"
	"flag"
	"image/jpeg"
	"os"
	"testing"

	"github.com/disintegration/imaging"

	"greengate/media/scene"
)

var update = flag.Bool("update", false, "write testdata/sample.jpg anew")

// TestSample holds testdata/sample.jpg to what generates it. Encoders differ between Go versions, so pixels are compared.
func TestSample(t *testing.T) {
	drawn := imaging.Rotate90(scene.Photo(7, 960, 1280)) // as a sensor turned by a quarter sees it
	if *update {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, drawn, &jpeg.Options{Quality: 78}); err != nil {
			t.Fatal(err)
		}
		file := jpegWithExif(out.Bytes(), exif(binary.BigEndian, rotated90))
		if err := os.WriteFile("testdata/sample.jpg", file, 0o644); err != nil {
			t.Fatal(err)
		}
		sample = file
	}
	if len(Sample()) > 200_000 {
		t.Errorf("sample has %d bytes", len(Sample()))
	}
	stored, err := jpeg.Decode(bytes.NewReader(Sample()))
	if err != nil {
		t.Fatal(err)
	}
	if got := psnr(t, stored, drawn); got < 27 {
		t.Errorf("sample is %.1f dB from what package scene draws", got)
	}
	if h, err := inspect(Sample()); err != nil || h.orientation != rotated90 {
		t.Errorf("inspect = %+v, %v", h, err)
	}
}
