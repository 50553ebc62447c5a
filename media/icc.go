package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color"
	"io"
	"math"
	"sync"
)

// maxProfile bounds a colour profile; those of a matrix and three curves have a few kilobytes at most.
const maxProfile = 1 << 20

// colorspace leads from the RGB of an ICC profile to sRGB: a curve for each channel to linear light, a matrix between the primaries,
// and the one curve of sRGB. Profiles of other kinds, with tables of colours, are rare in photos and not supported.
type colorspace struct {
	linear [3][256]int32 // linear light, 0..lightMax
	matrix [3][3]int32   // with matrixBits of fraction
	gamma  []byte        // sRGB's code for each value of linear light
}

const (
	lightMax   = 1<<14 - 1
	matrixBits = 14
)

// srgbFromXYZ is the inverse of sRGB's primaries adapted to D50, as ICC profiles have them.
var srgbFromXYZ = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// colorspace returns the way from the picture's colours to sRGB; nil if there is none to go.
func (h header) colorspace() *colorspace {
	if h.format == formatPNG {
		return newColorspace(inflateProfile(h.profile))
	}
	return newColorspace(h.profile)
}

// newColorspace reads an ICC profile (ICC.1). It returns nil for one that is not supported, is broken, or does not differ from sRGB.
func newColorspace(profile []byte) *colorspace {
	if len(profile) < 132 || string(profile[16:20]) != "RGB " || string(profile[20:24]) != "XYZ " {
		return nil
	}
	c := &colorspace{gamma: srgbCodes()}
	var primaries [3][3]float64
	for i, channel := range []string{"r", "g", "b"} {
		xyz, curve := iccTag(profile, channel+"XYZ"), newToneCurve(iccTag(profile, channel+"TRC"))
		if len(xyz) < 20 || curve == nil {
			return nil
		}
		for axis := range 3 {
			primaries[axis][i] = fixed16(xyz[8+4*axis:])
		}
		for code := range c.linear[i] {
			if light := curve(float64(code) / 255); light > 0 { // and not NaN
				c.linear[i][code] = int32(math.Round(lightMax * min(light, 1)))
			}
		}
	}
	for row := range 3 {
		for i := range 3 {
			sum := 0.0
			for axis := range 3 {
				sum += srgbFromXYZ[row][axis] * primaries[axis][i]
			}
			c.matrix[row][i] = int32(math.Round(min(max(sum, -8), 8) * (1 << matrixBits)))
		}
	}
	if c.isSRGB() {
		return nil
	}
	return c
}

// srgbCodes makes the table of sRGB's curve.
var srgbCodes = sync.OnceValue(func() []byte {
	codes := make([]byte, lightMax+1)
	for i := range codes {
		light := float64(i) / lightMax
		code := 12.92 * light
		if light > 0.0031308 {
			code = 1.055*math.Pow(light, 1/2.4) - 0.055
		}
		codes[i] = byte(math.Round(255 * code))
	}
	return codes
})

// isSRGB tells whether colours all over the cube stay where they are, but for rounding.
func (c *colorspace) isSRGB() bool {
	for i := range 6 * 6 * 6 {
		in := [3]byte{byte(i % 6 * 51), byte(i / 6 % 6 * 51), byte(i / 36 * 51)}
		r, g, b := c.convert(in[0], in[1], in[2])
		for channel, out := range [3]byte{r, g, b} {
			if d := int(out) - int(in[channel]); d < -2 || d > 2 {
				return false
			}
		}
	}
	return true
}

func (c *colorspace) convert(r, g, b byte) (byte, byte, byte) {
	lr, lg, lb := int(c.linear[0][r]), int(c.linear[1][g]), int(c.linear[2][b])
	channel := func(m *[3]int32) byte {
		light := (lr*int(m[0]) + lg*int(m[1]) + lb*int(m[2]) + 1<<(matrixBits-1)) >> matrixBits
		return c.gamma[min(max(light, 0), lightMax)]
	}
	return channel(&c.matrix[0]), channel(&c.matrix[1]), channel(&c.matrix[2])
}

