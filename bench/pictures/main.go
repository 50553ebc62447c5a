// Command pictures measures how photos become profile pictures: by package media, by the standard library with imaging, by libvips and by
// sharp. All do the same job in process, from a file in memory to a square JPEG of 640 pixels at quality 80. run.sh installs what is
// needed and calls it.
//
// Every candidate runs as a process of its own, file by file and in turns, so that a slow spell of the machine hits them
// all. What counts is the least CPU time of a picture over all turns, since everything that can disturb a measurement adds
// to it, and the greatest size of the process above what it had with the file loaded.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("pictures: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	corpusDir := flag.String("corpus", "", "directory of the corpus; made there if missing")
	vips := flag.String("vips", "", "the libvips candidate")
	sharp := flag.String("sharp", "", "directory with sharp.js and sharp in node_modules")
	rounds := flag.Int("rounds", 3, "turns of each candidate with each file")
	only := flag.String("only", "", "a single file, by name")
	flag.Parse()
	if flag.NArg() > 0 {
		return candidate(flag.Args())
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
	defer cancel()
	files, err := makeCorpus(ctx, *corpusDir, *only)
	if err != nil {
		return err
	}
	candidates := []command{
		{"greengate", []string{self, "greengate"}},
		{"stdlib + imaging", []string{self, "imaging"}},
	}
	if *vips != "" {
		candidates = append(candidates, command{"libvips", []string{*vips}})
	}
	if *sharp != "" {
		candidates = append(candidates, command{"sharp", []string{"node", *sharp + "/sharp.js"}})
	}
	t, err := measure(ctx, files, candidates, *rounds)
	if err != nil {
		return err
	}
	t.print()
	fmt.Println()
	return printExtremes(ctx, self, *corpusDir)
}
