package files

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"greengate/media/attachment"
)

// Meta is what is remembered of a kept file.
type Meta struct {
	Original string    `json:"original"` // what its sender called it, without folders; at most 200 characters
	MIME     string    `json:"mime"`     // by its bytes, or by Original where they do not tell
	Size     int64     `json:"-"`
	Saved    time.Time `json:"-"`
}

// File is a kept file.
type File struct {
	Owner, Name string // to find it by
	Meta
}

var (
	ownerShape = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	nameShape  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[0-9a-z]{1,10}$`)
	extShape   = regexp.MustCompile(`^\.[0-9a-z]{1,10}$`)
)

const metaSuffix = ".meta"

// Save keeps what r has to give for Limits.Keep. The owner is up to 64 letters, digits, - and _. It fails with ErrTooLarge, with what r
// or the disk fails with, or with the cause of ctx's end.
func (f *Files) Save(ctx context.Context, owner string, r io.Reader, name string) (File, error) {
	if !ownerShape.MatchString(owner) {
		return File{}, fmt.Errorf("files: owner %q", owner)
	}
	t, err := f.newTemp()
	if err != nil {
		return File{}, err
	}
	defer t.discard()
	in := &input{ctx: ctx, r: r}
	size, err := io.Copy(t, io.LimitReader(in, f.limits.File+1))
	if err != nil {
		return File{}, fmt.Errorf("files: save: %w", err)
	}
	if size > f.limits.File {
		return File{}, ErrTooLarge
	}
	out := File{Owner: owner, Meta: Meta{Size: size, Saved: time.Now()}}
	out.describe(in.head, name)
	if err := f.keep(t, out); err != nil {
		return File{}, fmt.Errorf("files: save: %w", err)
	}
	return out, nil
}

// input is a reader that ends with a context. It remembers the first bytes.
type input struct {
	ctx  context.Context
	r    io.Reader
	head []byte
}

func (i *input) Read(p []byte) (int, error) {
	if i.ctx.Err() != nil {
		return 0, context.Cause(i.ctx)
	}
	n, err := i.r.Read(p)
	if room := attachment.Sniffed - len(i.head); room > 0 {
		i.head = append(i.head, p[:min(n, room)]...)
	}
	return n, err
}

// describe sets the names and the type of a file that begins with head.
func (f *File) describe(head []byte, name string) {
	const longest = 200
	name = name[strings.LastIndexAny(name, `/\`)+1:] // some clients give a whole path
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name))
	f.Original = string(runes[max(0, len(runes)-longest):]) // with the extension
	f.MIME = attachment.MIME(head, f.Original)
	ext := strings.ToLower(path.Ext(f.Original))
	if !extShape.MatchString(ext) {
		ext = attachment.Extension(f.MIME)
	}
	f.Name = uuid.NewString() + ext
	if f.Original == "" {
		f.Original = f.Name
	}
}

// keep puts a file into its place, behind its metadata: those of a file that is found are there.
func (f *Files) keep(t *temp, file File) error {
	folder := keptFolder + "/" + file.Owner
	if err := f.makeFolder(folder); err != nil {
		return err
	}
	meta, err := f.newTemp()
	if err != nil {
		return err
	}
	defer meta.discard()
	if err := json.NewEncoder(meta).Encode(file.Meta); err != nil {
		return err
	}
	if err := errors.Join(t.finish(file.Saved), meta.finish(file.Saved)); err != nil {
		return err
	}
	place := folder + "/" + file.Name
	if err := meta.rename(place + metaSuffix); err != nil {
		return err
	}
	err = t.rename(place)
	if err == nil {
		err = f.syncFolder(folder)
	}
	if err != nil {
		_ = errors.Join(f.root.Remove(place), f.root.Remove(place+metaSuffix)) // Sweep tries again
	}
	return err
}

// makeFolder makes the folder of an owner unless it is there.
func (f *Files) makeFolder(name string) error {
	err := f.root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.syncFolder(keptFolder)
}

// syncFolder brings the names in a folder to disk.
func (f *Files) syncFolder(name string) error {
	folder, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// Find opens a kept file for reading. Owner and name may come from anybody. It fails with ErrNotFound, also for what has expired.
func (f *Files) Find(owner, name string) (*os.File, Meta, error) {
	if !ownerShape.MatchString(owner) || !nameShape.MatchString(name) {
		return nil, Meta{}, ErrNotFound
	}
	place := path.Join(keptFolder, owner, name)
	file, err := f.root.Open(place)
	if err != nil {
		return nil, Meta{}, notFound(err)
	}
	meta, err := f.meta(place, file)
	if err != nil {
		file.Close()
		return nil, Meta{}, notFound(err)
	}
	return file, meta, nil
}

func (f *Files) meta(place string, file *os.File) (Meta, error) {
	info, err := file.Stat()
	if err != nil {
		return Meta{}, err
	}
	if f.expired(info, time.Now()) || !info.Mode().IsRegular() {
		return Meta{}, ErrNotFound
	}
	text, err := f.root.ReadFile(place + metaSuffix)
	if err != nil {
		return Meta{}, err
	}
	meta := Meta{Size: info.Size(), Saved: info.ModTime()}
	return meta, json.Unmarshal(text, &meta)
}

func (f *Files) expired(info fs.FileInfo, now time.Time) bool {
	return !now.Before(info.ModTime().Add(f.limits.Keep))
}

func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotFound) {
		return ErrNotFound
	}
	return fmt.Errorf("files: %w", err)
}

// Sweep removes the kept files that have expired. It is to be called about every hour.
func (f *Files) Sweep(now time.Time) error {
	var failed []error
	err := fs.WalkDir(f.root.FS(), keptFolder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && f.expired(info, now) {
			err = f.root.Remove(name)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
		}
		return nil
	})
	return errors.Join(append(failed, err)...)
}