// apply converts a picture with one sample of colour for four pixels.
func (c *colorspace) apply(img *image.YCbCr) {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	for y := 0; y < height; y += 2 {
		for x := 0; x < width; x += 2 {
			at := y/2*img.CStride + x/2
			cb, cr := img.Cb[at], img.Cr[at]
			sumB, sumR, count := 0, 0, 0
			for _, i := range [4]int{y*img.YStride + x, y*img.YStride + x + 1, (y+1)*img.YStride + x, (y+1)*img.YStride + x + 1} {
				if i%img.YStride < x || i >= height*img.YStride {
					continue // beyond the right or the lower edge
				}
				newY, newB, newR := color.RGBToYCbCr(c.convert(color.YCbCrToRGB(img.Y[i], cb, cr)))
				img.Y[i] = newY
				sumB, sumR, count = sumB+int(newB), sumR+int(newR), count+1
			}
			img.Cb[at], img.Cr[at] = byte((sumB+count/2)/count), byte((sumR+count/2)/count)
		}
	}
}

// iccTag returns the contents of a tag, nil if the profile has none of that name.
func iccTag(profile []byte, name string) []byte {
	count := binary.BigEndian.Uint32(profile[128:])
	for table := profile[132:]; count > 0 && len(table) >= 12; count, table = count-1, table[12:] {
		at, size := uint64(binary.BigEndian.Uint32(table[4:])), uint64(binary.BigEndian.Uint32(table[8:]))
		if string(table[:4]) == name && at+size <= uint64(len(profile)) {
			return profile[at : at+size]
		}
	}
	return nil
}

// newToneCurve reads a curve as a function from 0..1 to linear light; nil if it is of no known kind.
func newToneCurve(tag []byte) func(float64) float64 {
	if len(tag) < 12 {
		return nil
	}
	switch kind, body := string(tag[:4]), tag[8:]; kind {
	case "curv":
		return newSampledCurve(body)
	case "para":
		return newParametricCurve(binary.BigEndian.Uint16(body), body[4:])
	}
	return nil
}

// newSampledCurve reads curveType (10.6): no samples for the identity, one for an exponent, or a table.
func newSampledCurve(body []byte) func(float64) float64 {
	count, samples := uint64(binary.BigEndian.Uint32(body)), body[4:]
	if 2*count > uint64(len(samples)) {
		return nil
	}
	sample := func(i int) float64 { return float64(binary.BigEndian.Uint16(samples[2*i:])) }
	switch count {
	case 0:
		return func(x float64) float64 { return x }
	case 1:
		return func(x float64) float64 { return math.Pow(x, sample(0)/256) }
	}
	return func(x float64) float64 {
		at := x * float64(count-1)
		i := min(int(at), int(count)-2)
		return (sample(i) + (sample(i+1)-sample(i))*(at-float64(i))) / 65535
	}
}

// newParametricCurve reads parametricCurveType (10.18): (a x + b)^g + e from d on, and c x + f below.
func newParametricCurve(kind uint16, body []byte) func(float64) float64 {
	names := map[uint16]string{0: "g", 1: "gab", 2: "gabe", 3: "gabcd", 4: "gabcdef"}[kind]
	if names == "" || len(body) < 4*len(names) {
		return nil
	}
	p := map[byte]float64{'a': 1}
	for i := range names {
		p[names[i]] = fixed16(body[4*i:])
	}
	g, a, b, c, d, e, f := p['g'], p['a'], p['b'], p['c'], p['d'], p['e'], p['f']
	switch kind {
	case 1, 2: // the lower part is level, and begins where the upper would be negative
		if d = 0; a != 0 {
			d = -b / a
		}
		f = e
	}
	return func(x float64) float64 {
		if x < d {
			return c*x + f
		}
		return math.Pow(a*x+b, g) + e
	}
}

// fixed16 reads an s15Fixed16Number.
func fixed16(b []byte) float64 {
	return float64(int32(binary.BigEndian.Uint32(b))) / (1 << 16)
}

// inflateProfile reads the profile of a PNG's iCCP chunk: a name, a zero, the method of compression, and the compressed profile.
func inflateProfile(body []byte) []byte {
	_, compressed, found := bytes.Cut(body, []byte{0})
	if !found || len(compressed) < 1 || compressed[0] != 0 {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(compressed[1:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(r, maxProfile))
	if err != nil {
		return nil
	}
	return profile
}
