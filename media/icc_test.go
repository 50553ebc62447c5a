package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// Display P3's and sRGB's primaries adapted to D50, as profiles have them: the columns are red, green and blue.
var (
	primariesP3   = [3][3]float64{{0.51512, 0.29198, 0.15710}, {0.24120, 0.69225, 0.06657}, {-0.00105, 0.04189, 0.78407}}
	primariesSRGB = [3][3]float64{{0.43607, 0.38515, 0.14307}, {0.22249, 0.71687, 0.06061}, {0.01392, 0.09708, 0.71410}}
)

func fixed(v float64) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(int32(math.Round(v*65536))))
}

// curveOfSRGB is sRGB's curve as a parametricCurveType.
func curveOfSRGB() []byte {
	out := []byte("para\x00\x00\x00\x00\x00\x03\x00\x00")
	for _, v := range []float64{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045} {
		out = append(out, fixed(v)...)
	}
	return out
}

// sampledCurveOfSRGB is the same as a table.
func sampledCurveOfSRGB() []byte {
	out := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), 1024)
	for i := range 1024 {
		out = binary.BigEndian.AppendUint16(out, uint16(math.Round(65535*lightOf(float64(i)/1023))))
	}
	return out
}

func exponentCurve(exponent float64) []byte {
	return binary.BigEndian.AppendUint16([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), uint16(exponent*256))
}

// profileOf builds an ICC profile of a matrix and one curve.
func profileOf(primaries [3][3]float64, curve []byte) []byte {
	header := make([]byte, 128)
	copy(header[16:], "RGB XYZ ")
	table := binary.BigEndian.AppendUint32(nil, 6)
	var data []byte
	at := func() uint32 { return uint32(128 + 4 + 6*12 + len(data)) }
	for i, channel := range []string{"r", "g", "b"} {
		table = append(table, channel+"XYZ"...)
		table = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(table, at()), 20)
		data = append(data, "XYZ \x00\x00\x00\x00"...)
		for axis := range 3 {
			data = append(data, fixed(primaries[axis][i])...)
		}
		table = append(table, channel+"TRC"...)
		table = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(table, at()), uint32(len(curve)))
		data = append(data, curve...)
	}
	return slices.Concat(header, table, data)
}

func lightOf(code float64) float64 {
	if code <= 0.04045 {
		return code / 12.92
	}
	return math.Pow((code+0.055)/1.055, 2.4)
}

// srgbOfP3 converts by the published matrix from linear P3 to linear sRGB, both with white D65.
func srgbOfP3(c color.NRGBA) color.NRGBA {
	m := [3][3]float64{{1.224940, -0.224940, 0}, {-0.042057, 1.042057, 0}, {-0.019638, -0.078636, 1.098274}}
	in := [3]float64{lightOf(float64(c.R) / 255), lightOf(float64(c.G) / 255), lightOf(float64(c.B) / 255)}
	var out [3]byte
	for row := range 3 {
		light := min(max(m[row][0]*in[0]+m[row][1]*in[1]+m[row][2]*in[2], 0), 1)
		code := 12.92 * light
		if light > 0.0031308 {
			code = 1.055*math.Pow(light, 1/2.4) - 0.055
		}
		out[row] = byte(math.Round(code * 255))
	}
	return color.NRGBA{out[0], out[1], out[2], 255}
}

func TestColorspace(t *testing.T) {
	for name, curve := range map[string][]byte{"formula": curveOfSRGB(), "table": sampledCurveOfSRGB()} {
		c := newColorspace(profileOf(primariesP3, curve))
		if c == nil {
			t.Fatalf("%s: no colour space", name)
		}
		for i := range 6 * 6 * 6 {
			in := color.NRGBA{byte(i % 6 * 51), byte(i / 6 % 6 * 51), byte(i / 36 * 51), 255}
			r, g, b := c.convert(in.R, in.G, in.B)
			if want := srgbOfP3(in); distance(color.NRGBA{r, g, b, 255}, want) > 2 {
				t.Errorf("%s: %v becomes %d %d %d, want %v", name, in, r, g, b, want)
			}
		}
	}
}

func TestColorspaceOfOtherGamma(t *testing.T) {
	c := newColorspace(profileOf(primariesSRGB, exponentCurve(1.0)))
	if c == nil {
		t.Fatal("no colour space")
	}
	if r, _, _ := c.convert(128, 128, 128); r != 188 { // half of the light
		t.Errorf("128 becomes %d", r)
	}
}

func TestNoColorspace(t *testing.T) {
	p3 := profileOf(primariesP3, curveOfSRGB())
	cmyk := bytes.Clone(p3)
	copy(cmyk[16:], "CMYK")
	for name, profile := range map[string][]byte{
		"none": nil, "sRGB": profileOf(primariesSRGB, curveOfSRGB()), "CMYK": cmyk, "cut off": p3[:len(p3)-1],
		"header only": p3[:132], "strange curve": profileOf(primariesP3, []byte("mft2\x00\x00\x00\x00\x00\x00\x00\x00")),
		"short table":      profileOf(primariesP3, []byte("curv\x00\x00\x00\x00\xff\xff\xff\xff")),
		"short parameters": profileOf(primariesP3, []byte("para\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00")),
	} {
		if newColorspace(profile) != nil {
			t.Errorf("%s: has a colour space", name)
		}
	}
}

// TestProfiles has the same Display P3 colours in each format.
func TestProfiles(t *testing.T) {
	profile := profileOf(primariesP3, curveOfSRGB())
	in := color.NRGBA{190, 120, 80, 255}
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		img.Pix[i] = [4]byte{in.R, in.G, in.B, in.A}[i%4]
	}
	for name, src := range map[string][]byte{
		"JPEG": jpegWithProfile(encodeJPEG(t, img), profile),
		"PNG":  pngWithProfile(t, encodePNG(t, img), profile),
	} {
		got := color.NRGBAModel.Convert(rendered(t, src, 65).At(30, 30)).(color.NRGBA)
		if want := srgbOfP3(in); distance(got, want) > 4 || distance(want, in) < 10 {
			t.Errorf("%s: %v becomes %v, want %v", name, in, got, want)
		}
	}
}

// jpegWithProfile puts a profile in two parts, the second one first.
func jpegWithProfile(src, profile []byte) []byte {
	half := len(profile) / 2
	out := segment([]byte{0xff, 0xd8}, 0xe2, append([]byte("ICC_PROFILE\x00\x02\x02"), profile[half:]...))
	out = segment(out, 0xe2, append([]byte("ICC_PROFILE\x00\x01\x02"), profile[:half]...))
	return append(out, src[2:]...)
}

func pngWithProfile(t *testing.T, src, profile []byte) []byte {
	t.Helper()
	var body bytes.Buffer
	body.WriteString("a name\x00\x00")
	w := zlib.NewWriter(&body)
	if _, err := w.Write(profile); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const header = len(pngSignature) + 25
	chunk := append([]byte("iCCP"), body.Bytes()...)
	out := binary.BigEndian.AppendUint32(bytes.Clone(src[:header]), uint32(body.Len()))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, src[header:]...)
}
