package main

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"greengate/media/scene"
)

// file is a picture of the corpus. Each is drawn by package scene and compressed as phones do, to about 2.4 bits a pixel.
type file struct {
	name          string
	width, height int
	jpegtran      string // how the JPEG is transcoded, if it is
	rounds        int    // pictures in a turn
	path          string
}

var corpus = []file{
	{name: "0.3 MP", width: 640, height: 480, rounds: 30},
	{name: "2 MP", width: 1632, height: 1224, rounds: 15},
	{name: "12 MP", width: 4032, height: 3024, rounds: 6},
	{name: "12 MP progressive", width: 4032, height: 3024, jpegtran: "-progressive", rounds: 4},
	{name: "24 MP", width: 6000, height: 4000, rounds: 4},
	{name: "48 MP", width: 8000, height: 6000, rounds: 3},
	{name: "48 MP progressive", width: 8000, height: 6000, jpegtran: "-progressive", rounds: 2},
	{name: "2 MP PNG", width: 1632, height: 1224, rounds: 4},
}

// makeCorpus makes the files that are not in dir yet.
func makeCorpus(ctx context.Context, dir, only string) ([]file, error) {
	var files []file
	for _, f := range corpus {
		if only != "" && f.name != only {
			continue
		}
		f.path = filepath.Join(dir, f.name)
		if _, err := os.Stat(f.path); err != nil {
			if err := f.make(ctx); err != nil {
				return nil, fmt.Errorf("%s: %w", f.name, err)
			}
		}
		files = append(files, f)
	}
	return files, nil
}

func (f file) make(ctx context.Context) error {
	photo := scene.Photo(uint64(f.width), f.width, f.height)
	var out bytes.Buffer
	if strings.HasSuffix(f.name, "PNG") {
		if err := png.Encode(&out, photo); err != nil {
			return err
		}
		return os.WriteFile(f.path, out.Bytes(), 0o600)
	}
	if err := jpeg.Encode(&out, photo, &jpeg.Options{Quality: 92}); err != nil {
		return err
	}
	if f.jpegtran == "" {
		return os.WriteFile(f.path, out.Bytes(), 0o600)
	}
	cmd := exec.CommandContext(ctx, "jpegtran", f.jpegtran, "-outfile", f.path)
	cmd.Stdin, cmd.Stderr = &out, os.Stderr
	return cmd.Run()
}
