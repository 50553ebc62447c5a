package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// write is a fill that writes a text.
func write(text string) Fill {
	return func(_ context.Context, file *os.File) error {
		_, err := file.WriteString(text)
		return err
	}
}

var errRefilled = errors.New("the file is not there any more")

func refuse(context.Context, *os.File) error { return errRefilled }

func cached(t *testing.T, f *Files, key string, fill Fill) string {
	t.Helper()
	file, err := f.Cached(t.Context(), key, fill)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return content(t, file)
}

func TestCached(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Limits{})
	for range 2 {
		if got := cached(t, f, "a/../key", write("text")); got != "text" {
			t.Errorf("read %q", got)
		}
	}
	if got := cached(t, f, "a/../key", refuse); got != "text" {
		t.Errorf("read %q", got)
	}
	if got := cached(t, open(t, dir, Limits{}), "a/../key", refuse); got != "text" {
		t.Errorf("read %q after a restart", got)
	}
	for _, name := range listed(t, dir) {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	if got := cached(t, f, "a/../key", write("again")); got != "again" || f.cache.size != 5 {
		t.Errorf("read %q after the file was removed by hand, %d bytes in all", got, f.cache.size)
	}
}

func TestEviction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		limits := Limits{Cache: 300}
		f := open(t, dir, limits)
		text := strings.Repeat("x", 100)
		for _, key := range []string{"a", "b", "c", "a"} { // b was used least recently
			cached(t, f, key, write(text))
			time.Sleep(time.Second)
		}
		f = open(t, dir, limits) // which must know that as well
		cached(t, f, "d", write(text))
		for key, want := range map[string]error{"a": nil, "b": errRefilled, "c": nil, "d": nil} {
			file, err := f.Cached(t.Context(), key, refuse)
			if !errors.Is(err, want) {
				t.Errorf("%s: %v", key, err)
			}
			if err == nil {
				file.Close()
			}
		}
		if got := cached(t, f, "large", write(text+text+text+text)); len(got) != 400 {
			t.Errorf("read %d bytes of what does not fit", len(got))
		}
		if left := listed(t, dir); len(left) != 0 || f.cache.size != 0 {
			t.Errorf("%v are left, %d bytes", left, f.cache.size)
		}
		cached(t, f, "e", write(text))
		if open(t, dir, Limits{Cache: 99}); len(listed(t, dir)) != 0 {
			t.Errorf("%v are left with a smaller limit", listed(t, dir))
		}
	})
}

func TestFillFails(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Limits{})
	full := func(_ context.Context, file *os.File) error {
		if _, err := file.WriteString("half"); err != nil {
			return err
		}
		device, err := os.OpenFile("/dev/full", os.O_WRONLY, 0) // where every write fails as it does on a full disk
		if err != nil {
			return err
		}
		defer device.Close()
		_, err = io.WriteString(device, "more")
		return err
	}
	if _, err := f.Cached(t.Context(), "key", full); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error is %v", err)
	}
	if left := listed(t, dir); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	if got := cached(t, f, "key", write("text")); got != "text" {
		t.Errorf("read %q", got)
	}
}

// TestSingleFlight has many calls wait for one fill; the first of them gives up.
func TestSingleFlight(t *testing.T) {
	for _, want := range []error{nil, errRefilled} {
		synctest.Test(t, func(t *testing.T) {
			f := open(t, t.TempDir(), Limits{})
			type key struct{}
			first, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
			var fills, done atomic.Int32
			fill := func(ctx context.Context, file *os.File) error {
				fills.Add(1)
				if ctx.Value(key{}) != "value" {
					t.Error("the fill has no values of the first call")
				}
				select {
				case <-ctx.Done():
					return context.Cause(ctx)
				case <-time.After(time.Minute):
				}
				if _, err := file.WriteString("text"); err != nil {
					return err
				}
				return want
			}
			go func() {
				if _, err := f.Cached(first, "key", fill); !errors.Is(err, context.Canceled) {
					t.Errorf("error of the first is %v", err)
				}
				done.Add(1)
			}()
			synctest.Wait()
			for range 5 {
				go func() {
					file, err := f.Cached(t.Context(), "key", fill)
					if !errors.Is(err, want) {
						t.Errorf("error is %v", err)
					}
					if err == nil && content(t, file) != "text" {
						t.Error("wrong content")
					}
					done.Add(1)
				}()
			}
			synctest.Wait()
			cancel()
			synctest.Wait()
			if n := done.Load(); n != 1 {
				t.Errorf("%d calls ended with the context of the first", n)
			}
			time.Sleep(time.Hour)
			if fills.Load() != 1 || done.Load() != 6 {
				t.Errorf("%d fills, %d calls ended", fills.Load(), done.Load())
			}
		})
	}
}

// TestNobodyWaits wants a fill to end with its last waiter, and the next call to begin another one at once.
func TestNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		f := open(t, dir, Limits{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var ended atomic.Bool
		_, err := f.Cached(ctx, "key", func(ctx context.Context, _ *os.File) error {
			<-ctx.Done()
			time.Sleep(time.Minute) // does not end at once
			ended.Store(true)
			return ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) || ended.Load() {
			t.Errorf("error is %v", err)
		}
		if got := cached(t, f, "key", write("text")); got != "text" {
			t.Errorf("read %q", got)
		}
		time.Sleep(time.Hour)
		if got := cached(t, f, "key", refuse); got != "text" || !ended.Load() || len(listed(t, dir)) != 1 {
			t.Errorf("read %q, fill ended %v, %v", got, ended.Load(), listed(t, dir))
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		f, err := Open(dir, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		failed := make(chan error, 1)
		go func() {
			_, err := f.Cached(t.Context(), "key", func(ctx context.Context, _ *os.File) error {
				<-ctx.Done()
				return ctx.Err()
			})
			failed <- err
		}()
		synctest.Wait()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err := <-failed; !errors.Is(err, context.Canceled) || len(listed(t, dir)) != 0 {
			t.Errorf("error is %v, %v are left", err, listed(t, dir))
		}
		if _, err := f.Cached(t.Context(), "key", refuse); !errors.Is(err, os.ErrClosed) {
			t.Errorf("error is %v", err)
		}
	})
}

// TestManyAtOnce mixes everything, for the race detector, and wants the sum of sizes to be that of the files.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		f := open(t, dir, Limits{Cache: 2000})
		for i := range 50 {
			go func() {
				for j := range 20 {
					key := fmt.Sprint((i * j) % 17)
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*j)*time.Millisecond)
					file, err := f.Cached(ctx, key, func(ctx context.Context, file *os.File) error {
						time.Sleep(time.Duration(j) * time.Millisecond)
						return file.Truncate(int64(100 + i))
					})
					if err == nil {
						file.Close()
					}
					cancel()
				}
			}()
		}
		time.Sleep(time.Hour)
		var size int64
		for _, name := range listed(t, filepath.Join(dir, "cache")) {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			size += info.Size()
		}
		f.cache.mu.Lock()
		defer f.cache.mu.Unlock()
		if c := &f.cache; size == 0 || size != c.size || size > 2000 || len(c.flights) != 0 || len(c.entries) != c.recent.Len() {
			t.Errorf("%d bytes of files, %+v", size, c)
		}
	})
}
