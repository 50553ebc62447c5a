// Command api measures the built binary from outside: what an idle linked instance costs, and how fast getStateInstance and
// setProfilePicture answer over HTTP. Sandbox and server run as processes of their own on loopback; everything is bounded and ends by
// itself. It prints one markdown table.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"image/jpeg"
	"log"
	"mime/multipart"
	"net/http"
	"slices"
	"sync"
	"time"

	"greengate/bench/servers"
	"greengate/media/scene"
)

func main() {
	log.SetFlags(0)
	few := flag.Int("few", 200, "idle instances of the first reading")
	many := flag.Int("many", 1000, "idle instances of the second reading")
	calls := flag.Int("calls", 5000, "calls of getStateInstance")
	pictures := flag.Int("pictures", 200, "calls of setProfilePicture")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	if err := run(ctx, *few, *many, *calls, *pictures); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, few, many, calls, pictures int) error {
	s, err := servers.Start(ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	fmt.Println("| what | measured |")
	fmt.Println("| --- | --- |")
	empty, err := take(ctx, s)
	if err != nil {
		return err
	}
	fmt.Printf("| server without instances | %s |\n", empty)
	for _, n := range []int{few, many} {
		if err := s.LinkUpTo(ctx, n); err != nil {
			return err
		}
		now, err := take(ctx, s)
		if err != nil {
			return err
		}
		fmt.Printf("| %d idle linked instances | %s; each %s |\n", n, now, now.each(empty, n))
	}
	if err := load(ctx, s, "getStateInstance", calls, func(i servers.Instance) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, s.URL(i, "getStateInstance"), nil)
	}); err != nil {
		return err
	}
	photo, err := twelveMegapixels()
	if err != nil {
		return err
	}
	body, contentType, err := form(photo)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("setProfilePicture, 4000x3000 JPEG of %.1f MB", float64(len(photo))/1e6)
	return load(ctx, s, name, pictures, func(i servers.Instance) (*http.Request, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL(i, "setProfilePicture"), bytes.NewReader(body))
		if err == nil {
			request.Header.Set("Content-Type", contentType)
		}
		return request, err
	})
}

// load makes n calls, one at a time and eight at a time, each on the next instance in turn, and prints rate and latencies.
func load(ctx context.Context, s *servers.Servers, name string, n int, request func(servers.Instance) (*http.Request, error)) error {
	for _, workers := range []int{1, 8} {
		took := slices.Repeat([]time.Duration{0}, n)
		var failure error
		var fail sync.Once
		var all sync.WaitGroup
		start := time.Now()
		for w := range workers {
			all.Go(func() {
				for k := w; k < n && ctx.Err() == nil; k += workers {
					began := time.Now()
					if err := call(s, request, s.Instances[k%len(s.Instances)]); err != nil {
						fail.Do(func() { failure = err })
						return
					}
					took[k] = time.Since(began)
				}
			})
		}
		all.Wait()
		if failure != nil {
			return fmt.Errorf("%s: %w", name, failure)
		}
		whole := time.Since(start)
		slices.Sort(took)
		fmt.Printf("| %s, %d at a time | %.0f/s, p50 %.1f ms, p99 %.1f ms |\n", name, workers, float64(n)/whole.Seconds(),
			ms(took[n/2]), ms(took[n*99/100]))
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// call makes one call and requires that it did what it is for.
func call(s *servers.Servers, request func(servers.Instance) (*http.Request, error), i servers.Instance) error {
	r, err := request(i)
	if err != nil {
		return err
	}
	data, err := s.Fetch(r)
	if err != nil {
		return err
	}
	var answer struct {
		StateInstance     string
		SetProfilePicture bool
	}
	if err := json.Unmarshal(data, &answer); err != nil || answer.StateInstance != "authorized" && !answer.SetProfilePicture {
		return fmt.Errorf("%.200s", data)
	}
	return nil
}

// twelveMegapixels is a landscape of a phone's size and quality.
func twelveMegapixels() ([]byte, error) {
	var photo bytes.Buffer
	err := jpeg.Encode(&photo, scene.Photo(1, 4000, 3000), &jpeg.Options{Quality: 92})
	return photo.Bytes(), err
}

func form(photo []byte) (body []byte, contentType string, err error) {
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	part, err := w.CreateFormFile("file", "photo.jpg")
	if err == nil {
		_, err = part.Write(photo)
	}
	if err == nil {
		err = w.Close()
	}
	return buffer.Bytes(), w.FormDataContentType(), err
}
