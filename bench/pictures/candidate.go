package main

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/disintegration/imaging"

	"greengate/media"
)

// candidate is what a process of this program does: kind, file, number of pictures, and how many of them at once. Like
// the candidates in other languages, it prints the least CPU time of a picture in microseconds and the growth of the process
// in kilobytes.
func candidate(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("candidate, file and count wanted: %q", args)
	}
	count, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	normalize := withImaging
	if args[0] == "greengate" {
		pictures := media.NewPictures(media.Limits{})
		normalize = func(src []byte) error {
			_, err := pictures.Normalize(context.Background(), src)
			return err
		}
	}
	if len(args) > 3 {
		return together(normalize, args[1], count)
	}
	src, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	before := processSize("VmRSS:")
	least := time.Hour
	for range count {
		start := cpuTime()
		if err := normalize(src); err != nil {
			return err
		}
		least = min(least, cpuTime()-start)
	}
	fmt.Println(least.Microseconds(), processSize("VmHWM:")-before)
	return nil
}

func withImaging(src []byte) error {
	img, err := jpeg.Decode(bytes.NewReader(src))
	if err != nil {
		if img, err = imaging.Decode(bytes.NewReader(src)); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	return imaging.Encode(&out, imaging.Fill(img, 640, 640, imaging.Center, imaging.Lanczos), imaging.JPEG, imaging.JPEGQuality(80))
}

// together normalises count copies of a file at once and prints the time and the size of the process.
func together(normalize func([]byte) error, path string, count int) (err error) {
	copies := make([][]byte, count)
	for i := range copies {
		if copies[i], err = os.ReadFile(path); err != nil {
			return err
		}
	}
	errs := make([]error, count)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range copies {
		wg.Go(func() { errs[i] = normalize(copies[i]) })
	}
	wg.Wait()
	fmt.Println(time.Since(start).Microseconds(), processSize("VmHWM:"))
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// processSize reads a size of this process in kilobytes.
func processSize(field string) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), field)
	size := 0
	if _, err := fmt.Sscan(rest, &size); err != nil {
		return 0
	}
	return size
}
