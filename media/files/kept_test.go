package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func open(t *testing.T, dir string, l Limits) *Files {
	t.Helper()
	f, err := Open(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func save(t *testing.T, f *Files, content, name string) File {
	t.Helper()
	file, err := f.Save(t.Context(), "1101000001", strings.NewReader(content), name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// listed returns the names of all files below a folder.
func listed(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func content(t *testing.T, r io.ReadCloser) string {
	t.Helper()
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSaveAndFind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		f := open(t, dir, Limits{})
		saved := save(t, f, "%PDF-1.7 and so on", `C:\docs\Ünïcode  report.PDF`)
		if filepath.Ext(saved.Name) != ".pdf" || saved.Original != "Ünïcode  report.PDF" || saved.MIME != "application/pdf" {
			t.Errorf("%+v", saved)
		}
		f = open(t, dir, Limits{}) // as after a restart
		file, meta, err := f.Find(saved.Owner, saved.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got := content(t, file); got != "%PDF-1.7 and so on" || !meta.Saved.Equal(time.Now()) || meta.Size != int64(len(got)) {
			t.Errorf("%q, %+v", got, meta)
		}
		if meta.Saved = saved.Saved; meta != saved.Meta {
			t.Errorf("%+v, want %+v", meta, saved.Meta)
		}
	})
}

func TestNames(t *testing.T) {
	f := open(t, t.TempDir(), Limits{})
	for name, want := range map[string]struct{ ext, name string }{
		"a.jpg":                           {".jpg", "a.jpg"},
		"":                                {".txt", ""},
		"no extension":                    {".txt", "no extension"},
		"../../etc/passwd":                {".txt", "passwd"},
		"a.p/h\\p.sh;ls":                  {".txt", "p.sh;ls"},
		"a\x00\n\xff.TXT":                 {".txt", "a.TXT"},
		strings.Repeat("x", 300) + ".csv": {".csv", strings.Repeat("x", 196) + ".csv"},
	} {
		got := save(t, f, "text", name)
		if want.name == "" {
			want.name = got.Name
		}
		if filepath.Ext(got.Name) != want.ext || got.Original != want.name {
			t.Errorf("%q: %+v", name, got)
		}
	}
}

func TestPathTricks(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Limits{})
	saved := save(t, f, "text", "a.txt")
	if err := os.WriteFile(dir+"/secret.txt", []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := strings.Replace(saved.Name, saved.Name[:8], "00000000", 1)
	if err := os.Symlink("../../secret.txt", dir+"/kept/1101000001/"+link); err != nil {
		t.Fatal(err)
	}
	outside := strings.Replace(saved.Name, saved.Name[:8], "11111111", 1)
	if err := os.Symlink("/etc/hostname", dir+"/kept/1101000001/"+outside); err != nil {
		t.Fatal(err)
	}
	for _, test := range [][2]string{
		{saved.Owner, "../" + saved.Owner + "/" + saved.Name},
		{"../kept/" + saved.Owner, saved.Name},
		{"..", "secret.txt"},
		{"", saved.Owner + "/" + saved.Name},
		{".", saved.Name},
		{saved.Owner, saved.Name + ".meta"},
		{saved.Owner, saved.Name + "\x00"},
		{saved.Owner, saved.Name + "\n"},
		{saved.Owner, ""},
		{saved.Owner, strings.ToUpper(saved.Name)},
		{"another", saved.Name},
		{saved.Owner, link}, // has no metadata
	} {
		if _, _, err := f.Find(test[0], test[1]); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", test, err)
		}
	}
	if _, _, err := f.Find(saved.Owner, outside); err == nil {
		t.Error("a link led out of the folder")
	}
	if _, err := f.Save(t.Context(), "../x", strings.NewReader(""), ""); err == nil {
		t.Error("an owner led out of the folder")
	}
}

func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		f := open(t, dir, Limits{})
		old := save(t, f, "old", "a.txt")
		time.Sleep(24 * time.Hour)
		young := save(t, f, "young", "a.txt")
		time.Sleep(14*24*time.Hour - time.Second)
		if _, _, err := f.Find(old.Owner, old.Name); err != nil {
			t.Error(err)
		}
		if err := f.Sweep(time.Now()); err != nil || len(listed(t, dir)) != 4 {
			t.Errorf("%v, %v are left", err, listed(t, dir))
		}
		time.Sleep(time.Second)
		if _, _, err := f.Find(old.Owner, old.Name); !errors.Is(err, ErrNotFound) {
			t.Errorf("error is %v", err)
		}
		if err := f.Sweep(time.Now()); err != nil || len(listed(t, dir)) != 2 {
			t.Errorf("%v, %v are left", err, listed(t, dir))
		}
		if _, _, err := f.Find(young.Owner, young.Name); err != nil {
			t.Error(err)
		}
		time.Sleep(24 * time.Hour)
		if open(t, dir, Limits{}); len(listed(t, dir)) != 0 {
			t.Errorf("%v are left", listed(t, dir))
		}
	})
}

func TestSaveFails(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Limits{File: 1000})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		r    io.Reader
		want error
	}{
		"too large":     {t.Context(), bytes.NewReader(make([]byte, 1001)), ErrTooLarge},
		"disk is full":  {t.Context(), iotest.ErrReader(syscall.ENOSPC), syscall.ENOSPC},
		"reader breaks": {t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF},
		"context ended": {ended, strings.NewReader("text"), context.Canceled},
	} {
		if _, err := f.Save(test.ctx, "1", test.r, "a.txt"); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := listed(t, dir); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	if _, err := f.Save(t.Context(), "1", bytes.NewReader(make([]byte, 1000)), ""); err != nil {
		t.Error(err)
	}
}

// TestCrash leaves behind what a crash in the middle of writing might.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, Limits{})
	saved := save(t, f, "text", "a.txt")
	if _, err := f.newTemp(); err != nil {
		t.Fatal(err)
	}
	if n := len(listed(t, dir)); n != 3 {
		t.Fatalf("%d files", n)
	}
	f = open(t, dir, Limits{})
	if n := len(listed(t, dir)); n != 2 {
		t.Errorf("%d files", n)
	}
	if _, _, err := f.Find(saved.Owner, saved.Name); err != nil {
		t.Error(err)
	}
}

func TestTemp(t *testing.T) {
	dir := t.TempDir()
	file, err := open(t, dir, Limits{}).Temp()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("text"); err != nil || len(listed(t, dir)) != 0 {
		t.Errorf("%v, %v", err, listed(t, dir))
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if got := content(t, file); got != "text" {
		t.Errorf("read %q", got)
	}
}
