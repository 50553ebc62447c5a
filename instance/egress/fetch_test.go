package egress_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance/egress"
	"greengate/instance/egress/egresstest"
)

// fetching runs a test with a server at http://8.8.8.8.
func fetching(t *testing.T, serve http.HandlerFunc, test func(*testing.T, *egress.Egress)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Serve("8.8.8.8", serve)
		test(t, internet.Egress())
	})
}

// drip writes a text again and again until nobody reads.
func drip(w http.ResponseWriter, text string, every time.Duration) {
	for {
		if _, err := io.WriteString(w, text); err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
		time.Sleep(every)
	}
}

func TestFetch(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		fmt.Fprint(w, "0123456789")
	}
	fetching(t, serve, func(t *testing.T, e *egress.Egress) {
		d, err := e.Fetch(t.Context(), "http://8.8.8.8/old", 10)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		body, err := io.ReadAll(d)
		if string(body) != "0123456789" || err != nil || d.Length != 10 || d.URL.Path != "/new" || d.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%q, %v, %d, %s, %v", body, err, d.Length, d.URL, d.Header)
		}
	})
}

func TestFetchRefusesWhatIsNoFile(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(map[string]int{"/204": 204, "/304": 304, "/404": 404, "/500": 500}[r.URL.Path])
	}
	fetching(t, serve, func(t *testing.T, e *egress.Egress) {
		for path, want := range map[string]string{
			"http://8.8.8.8/204": "8.8.8.8 answered 204",
			"http://8.8.8.8/304": "8.8.8.8 answered 304",
			"http://8.8.8.8/404": "8.8.8.8 answered 404",
			"http://8.8.8.8/500": "8.8.8.8 answered 500",
			"http://10.0.0.1/":   "10.0.0.1: the address is not public",
			"ftp://8.8.8.8/":     "must be a URL that starts with http:// or https://",
		} {
			if d, err := e.Fetch(t.Context(), path, 10); d != nil || err == nil || err.Error() != want {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
}

func TestFetchIsBounded(t *testing.T) {
	announced := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "11")
		fmt.Fprint(w, "0123456789a")
	}
	fetching(t, announced, func(t *testing.T, e *egress.Egress) {
		_, err := e.Fetch(t.Context(), "http://8.8.8.8/", 10)
		var large *egress.TooLargeError
		if !errors.As(err, &large) || *large != (egress.TooLargeError{Limit: 10, Size: 11}) || err.Error() != "11 bytes, larger than 10" {
			t.Error(err)
		}
	})
	endless := func(w http.ResponseWriter, _ *http.Request) { drip(w, strings.Repeat("a", 1000), 0) }
	fetching(t, endless, func(t *testing.T, e *egress.Egress) {
		d, err := e.Fetch(t.Context(), "http://8.8.8.8/", 5500)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		body, err := io.ReadAll(d)
		var large *egress.TooLargeError
		if len(body) != 5500 || d.Length != -1 || !errors.As(err, &large) || err.Error() != "larger than 5500 bytes" {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	})
}

func TestFetchGivesUpOnSilence(t *testing.T) {
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	fetching(t, silent, func(t *testing.T, e *egress.Egress) {
		start := time.Now()
		if _, err := e.Fetch(t.Context(), "http://8.8.8.8/", 10); !errors.Is(err, egress.ErrStalled) || time.Since(start) != 30*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
	stalling := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		fmt.Fprint(w, "01234")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	fetching(t, stalling, func(t *testing.T, e *egress.Egress) {
		body, took, err := download(t, e, 10)
		if string(body) != "01234" || !errors.Is(err, egress.ErrStalled) || took != 30*time.Second {
			t.Errorf("%q, %v after %s", body, err, took)
		}
	})
}

func TestFetchGivesUpOnACrawl(t *testing.T) {
	crawling := func(w http.ResponseWriter, _ *http.Request) { drip(w, "a", 29*time.Second) }
	fetching(t, crawling, func(t *testing.T, e *egress.Egress) {
		_, took, err := download(t, e, 16<<20)
		if !errors.Is(err, egress.ErrStalled) || took < 17*time.Minute || took > 19*time.Minute {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestFetchNoticesABrokenFile(t *testing.T) {
	breaking := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		fmt.Fprint(w, "01234")
	}
	fetching(t, breaking, func(t *testing.T, e *egress.Egress) {
		if body, _, err := download(t, e, 10); string(body) != "01234" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q, %v", body, err)
		}
	})
}

func TestFetchWaitsForItsReader(t *testing.T) {
	serve := func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			fmt.Fprint(w, strings.Repeat("a", 5000))
		}
	}
	fetching(t, serve, func(t *testing.T, e *egress.Egress) {
		d, err := e.Fetch(t.Context(), "http://8.8.8.8/", 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		time.Sleep(time.Minute)
		if body, err := io.ReadAll(d); len(body) != 15000 || err != nil {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	})
}

func TestFetchEndsWithItsContext(t *testing.T) {
	dripping := func(w http.ResponseWriter, _ *http.Request) { drip(w, "a", time.Second) }
	fetching(t, dripping, func(t *testing.T, e *egress.Egress) {
		ctx, cancel := context.WithTimeout(t.Context(), 10500*time.Millisecond)
		defer cancel()
		d, err := e.Fetch(ctx, "http://8.8.8.8/", 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if body, err := io.ReadAll(d); len(body) != 11 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	})
}

func download(t *testing.T, e *egress.Egress, limit int64) (body []byte, took time.Duration, err error) {
	t.Helper()
	start := time.Now()
	d, err := e.Fetch(t.Context(), "http://8.8.8.8/", limit)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	body, err = io.ReadAll(d)
	return body, time.Since(start), err
}
