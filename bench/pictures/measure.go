package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"greengate/media"
	"greengate/media/scene"
)

// command is a candidate: a name for the table, and what to run with a file and a number of pictures behind it.
type command struct {
	name string
	args []string
}

// reading is what a candidate says of a file.
type reading struct {
	micros       int // least CPU time of one picture
	kilobytes    int // growth of the process
	instructions int // of one picture; 0 where perf cannot count them
}

// table holds a reading for each file and candidate.
type table struct {
	files      []file
	candidates []command
	readings   [][]reading
}

func measure(ctx context.Context, files []file, candidates []command, rounds int) (*table, error) {
	t := &table{files, candidates, make([][]reading, len(files))}
	for i, f := range files {
		t.readings[i] = make([]reading, len(candidates))
		for range rounds {
			for j, c := range candidates {
				r, err := c.read(ctx, f.path, f.rounds)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", f.name, c.name, err)
				}
				t.readings[i][j].add(r)
			}
		}
		for j, c := range candidates {
			t.readings[i][j].instructions = c.instructions(ctx, f.path)
		}
	}
	return t, nil
}

// add keeps the better time and the worse size.
func (r *reading) add(other reading) {
	if r.micros == 0 || other.micros < r.micros {
		r.micros = other.micros
	}
	r.kilobytes = max(r.kilobytes, other.kilobytes)
}

func (c command) read(ctx context.Context, path string, count int, more ...string) (r reading, err error) {
	args := append(append(c.args[1:len(c.args):len(c.args)], path, fmt.Sprint(count)), more...)
	cmd := exec.CommandContext(ctx, c.args[0], args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, err
	}
	_, err = fmt.Sscan(string(out), &r.micros, &r.kilobytes)
	return r, err
}

// instructions counts those of three pictures without what the process needs for none.
func (c command) instructions(ctx context.Context, path string) int {
	three, none := c.perf(ctx, path, 3), c.perf(ctx, path, 0)
	return (three - none) / 3
}

func (c command) perf(ctx context.Context, path string, count int) int {
	args := append([]string{"stat", "-x,", "-e", "instructions:u", "--"}, c.args...)
	cmd := exec.CommandContext(ctx, "perf", append(args, path, fmt.Sprint(count))...)
	var out strings.Builder
	cmd.Stderr = &out
	instructions := 0
	if err := cmd.Run(); err != nil {
		return 0
	}
	if _, err := fmt.Sscan(strings.Replace(out.String(), ",", " ", 1), &instructions); err != nil {
		return 0
	}
	return instructions
}

func (t *table) print() {
	fmt.Print("| CPU ms (x ours), MB |")
	for _, c := range t.candidates {
		fmt.Printf(" %s |", c.name)
	}
	fmt.Printf("\n|---|%s\n", strings.Repeat("--:|", len(t.candidates)))
	for i, f := range t.files {
		fmt.Printf("| %s |", f.name)
		for j, r := range t.readings[i] {
			ours := t.readings[i][0]
			fmt.Printf(" %.1f", float64(r.micros)/1000)
			if j > 0 {
				fmt.Printf(" (%.2f)", float64(ours.micros)/float64(r.micros))
			}
			fmt.Printf(", %.0f", float64(r.kilobytes)/1024)
			if r.instructions > 0 {
				fmt.Printf(", %d M instr.", r.instructions/1e6)
			}
			fmt.Print(" |")
		}
		fmt.Println()
	}
}

// printExtremes measures what no table of ratios shows: many large pictures at once, and a file made to be expensive.
func printExtremes(ctx context.Context, self, dir string) error {
	for _, name := range []string{"48 MP", "48 MP progressive"} {
		r, err := command{args: []string{self, "greengate"}}.read(ctx, filepath.Join(dir, name), 8, "together")
		if err != nil {
			return err
		}
		fmt.Printf("Eight of %s at once: %d ms, process of %d MB with the files.\n", name, r.micros/1000, r.kilobytes/1024)
	}
	bomb := scene.ScanBomb(8192, 8192, 240)
	pictures := media.NewPictures(media.Limits{})
	start := time.Now()
	if _, err := pictures.Normalize(ctx, bomb); err == nil {
		return errors.New("the scan bomb was taken")
	}
	fmt.Printf("A scan bomb of %d KB, 8192 x 8192 with 240 scans: refused in %.1f ms.\n", len(bomb)>>10, float64(time.Since(start).Microseconds())/1000)
	return nil
}
