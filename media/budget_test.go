package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"greengate/media/scene"
)

// TestWaiters runs eight pictures at once through a budget that holds one, after somebody else has given it back.
func TestWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := encodeJPEG(t, image.NewGray(image.Rect(0, 0, 700, 700)))
		p := NewPictures(Limits{Memory: 5 << 20}) // one needs more than half of it
		if err := p.reserve(t.Context(), p.limits.Memory); err != nil {
			t.Fatal(err)
		}
		var done atomic.Int32
		for range 8 {
			go func() {
				if _, err := p.Normalize(t.Context(), src); err != nil {
					t.Error(err)
				}
				done.Add(1)
			}()
		}
		synctest.Wait()
		if n := done.Load(); n != 0 {
			t.Errorf("%d pictures did not wait", n)
		}
		p.memory.Release(p.limits.Memory)
		synctest.Wait()
		if n := done.Load(); n != 8 {
			t.Errorf("%d of 8 pictures done", n)
		}
		if !p.memory.TryAcquire(p.limits.Memory) {
			t.Error("memory was not given back")
		}
	})
}

func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := encodeJPEG(t, image.NewGray(image.Rect(0, 0, 700, 700)))
		p := NewPictures(Limits{Wait: 3 * time.Second})
		if err := p.reserve(t.Context(), p.limits.Memory); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := p.Normalize(t.Context(), src); !errors.Is(err, ErrBusy) || time.Since(start) != 3*time.Second {
			t.Errorf("error is %v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Normalize(ctx, src); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v, want that of the context", err)
		}
	})
}

func TestMemoryIsGivenBackAfterErrors(t *testing.T) {
	src := encodePNG(t, letters(32, "rg", "bw"))
	copy(src[len(src)-20:], "flipped bits")
	p := NewPictures(patient)
	if _, err := p.Normalize(t.Context(), src); !errors.Is(err, ErrCorrupt) {
		t.Errorf("error is %v", err)
	}
	if !p.memory.TryAcquire(p.limits.Memory) {
		t.Error("memory was not given back")
	}
}

func TestDeadline(t *testing.T) {
	src := encodePNG(t, image.NewNRGBA(image.Rect(0, 0, 2000, 2000)))
	p := NewPictures(Limits{Deadline: time.Nanosecond})
	if _, err := p.Normalize(t.Context(), src); !errors.Is(err, ErrDeadline) {
		t.Errorf("error is %v", err)
	}
}

// countdown is a context that ends after it was asked a number of times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestDecodersStop wants decoders to leave the rest of a file alone once its context has ended.
func TestDecodersStop(t *testing.T) {
	busy := scene.Photo(1, 300, 300)
	for f, src := range map[format][]byte{
		formatJPEG: encodeJPEG(t, busy),
		formatPNG:  encodePNG(t, busy),
	} {
		r := &reader{ctx: &countdown{t.Context(), 3}, rest: src}
		if _, err := f.decoder()(r); err == nil || len(src)-len(r.rest) > 3*512 {
			t.Errorf("%s: %v after %d bytes", f, err, len(src)-len(r.rest))
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	src := encodeJPEG(t, image.NewGray(image.Rect(0, 0, 700, 700)))
	if _, err := NewPictures(Limits{}).Normalize(ctx, src); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestReaderStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	r := &reader{ctx: ctx, rest: bytes.Repeat([]byte{1}, 2000)}
	if n, err := r.Read(make([]byte, 4096)); n != 512 || err != nil {
		t.Errorf("Read = %d, %v", n, err)
	}
	cancel(ErrDeadline)
	if n, err := io.ReadAll(r); len(n) != 0 || !errors.Is(err, ErrDeadline) {
		t.Errorf("read %d bytes, %v after the end", len(n), err)
	}
}

// panicking is a context that fails as a decoder might.
type panicking struct{ context.Context }

func (panicking) Deadline() (time.Time, bool) { panic("index out of range") }

func TestPanicIsAnError(t *testing.T) {
	src := encodePNG(t, letters(32, "rg", "bw"))
	p := NewPictures(patient)
	_, err := p.Normalize(panicking{t.Context()}, src)
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("error is %v", err)
	}
}
