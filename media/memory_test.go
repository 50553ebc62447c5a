package media

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"greengate/media/scene"
)

// TestMemoryOfEight uploads eight pictures of 48 megapixels at once, each with its own copy of the file, in a process of its
// own whose greatest size is measured.
func TestMemoryOfEight(t *testing.T) {
	if name := os.Getenv("MEDIA_TEST_EIGHT"); name != "" {
		eightAtOnce(t, name)
		return
	}
	if _, err := os.Stat("/proc/self/status"); err != nil || testing.Short() || raceDetector {
		t.Skip("needs seconds, Linux, and a process of natural size")
	}
	name := t.TempDir() + "/48.jpg"
	if err := os.WriteFile(name, repeated(t, 8000, 6000), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestMemoryOfEight$", "-test.v")
	cmd.Env = append(os.Environ(), "MEDIA_TEST_EIGHT="+name)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, line, _ := strings.Cut(string(out), "VmHWM:")
	kilobytes := 0
	if _, err := fmt.Sscan(line, &kilobytes); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MB at most", kilobytes>>10)
	if kilobytes > 200<<10 {
		t.Errorf("eight pictures at once took %d MB", kilobytes>>10)
	}
}

func eightAtOnce(t *testing.T, name string) {
	t.Helper()
	p := NewPictures(Limits{})
	var wg sync.WaitGroup
	for range 8 {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if _, err := p.Normalize(t.Context(), src); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(status))
}

// repeated returns a JPEG of the given size, filled with one small scene.
func repeated(t *testing.T, width, height int) []byte {
	t.Helper()
	const side = 512
	decoded, err := jpeg.Decode(bytes.NewReader(encodeJPEG(t, scene.Photo(4, side, side))))
	if err != nil {
		t.Fatal(err)
	}
	tile := decoded.(*image.YCbCr)
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	tileOver(img.Y, img.YStride, tile.Y, tile.YStride, side)
	tileOver(img.Cb, img.CStride, tile.Cb, tile.CStride, side/2)
	tileOver(img.Cr, img.CStride, tile.Cr, tile.CStride, side/2)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tileOver(dst []byte, stride int, tile []byte, tileStride, side int) {
	for i := 0; i < len(dst); i += stride {
		row := tile[i/stride%side*tileStride:][:side]
		for at := i; at < i+stride; at += copy(dst[at:i+stride], row) {
		}
	}
}
