package attachment

import (
	"context"
	"errors"
	"io"
)

const (
	maxStructure = 4 << 20  // bytes that a parser may read of a file
	minRead      = 512      // bytes of the first read at a place
	maxRead      = 64 << 10 // bytes of a read when one piece after the other is wanted, and of the longest piece
)

// source hands out pieces of a file. Parsers ask it for whatever a hostile file makes them want: beyond the end, or once
// left bytes were read, there is nothing more. err keeps the first failure of the reader or the context.
type source struct {
	ctx  context.Context
	r    io.ReaderAt
	size int64
	left int64
	err  error

	spent bool // left was not enough

	buf  []byte // what was read last
	at   int64  // where buf begins
	next int    // how much to read if what follows buf is wanted
}

// bytes returns the n bytes at a place, or nil unless there are as many. They are valid until the next call.
func (s *source) bytes(at int64, n int) []byte {
	if n < 1 || n > maxRead || at < 0 || at > s.size-int64(n) {
		return nil
	}
	if at < s.at || at+int64(n) > s.at+int64(len(s.buf)) {
		s.read(at, n)
	}
	if at < s.at || at+int64(n) > s.at+int64(len(s.buf)) {
		return nil
	}
	return s.buf[at-s.at:][:n:n]
}

// upTo returns as many of n bytes as there are before the end of the file.
func (s *source) upTo(at int64, n int) []byte {
	return s.bytes(at, int(min(int64(n), s.size-at)))
}

// read fills buf from a place on, with more than the n bytes wanted if it is read in order.
func (s *source) read(at int64, n int) {
	if follows := at >= s.at && at <= s.at+int64(len(s.buf)); follows {
		s.next = min(2*s.next, maxRead)
	} else {
		s.next = minRead
	}
	want := min(int64(max(n, s.next, minRead)), s.size-at, s.left)
	if s.err == nil {
		s.err = context.Cause(s.ctx)
	}
	if s.spent = s.spent || want < int64(n); s.spent || s.err != nil {
		s.buf = s.buf[:0]
		return
	}
	if s.buf == nil || int64(cap(s.buf)) < want {
		s.buf = make([]byte, want)
	}
	got, err := s.r.ReadAt(s.buf[:want], at)
	s.buf, s.at, s.left = s.buf[:got], at, s.left-int64(got)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
}

// section returns a reader of a part of the file that stops when the context ends. It reads past the limit of left.
func (s *source) section(part section) io.Reader {
	return &contextReader{s.ctx, io.NewSectionReader(s.r, part.at, part.size)}
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}
