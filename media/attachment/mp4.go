package attachment

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// movie is what the boxes of a file told so far.
type movie struct {
	length span // as the movie header has it
	tracks []track
	cover  section
}

// track is a sequence of pictures or of sound. In a file of fragments, first and last are where they begin and end.
type track struct {
	id            uint64
	handler       string // vide, soun, ...
	width, height int
	length        span
	perSample     uint64 // units that a sample of a fragment lasts unless it says otherwise
	first, last   uint64
}

// span is a time in the units that a header counts in.
type span struct{ units, scale uint64 }

// duration is zero if it would be more than a file may well have.
func (t span) duration() time.Duration {
	const longest = 1000 * 3600 // seconds
	if t.scale == 0 || t.units/t.scale > longest {
		return 0
	}
	return time.Duration(float64(t.units) / float64(t.scale) * float64(time.Second))
}

// maxTracks bounds the memory for a file that consists of nothing but tracks.
const maxTracks = 64

func inspectMP4(s *source, info *Info) section {
	var m movie
	for b := range s.boxes(0, s.size) {
		switch b.name {
		case "moov":
			m.readMoov(s, b)
		case "sidx":
			m.readSidx(s, b)
		case "moof":
			m.readMoof(s, b)
		}
	}
	for _, t := range m.tracks {
		switch {
		case t.handler == "vide" && t.width > 0 && t.height > 0 && info.Kind != Video:
			info.Kind, info.Width, info.Height = Video, t.width, t.height
		case t.handler == "soun" && info.Kind == Document:
			info.Kind = Audio
		}
	}
	info.Duration = m.duration(!s.spent)
	info.MIME = info.Kind.ofMP4(info.MIME)
	if info.Kind == Video {
		return m.cover
	}
	return section{} // audio messages have no place for the cover of a song
}

// ofMP4 is the type of a file of this kind. The brand at its beginning does not tell whether there are moving pictures.
func (k Kind) ofMP4(mime string) string {
	switch {
	case k == Audio && mime == "video/3gpp":
		return "audio/3gpp"
	case k == Audio:
		return "audio/mp4"
	case k == Video && mime == "audio/mp4":
		return "video/mp4"
	}
	return mime
}

// duration prefers the header of the movie, as players do; it knows of edits. Fragments tell only if all of them were seen.
func (m *movie) duration(complete bool) time.Duration {
	if d := m.length.duration(); d > 0 {
		return d
	}
	var longest, fragments time.Duration
	for _, t := range m.tracks {
		longest = max(longest, t.length.duration())
		fragments = max(fragments, span{t.last - min(t.first, t.last), t.length.scale}.duration())
	}
	if longest == 0 && complete {
		return fragments
	}
	return longest
}

func (m *movie) readMoov(s *source, moov box) {
	for b := range s.boxes(moov.at, moov.end) {
		switch b.name {
		case "mvhd":
			m.length = s.length(b)
		case "trak":
			if len(m.tracks) < maxTracks {
				m.tracks = append(m.tracks, s.track(b))
			}
		case "mvex":
			m.readMvex(s, b)
		case "udta":
			m.cover = s.coverArt(b)
		}
	}
}

// length reads mvhd or mdhd: two dates, the scale and the duration. All ones stand for an unknown one.
func (s *source) length(b box) span {
	f, _, _ := s.fields(b, -4, -4, 4, -4)
	if f[3] == math.MaxUint32 || f[3] == math.MaxUint64 {
		f[3] = 0
	}
	return span{units: f[3], scale: f[2]}
}

// readMvex reads what the fragments to come have in common.
func (m *movie) readMvex(s *source, mvex box) {
	for b := range s.boxes(mvex.at, mvex.end) {
		switch b.name {
		case "mehd":
			f, _, _ := s.fields(b, -4)
			m.length.units = cmp.Or(m.length.units, f[0])
		case "trex":
			f, _, _ := s.fields(b, 4, 4, 4)
			if t := m.track(f[0]); t != nil {
				t.perSample = f[2]
			}
		}
	}
}

// track returns the track of an id.
func (m *movie) track(id uint64) *track {
	i := slices.IndexFunc(m.tracks, func(t track) bool { return t.id == id })
	if i < 0 {
		return nil
	}
	return &m.tracks[i]
}

// track reads a trak box.
func (s *source) track(trak box) track {
	var t track
	t.first = math.MaxUint64
	if b, ok := s.child(trak, "tkhd"); ok {
		s.readTkhd(b, &t)
	}
	if b, ok := s.child(trak, "mdia", "mdhd"); ok {
		t.length = s.length(b)
	}
	if b, ok := s.child(trak, "mdia", "hdlr"); ok {
		t.handler = string(s.bytes(b.at+8, 4))
	}
	if b, ok := s.child(trak, "mdia", "minf", "stbl", "stsd"); ok && t.handler == "vide" {
		s.readStsd(b, &t)
	}
	return t
}

// readTkhd reads the size that pictures are shown at, turned as the matrix tells.
func (s *source) readTkhd(b box, t *track) {
	const matrix = 9 * 4
	f, _, rest := s.fields(b, -4, -4, 4, 4, -4, 8, 8)
	t.id = f[2]
	t.width, t.height = int(s.number(rest+matrix, 2)), int(s.number(rest+matrix+4, 2)) // without their 16 bits of fraction
	if a, b := s.number(rest, 4), s.number(rest+4, 4); a == 0 && b != 0 {
		t.width, t.height = t.height, t.width
	}
}

// readStsd looks at the first sample description: its size is a second best, and a track of still pictures is no video.
func (s *source) readStsd(b box, t *track) {
	const entry = 8
	switch string(s.bytes(b.at+entry+4, 4)) {
	case "jpeg", "png ", "mjpa", "mjpb":
		t.handler = "still"
	}
	if t.width == 0 || t.height == 0 {
		t.width, t.height = int(s.number(b.at+entry+32, 2)), int(s.number(b.at+entry+34, 2))
	}
}

// coverArt finds the picture that music and film shops put into the metadata (moov/udta/meta/ilst/covr/data).
func (s *source) coverArt(udta box) section {
	const jpeg, png = 13, 14
	meta, ok := s.child(udta, "meta")
	if !ok {
		return section{}
	}
	if string(s.bytes(meta.at+4, 4)) != "hdlr" { // a full box but in QuickTime
		meta.at += 4
	}
	data, ok := s.child(meta, "ilst", "covr", "data")
	if kind := s.number(data.at, 4); !ok || kind != jpeg && kind != png {
		return section{}
	}
	return section{data.at + 8, max(0, data.end-data.at-8)}
}
