package store

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// When the disk has failed nobody knows what is on it, so nothing is promised any more.
func TestBrokenDisk(t *testing.T) {
	inBubble(t, func(t *testing.T, b *batches) {
		relaxed := b.c.open(true)
		defer relaxed.Close()
		if err := b.c.writer.log.file.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := relaxed.ExecContext(t.Context(), `INSERT INTO notes (name) VALUES ('a')`); err != nil {
			t.Errorf("who does not wait for the disk: %v", err)
		}
		if _, err := b.ExecContext(t.Context(), `DELETE FROM notes WHERE name = 'x'`); err == nil {
			t.Error("who waits for the disk was told that all is well")
		}
		for range 2 {
			if err := b.note("b", nil); err == nil {
				t.Error("writing goes on")
			}
		}
		if names := b.names(); names != "a" {
			t.Errorf("there is %q", names)
		}
	})
}

func TestManyWaitForTheDisk(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{file: file}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 20 {
				if err := d.sync(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	if err := d.sync(); err != nil {
		t.Errorf("who comes when all is on the disk: %v", err)
	}
}

// What reads only does not wait for the disk.
func TestReadingDoesNotWaitForTheDisk(t *testing.T) {
	inBubble(t, func(t *testing.T, b *batches) {
		tx, err := b.BeginTx(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.c.writer.log.file.Close(); err != nil {
			t.Fatal(err)
		}
		var count int
		if err := tx.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM notes`).Scan(&count); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	})
}
