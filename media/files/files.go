// Package files keeps files on disk within bounds: uploads, which live for a time and are found by owner and name, and a cache of files
// that can be fetched again, of which the least recently used go first.
//
// Every file is written under a temporary name, synced, and then renamed to its own. So a file that is found is whole, and a crash leaves
// nothing but temporary files, which Open removes. Times come from time.Now and are set on the files, so that age and order of use
// survive a restart; nothing else about them is remembered, but for a small JSON file beside each upload.
//
// Folders below the one that is given:
//
//	kept/<owner>/<uuid>.<ext>       an upload, and <uuid>.<ext>.meta
//	cache/<hash of the key>         a cached file
//	temp/<uuid>                     a file that is being written
//
// One process at a time may have a folder open.
package files

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
)

var (
	// ErrTooLarge means that a file has more bytes than Limits.File.
	ErrTooLarge = errors.New("files: file is too large")
	// ErrNotFound means that there is no such file, or no longer.
	ErrNotFound = errors.New("files: no such file")
)

// Limits bound what is on disk. Zero fields take the defaults.
type Limits struct {
	File  int64         // bytes of a kept file; 100 MB
	Keep  time.Duration // for how long it is kept; 15 days
	Cache int64         // bytes of all cached files; 1 GB
}

func (l Limits) withDefaults() Limits {
	return Limits{
		File:  cmp.Or(l.File, 100<<20),
		Keep:  cmp.Or(l.Keep, 15*24*time.Hour),
		Cache: cmp.Or(l.Cache, 1<<30),
	}
}

// Files is a folder of kept and cached files. Its methods may be called at the same time. A full disk is an error that is
// syscall.ENOSPC by errors.Is, and leaves nothing behind.
type Files struct {
	root   *os.Root // which no name leads out of
	limits Limits
	cache  cache
}

const (
	keptFolder  = "kept"
	cacheFolder = "cache"
	tempFolder  = "temp"
)

// Open opens the folder dir, which it makes if needed, and removes what has expired or was left half written.
func Open(dir string, l Limits) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	f := &Files{root: root, limits: l.withDefaults()}
	if err := f.prepare(); err != nil {
		return nil, fmt.Errorf("files: %w", errors.Join(err, root.Close()))
	}
	return f, nil
}

func (f *Files) prepare() error {
	if err := f.root.RemoveAll(tempFolder); err != nil {
		return err
	}
	for _, folder := range []string{keptFolder, cacheFolder, tempFolder} {
		if err := f.root.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	if err := f.Sweep(time.Now()); err != nil {
		return err
	}
	return f.loadCache()
}

// Close ends the contexts of all fills, waits for them, and closes the folder. Files that were handed out stay open.
func (f *Files) Close() error {
	f.cache.close()
	return f.root.Close()
}

// Temp returns a new file without a name: its space is free once it is closed.
func (f *Files) Temp() (*os.File, error) {
	t, err := f.newTemp()
	if err != nil {
		return nil, err
	}
	if err := f.root.Remove(t.name); err != nil {
		t.discard()
		return nil, fmt.Errorf("files: %w", err)
	}
	return t.File, nil
}

// temp is a file that is being written. It is discarded unless it gets a name.
type temp struct {
	*os.File
	root *os.Root
	name string // empty once it is gone
}

func (f *Files) newTemp() (*temp, error) {
	name := tempFolder + "/" + uuid.NewString()
	file, err := f.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return &temp{File: file, root: f.root, name: name}, nil
}

// finish brings the contents to disk, as of a time.
func (t *temp) finish(at time.Time) error {
	if err := t.Sync(); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return err
	}
	return t.root.Chtimes(t.name, at, at)
}

// rename gives the file its name.
func (t *temp) rename(name string) error {
	err := t.root.Rename(t.name, name)
	if err == nil {
		t.name = ""
	}
	return err
}

func (t *temp) discard() {
	if t.name != "" {
		t.Close()
		_ = t.root.Remove(t.name) // Open tries again
	}
}
