package linkpreview_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"greengate/instance/egress"
	"greengate/instance/egress/egresstest"
	"greengate/instance/linkpreview"
)

// site serves a page at shop.example, its picture and the ways in which both go wrong.
func site() http.Handler {
	mux := http.NewServeMux()
	page := func(path, contentType, html string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{contentType}
			fmt.Fprint(w, html)
		})
	}
	withImage := func(address string) string {
		return `<meta property="og:title" content="Shop"><meta property="og:image" content="` + address + `">`
	}
	page("/17", "text/html; charset=utf-8", withImage("img/i.png")+`<meta name="description" content="A &amp; B">`)
	page("/img/i.png", "image/png", "PNG")
	page("/long", "text/html", "<title>Long</title>"+strings.Repeat("a", 600<<10)+`<meta property="og:title" content="beyond the bound">`)
	page("/wordy", "text/html", "<title>"+strings.Repeat("ä", 1000)+`</title><meta name=description content="`+strings.Repeat("ö", 2000)+`">`)
	page("/untitled", "text/html", "<p>x")
	page("/empty", "text/html", "")
	page("/json", "application/json", "{}")
	page("/untyped", "", "<title>A</title>")
	for _, bad := range []string{"missing", "large", "empty", "endless", "slow"} {
		page("/with-"+bad, "text/html", withImage("/"+bad))
	}
	page("/with-private", "text/html", withImage("http://10.0.0.1/i.png"))
	page("/with-data", "text/html", withImage("data:image/png;base64,AAAA"))
	page("/large", "image/png", strings.Repeat("a", 5<<20+1))
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) { drip(w, strings.Repeat("a", 10000), 0) })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) { drip(w, "a", time.Second) })
	mux.HandleFunc("/slow-page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		drip(w, "<title>Slow</title>"+strings.Repeat(" ", 500), time.Second)
	})
	mux.HandleFunc("/silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.Handle("/moved", http.RedirectHandler("/17", http.StatusMovedPermanently))
	mux.Handle("/trap", http.RedirectHandler("http://169.254.169.254/latest/meta-data", http.StatusFound))
	return mux
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

// fetch makes the preview of a link to the site and tells how long that took.
func fetch(t *testing.T, link string) (p *linkpreview.Preview, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Name("shop.example", "8.8.8.8")
		internet.Serve("8.8.8.8", site())
		start := time.Now()
		p, err = linkpreview.Fetch(t.Context(), internet.Egress(), link)
		took = time.Since(start)
	})
	return p, took, err
}

func TestFetch(t *testing.T) {
	image := func(name string) linkpreview.Preview {
		return linkpreview.Preview{Title: "Shop", ImageURL: "http://shop.example/" + name}
	}
	whole := linkpreview.Preview{Title: "Shop", Description: "A & B", ImageURL: "http://shop.example/img/i.png", Image: []byte("PNG")}
	for path, want := range map[string]linkpreview.Preview{
		"17":    whole,
		"moved": whole,
		"long":  {Title: "Long"},
		"wordy": {Title: strings.Repeat("ä", 299) + "…", Description: strings.Repeat("ö", 999) + "…"},

		"slow-page":    {Title: "Slow"},
		"with-missing": image("missing"),
		"with-large":   image("large"),
		"with-empty":   {Title: "Shop", ImageURL: "http://shop.example/empty"},
		"with-endless": image("endless"),
		"with-slow":    image("slow"),
		"with-private": {Title: "Shop", ImageURL: "http://10.0.0.1/i.png"},
		"with-data":    {Title: "Shop"},
	} {
		want.URL = "http://shop.example/" + path
		got, took, err := fetch(t, want.URL)
		if diff := cmp.Diff(&want, got); diff != "" || err != nil || took > 20*time.Second {
			t.Errorf("%s: %v after %s (-want +got)\n%s", path, err, took, diff)
		}
	}
}

func TestFetchFails(t *testing.T) {
	for link, want := range map[string]string{
		"":                               "no link",
		"http://shop.example/missing":    "answered 404",
		"http://shop.example/untitled":   "no title",
		"http://shop.example/empty":      "no title",
		"http://shop.example/json":       "no HTML",
		"http://shop.example/untyped":    "no HTML",
		"http://shop.example/img/i.png":  "no HTML",
		"http://shop.example/silent":     "deadline",
		"http://shop.example/trap":       "not public",
		"http://localhost/":              "not public",
		"http://other.example/":          "no such host",
		"www.shop.example/17":            "no such host",
		"http://shop.example:x/":         "must be a URL",
		"www.shop.example/ \x00 no link": "must be a URL",
	} {
		got, took, err := fetch(t, link)
		if got != nil || err == nil || !strings.Contains(err.Error(), want) || took > 10*time.Second {
			t.Errorf("%q: %v, %v after %s", link, got, err, took)
		}
	}
	if _, _, err := fetch(t, "http://shop.example/trap"); !errors.Is(err, egress.ErrForbidden) {
		t.Error(err)
	}
}

func TestWWWIsFetchedByTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Name("www.shop.example", "8.8.8.8")
		_, err := linkpreview.Fetch(t.Context(), internet.Egress(), linkpreview.FindURL("see www.shop.example/17."))
		if dials := fmt.Sprint(internet.Dials()); err == nil || dials != "[8.8.8.8:443]" {
			t.Errorf("%v, dialled %s", err, dials)
		}
	})
}
