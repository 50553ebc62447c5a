package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// controlBody bounds what the control API reads; a text message may have 64 KB.
const controlBody = 1 << 20

// controlRoute is one thing that the control API can do.
type controlRoute struct {
	pattern string // verb and path
	body    string // the keys of the JSON that it takes
	does    string
	act     func(*World, *http.Request) (any, error)
}

// Control is the HTTP API by which programs outside the process act on the network. It has no authentication: serve it on loopback.
// wire is the address that Serve listens on, told to clients that ask for the way in. GET / lists what it can do.
//
// Answers are JSON, but for files; a malformed request answers 400, an unknown phone 404, an action that fails 409, all with {"error"}.
//
// It is also an HTTP proxy that leads every connection into the network, whatever its address, for programs that cannot be given
// another dialer: HTTPS_PROXY with the control API's URL and SSL_CERT_FILE with the network's CA bring them here.
func (w *World) Control(wire string) http.Handler {
	routes := slices.Concat(w.controlWorld(wire), controlPhones(), controlProfile(), controlChats(), controlAnswers(), controlGroups())
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.Handle(route.pattern, w.control(route.act, controlBody))
	}
	for _, route := range controlMedia() {
		mux.Handle(route.pattern, w.control(route.act, maxUpload))
		routes = append(routes, route)
	}
	mux.HandleFunc("GET /{$}", func(out http.ResponseWriter, _ *http.Request) { listRoutes(out, routes) })
	mux.Handle("GET "+picturePrefix, w.PictureHandler())
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			w.tunnel(out)
			return
		}
		mux.ServeHTTP(out, r)
	})
}

func listRoutes(out io.Writer, routes []controlRoute) {
	for _, route := range routes {
		verb, path, _ := strings.Cut(route.pattern, " ")
		_, _ = fmt.Fprintf(out, "%-6s %-42s %-35s %s\n", verb, path, route.body, route.does)
	}
}

// controlWorld lists what concerns the whole network.
func (w *World) controlWorld(wire string) []controlRoute {
	return []controlRoute{
		{
			"GET /network", "", "the way in: root key in hex, address, CA in PEM",
			func(w *World, _ *http.Request) (any, error) { return w.wayIn(wire), nil },
		},
		{
			"GET /unknown", "", "stanzas the network did not understand",
			func(w *World, _ *http.Request) (any, error) { return w.Unknown(), nil },
		},
		{
			"GET /faults", "", "faults still to come",
			func(w *World, _ *http.Request) (any, error) { return faultEntries(w.Faults()), nil },
		},
		{
			"POST /faults", "kind number match count code text delay after", "makes something go wrong; a delay is like 1.5s",
			withBody(func(w *World, f faultEntry, _ *http.Request) (any, error) { return nil, w.injectEntry(f) }),
		},
		{
			"DELETE /faults", "", "takes back all faults",
			func(w *World, _ *http.Request) (any, error) { w.ClearFaults(); return nil, nil },
		},
		{
			"PUT /outdated", "outdated", "refuses every client as too old, or no longer",
			withBody(func(w *World, b struct{ Outdated bool }, _ *http.Request) (any, error) {
				w.Outdate(b.Outdated)
				return nil, nil
			}),
		},
		{
			"GET /phones", "", "all phones",
			func(w *World, _ *http.Request) (any, error) { return w.phoneEntries(), nil },
		},
		{
			"POST /phones", "number name", "adds a phone",
			withBody(func(w *World, b struct{ Number, Name string }, _ *http.Request) (any, error) {
				return w.addEntry(b.Number, b.Name)
			}),
		},
	}
}

// control turns an action into a handler that answers JSON, {} if the action returns nothing, or a file. limit bounds the request.
func (w *World) control(act func(*World, *http.Request) (any, error), limit int64) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(out, r.Body, limit)
		status := http.StatusOK
		answer, err := act(w, r)
		if file, ok := answer.(fileAnswer); ok && err == nil {
			out.Header().Set("Content-Type", file.mimetype)
			out.Header().Set("Content-Disposition", "attachment") // senders choose the type: nothing for a browser to show
			_, _ = out.Write(file.data)
			return
		}
		switch {
		case err != nil:
			status, answer = controlStatus(err), map[string]string{"error": err.Error()}
		case answer == nil:
			answer = struct{}{}
		}
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(status)
		_ = json.NewEncoder(out).Encode(answer)
	}
}

// malformedError is a request that cannot be understood.
type malformedError struct{ error }

func controlStatus(err error) int {
	var malformed malformedError
	switch {
	case errors.Is(err, errNoPhone):
		return http.StatusNotFound
	case errors.As(err, &malformed):
		return http.StatusBadRequest
	default:
		return http.StatusConflict
	}
}

// withBody is an action that takes a JSON object; keys it does not know are refused.
func withBody[T any](act func(*World, T, *http.Request) (any, error)) func(*World, *http.Request) (any, error) {
	return func(w *World, r *http.Request) (any, error) {
		var body T
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&body); err != nil {
			return nil, malformedError{fmt.Errorf("read the body: %w", err)}
		}
		return act(w, body, r)
	}
}

// faultEntry is a Fault in JSON.
type faultEntry struct {
	Kind   FaultKind `json:"kind"`
	Number string    `json:"number,omitempty"`
	Match  string    `json:"match,omitempty"`
	Count  int       `json:"count,omitempty"`
	Code   int       `json:"code,omitempty"`
	Text   string    `json:"text,omitempty"`
	Delay  string    `json:"delay,omitempty"`
	After  bool      `json:"after,omitempty"`
}

func faultEntries(faults []Fault) []faultEntry {
	list := make([]faultEntry, len(faults))
	for i, f := range faults {
		list[i] = faultEntry{f.Kind, f.Number, f.Match, f.Count, f.Code, f.Text, "", f.After}
		if f.Delay != 0 {
			list[i].Delay = f.Delay.String()
		}
	}
	return list
}

func (w *World) injectEntry(f faultEntry) error {
	var delay time.Duration
	if f.Delay != "" {
		var err error
		if delay, err = time.ParseDuration(f.Delay); err != nil {
			return malformedError{fmt.Errorf("read the delay: %w", err)}
		}
	}
	if err := w.Inject(Fault{f.Kind, f.Number, f.Match, f.Count, f.Code, f.Text, delay, f.After}); err != nil {
		return malformedError{err}
	}
	return nil
}

// deviceID reads the number of a device from a request's path.
func deviceID(r *http.Request) (uint16, error) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 16)
	if err != nil {
		return 0, malformedError{errors.New("a device has a number between 1 and 65535")}
	}
	return uint16(id), nil
}
