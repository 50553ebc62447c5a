// Package console holds the pages people look at. They are static but for a name, load nothing from elsewhere, and take their data
// from the API like any other client.
package console

import (
	"embed"
	"html/template"
	"net/http"
)

//go:embed *.html
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// policy lets a page use only itself: no foreign script can read the token in its address.
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// QR is the page on which a person links an account by scanning a code or typing one. It must be served at
// /waInstance{id}/{token}, from which its script finds the API.
func QR(name string) http.Handler { return page("qr.html", name) }

// Home is the page at the root: what runs here, and where to read on.
func Home(version string) http.Handler { return page("home.html", version) }

func page(file string, data any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if err := pages.ExecuteTemplate(w, file, data); err != nil {
			http.Error(w, "the page could not be made", http.StatusInternalServerError)
		}
	})
}
