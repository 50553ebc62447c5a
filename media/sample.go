package media

import _ "embed"

//go:embed testdata/sample.jpg
var sample []byte

// Sample returns a photo to try things with: a landscape from package scene, as a phone held upright stores it (a JPEG of 1280 x 960
// pixels with EXIF orientation 6, under 200 KB). The caller must not change it.
func Sample() []byte { return sample }
