package attachment

// readSidx reads a segment index, which tells how long the fragments behind it last.
func (m *movie) readSidx(s *source, b box) {
	f, _, at := s.fields(b, 4, 4, -4, -4, 2, 2)
	t := m.track(f[0])
	if t == nil || f[1] == 0 || f[1] != t.length.scale {
		return
	}
	last := f[2]
	for range f[5] {
		if at+12 > b.end {
			break
		}
		last += s.number(at+4, 4)
		at += 12
	}
	t.extend(f[2], last)
}

func (t *track) extend(first, last uint64) {
	t.first, t.last = min(t.first, first), max(t.last, last)
}

// readMoof reads where the tracks of a fragment begin and how long they last.
func (m *movie) readMoof(s *source, moof box) {
	for traf := range s.boxes(moof.at, moof.end) {
		if traf.name != "traf" {
			continue
		}
		tfhd, ok := s.child(traf, "tfhd")
		if !ok {
			continue
		}
		t, perSample := m.readTfhd(s, tfhd)
		if t == nil {
			continue
		}
		first := t.last
		if tfdt, ok := s.child(traf, "tfdt"); ok {
			f, _, _ := s.fields(tfdt, -4)
			first = f[0]
		}
		last := first
		for b := range s.boxes(traf.at, traf.end) {
			if b.name == "trun" {
				last += s.readTrun(b, perSample)
			}
		}
		t.extend(first, last)
	}
}

// readTfhd tells which track a fragment belongs to, and how long a sample lasts unless it says otherwise.
func (m *movie) readTfhd(s *source, b box) (t *track, perSample uint64) {
	const hasOffset, hasDescription, hasDuration = 0x1, 0x2, 0x8
	f, flags, at := s.fields(b, 4)
	if t = m.track(f[0]); t == nil || flags&hasDuration == 0 {
		if t != nil {
			perSample = t.perSample
		}
		return t, perSample
	}
	if flags&hasOffset != 0 {
		at += 8
	}
	if flags&hasDescription != 0 {
		at += 4
	}
	return t, s.number(at, 4)
}

// readTrun adds up how long the samples of a run last.
func (s *source) readTrun(b box, perSample uint64) uint64 {
	const hasOffset, hasFirstFlags, hasDuration = 0x1, 0x4, 0x100
	f, flags, at := s.fields(b, 4)
	if flags&hasDuration == 0 {
		return f[0] * perSample
	}
	for _, flag := range []uint32{hasOffset, hasFirstFlags} {
		if flags&flag != 0 {
			at += 4
		}
	}
	var sum uint64
	entry := int64(4)
	for _, flag := range []uint32{0x200, 0x400, 0x800} { // size, flags, offset of presentation
		if flags&flag != 0 {
			entry += 4
		}
	}
	for n := f[0]; n > 0 && at+entry <= b.end; n-- {
		sum += s.number(at, 4)
		at += entry
	}
	return sum
}
