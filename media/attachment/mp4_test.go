package attachment

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"
)

// u32 joins numbers of 32 bits.
func u32(numbers ...uint32) []byte {
	var out []byte
	for _, n := range numbers {
		out = binary.BigEndian.AppendUint32(out, n)
	}
	return out
}

func makeBoxes(name string, children ...[]byte) []byte {
	return makeBox(name, slices.Concat(children...))
}

var (
	ftyp    = makeBox("ftyp", []byte("isom\x00\x00\x02\x00isom"))
	upright = u32(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30)
	turned  = u32(0, 1<<16, 0, 0xffff0000, 0, 0, 0, 0, 1<<30)
)

// trak is a track of pictures or sound with 100 units a second.
func trak(id uint32, handler, codec string, matrix []byte, width, height, units uint32) []byte {
	description := slices.Concat(u32(0, 1, 86), []byte(codec), make([]byte, 24), []byte{1, 0, 0, 128}, make([]byte, 50)) // 256 x 128
	return makeBoxes("trak",
		makeBox("tkhd", slices.Concat(u32(0, 0, 0, id, 0, 0), make([]byte, 16), matrix, u32(width<<16, height<<16))),
		makeBoxes("mdia",
			makeBox("mdhd", u32(0, 0, 0, 100, units, 0)),
			makeBox("hdlr", slices.Concat(u32(0, 0), []byte(handler), make([]byte, 13))),
			makeBoxes("minf", makeBoxes("stbl", makeBox("stsd", description)))))
}

func mvhd(units uint32) []byte {
	return makeBox("mvhd", append(u32(0, 0, 0, 1000, units), make([]byte, 80)...))
}

// moof is a fragment of track 1 that begins at a time and has samples, of the given units each or as long as others are.
func moof(first uint32, samples ...uint32) []byte {
	const hasDuration, hasSize = 0x100, 0x200
	trun := u32(0, uint32(len(samples)))
	if samples[0] != 0 {
		trun[2], trun[3] = (hasDuration|hasSize)>>8, 0
		for _, units := range samples {
			trun = append(trun, u32(units, 9)...)
		}
	}
	return makeBoxes("moof", makeBox("mfhd", u32(0, 1)),
		makeBoxes("traf", makeBox("tfhd", u32(0, 1)), makeBox("tfdt", u32(0, first)), makeBox("trun", trun)))
}

func TestMP4(t *testing.T) {
	picture := trak(1, "vide", "avc1", upright, 320, 240, 500)
	sound := trak(2, "soun", "mp4a", upright, 0, 0, 700)
	moov := func(boxes ...[]byte) []byte { return makeBoxes("moov", boxes...) }
	live := moov(mvhd(0), trak(1, "vide", "avc1", upright, 320, 240, 0), makeBoxes("mvex", makeBox("trex", u32(0, 1, 1, 20, 0, 0))))
	sidx := makeBox("sidx", slices.Concat(u32(0, 1, 100, 200, 0, 2), u32(9, 100, 0, 9, 50, 0)))
	cover := encodeJPEG(t, 80, 40)
	udta := func(full ...byte) []byte {
		ilst := makeBoxes("ilst", makeBoxes("covr", makeBox("data", append(u32(13, 0), cover...))))
		return makeBoxes("udta", makeBoxes("meta", full, makeBox("hdlr", make([]byte, 25)), ilst))
	}
	sized := func(width, height int, d time.Duration) Info {
		return Info{Kind: Video, MIME: "video/mp4", Width: width, Height: height, Duration: d}
	}
	video := func(d time.Duration) Info { return sized(320, 240, d) }
	audio := Info{Kind: Audio, MIME: "audio/mp4", Duration: time.Second}
	for name, test := range map[string]struct {
		moov      []byte
		want      Info
		thumbnail bool
	}{
		"video":              {moov(mvhd(5500), sound, picture), video(5500 * time.Millisecond), false},
		"length of tracks":   {moov(mvhd(0), sound, picture), video(7 * time.Second), false},
		"unknown length":     {moov(mvhd(0xffffffff), picture), video(5 * time.Second), false},
		"absurd length":      {moov(makeBox("mvhd", u32(0, 0, 0, 1, 0xfffffffe)), picture), video(5 * time.Second), false},
		"turned":             {moov(mvhd(1000), trak(1, "vide", "avc1", turned, 320, 240, 0)), sized(240, 320, time.Second), false},
		"size of samples":    {moov(mvhd(1000), trak(1, "vide", "avc1", upright, 0, 0, 0)), sized(256, 128, time.Second), false},
		"sound alone":        {moov(mvhd(1000), sound, udta(0, 0, 0, 0)), audio, false},
		"sound with a still": {moov(mvhd(1000), sound, trak(1, "vide", "jpeg", upright, 320, 240, 0)), audio, false},
		"no track":           {moov(mvhd(1000)), Info{Kind: Document, MIME: "video/mp4", Duration: time.Second}, false},
		"cover":              {moov(mvhd(1000), picture, udta(0, 0, 0, 0)), video(time.Second), true},
		"cover of QuickTime": {moov(mvhd(1000), picture, udta()), video(time.Second), true},
		"mehd":               {moov(mvhd(0), picture, makeBoxes("mvex", makeBox("mehd", u32(0, 4000)))), video(4 * time.Second), false},
		"fragments":          {slices.Concat(live, moof(1000, 50, 60), bigBox("mdat", 16), moof(1110, 30, 60)), video(2 * time.Second), false},
		"equal samples":      {slices.Concat(live, moof(0, 0, 0, 0), moof(60, 0, 0)), video(time.Second), false},
		"segment index":      {slices.Concat(live, sidx), video(1500 * time.Millisecond), false},
		"box beyond the end": {slices.Concat(moov(mvhd(1000), picture), bigBox("mdat", 1<<40)), video(time.Second), false},
		"box of no size":     {slices.Concat(moov(mvhd(1000), picture), u32(4), []byte("junk")), video(time.Second), false},
	} {
		t.Run(name, func(t *testing.T) {
			got := inspect(t, slices.Concat(ftyp, test.moov), "file")
			if (got.Thumbnail != nil) != test.thumbnail {
				t.Errorf("thumbnail of %d bytes", len(got.Thumbnail))
			}
			got.Thumbnail = nil
			checkInfo(t, got, test.want)
		})
	}
}

// TestManyFragments wants no duration of a file that has more fragments than are looked at.
func TestManyFragments(t *testing.T) {
	live := makeBoxes("moov", mvhd(0), trak(1, "vide", "avc1", upright, 320, 240, 0))
	src := slices.Concat(ftyp, live, bytes.Repeat(moof(0, 100), maxStructure/len(moof(0, 100))))
	if got := inspect(t, src, "file"); got.Kind != Video || got.Duration != 0 {
		t.Errorf("%v", got)
	}
}
