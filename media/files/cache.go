package files

import (
	"cmp"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

// cache is what is known of the folder of cached files.
type cache struct {
	mu      sync.Mutex
	entries map[string]*list.Element // by name
	recent  *list.List               // of entries; the one used last in front
	size    int64                    // of all, in bytes
	flights map[string]*flight       // by name
	fills   sync.WaitGroup
	ended   context.Context // once the cache is closed, and so are all fills
	end     context.CancelFunc
}

type entry struct {
	name string
	size int64
}

// flight is a fill that somebody waits for.
type flight struct {
	waiters map[chan result]result
	cancel  context.CancelFunc
}

type result struct {
	file *os.File
	err  error
}

// Fill writes a file that is to be cached. It may leave its position anywhere.
type Fill func(ctx context.Context, file *os.File) error

// Cached opens the file of a key for reading. If it is not there, fill is called to write it; calls for the same key at the same time
// wait for one fill, and all get its error. Its context has the values of the first call's, and ends when none of them waits any more.
func (f *Files) Cached(ctx context.Context, key string, fill Fill) (*os.File, error) {
	hash := sha256.Sum256([]byte(key))
	name := hex.EncodeToString(hash[:])
	c := &f.cache
	c.mu.Lock()
	file, err := f.openCached(name)
	if file != nil || err != nil {
		c.mu.Unlock()
		return file, err
	}
	flight := c.flights[name]
	if flight == nil {
		flight = f.start(ctx, name, fill)
	}
	wait := make(chan result, 1)
	flight.waiters[wait] = result{}
	c.mu.Unlock()
	select {
	case r := <-wait:
		return r.file, r.err
	case <-ctx.Done():
		c.leave(name, flight, wait)
		return nil, context.Cause(ctx)
	}
}

// openCached opens a file if it is there, as the one used last. The caller holds mu.
func (f *Files) openCached(name string) (*os.File, error) {
	c := &f.cache
	if c.ended.Err() != nil {
		return nil, fmt.Errorf("files: %w", os.ErrClosed)
	}
	at := c.entries[name]
	if at == nil {
		return nil, nil
	}
	file, err := f.root.Open(cacheFolder + "/" + name)
	if errors.Is(err, fs.ErrNotExist) { // somebody cleaned up by hand
		c.forget(at)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	c.recent.MoveToFront(at)
	now := time.Now()
	_ = f.root.Chtimes(cacheFolder+"/"+name, now, now) // at worst it is evicted too early after a restart
	return file, nil
}

// start runs a fill. The caller holds mu.
func (f *Files) start(ctx context.Context, name string, fill Fill) *flight {
	c := &f.cache
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(c.ended, cancel)
	flight := &flight{waiters: map[chan result]result{}, cancel: cancel}
	c.flights[name] = flight
	c.fills.Go(func() {
		defer cancel()
		defer stop()
		f.fly(ctx, name, flight, fill)
	})
	return flight
}

// fly fills a file, puts it into its place, and opens it for all who wait, before it can be evicted.
func (f *Files) fly(ctx context.Context, name string, flight *flight, fill Fill) {
	t, size, err := f.filled(ctx, fill)
	if err == nil {
		defer t.discard()
	}
	c := &f.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	place := cacheFolder + "/" + name
	if err == nil {
		err = t.rename(place)
	}
	if err == nil {
		c.add(entry{name, size})
	}
	for wait := range flight.waiters {
		r := result{err: err}
		if err == nil {
			r.file, r.err = f.root.Open(place)
		}
		flight.waiters[wait] = r
	}
	c.land(name, flight)
	f.evict()
	for wait, r := range flight.waiters {
		wait <- r
	}
}

// filled writes a file under a temporary name.
func (f *Files) filled(ctx context.Context, fill Fill) (*temp, int64, error) {
	t, err := f.newTemp()
	if err != nil {
		return nil, 0, err
	}
	if err := fill(ctx, t.File); err != nil {
		t.discard()
		return nil, 0, err
	}
	info, err := t.Stat()
	if err == nil {
		err = t.finish(time.Now())
	}
	if err != nil {
		t.discard()
		return nil, 0, fmt.Errorf("files: %w", err)
	}
	return t, info.Size(), nil
}

// leave takes back a wait. Without anybody who waits, the fill is to end; a later call begins another one.
func (c *cache) leave(name string, flight *flight, wait chan result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case r := <-wait: // it came at the same time
		if r.file != nil {
			r.file.Close()
		}
		return
	default:
	}
	if delete(flight.waiters, wait); len(flight.waiters) == 0 {
		flight.cancel()
		c.land(name, flight)
	}
}

// land makes the next call for a name begin another flight.
func (c *cache) land(name string, flight *flight) {
	if c.flights[name] == flight {
		delete(c.flights, name)
	}
}

// add notes a file as the one used last.
func (c *cache) add(e entry) {
	if old := c.entries[e.name]; old != nil {
		c.forget(old)
	}
	c.entries[e.name] = c.recent.PushFront(e)
	c.size += e.size
}

func (c *cache) forget(at *list.Element) {
	e := c.recent.Remove(at).(entry)
	delete(c.entries, e.name)
	c.size -= e.size
}

// evict removes the files used least recently until the rest is within the limit. Whoever has one open can still read it. The
// caller holds mu.
func (f *Files) evict() {
	c := &f.cache
	for c.size > f.limits.Cache && c.recent.Len() > 0 {
		at := c.recent.Back()
		err := f.root.Remove(cacheFolder + "/" + at.Value.(entry).name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // and try again after the next fill
		}
		c.forget(at)
	}
}

// loadCache finds what earlier runs have left, in the order of its use.
func (f *Files) loadCache() error {
	c := &f.cache
	c.entries, c.flights, c.recent = map[string]*list.Element{}, map[string]*flight{}, list.New()
	c.ended, c.end = context.WithCancel(context.Background())
	listed, err := fs.ReadDir(f.root.FS(), cacheFolder)
	if err != nil {
		return err
	}
	var found []fs.FileInfo
	for _, e := range listed {
		info, err := e.Info()
		if err != nil {
			return err
		}
		found = append(found, info)
	}
	slices.SortFunc(found, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, info := range found {
		c.add(entry{info.Name(), info.Size()})
	}
	f.evict()
	return nil
}

// close ends all fills and waits for them.
func (c *cache) close() {
	c.mu.Lock()
	c.end()
	c.mu.Unlock()
	c.fills.Wait()
}
