package clients

import (
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// record holds, by client, the methods that the binary has answered with 200. docs/methods.md is made from it.
const record = "../docs/clients.json"

var (
	update    = flag.Bool("update", false, "write what the clients have called into docs/clients.json")
	recording sync.Mutex
)

// client is one client under test. Each of its sections has a demo of its own, and all run side by side.
type client struct {
	t        *testing.T
	name     string
	sections int // begun in this run
	ended    int
	mu       sync.Mutex
	answered map[string]bool // methods
}

// exercise begins the tests of a client. When its sections have ended, each of the methods that it offers must have been answered with
// 200, in whatever case it writes them, and all that were must stand in the record.
func exercise(t *testing.T, name string, offers ...string) *client {
	t.Parallel()
	c := &client{t: t, name: name, answered: map[string]bool{}}
	t.Cleanup(func() {
		if c.ended < c.sections || t.Failed() {
			return // only a part of it was run
		}
		methods := slices.Sorted(maps.Keys(c.answered))
		for _, method := range offers {
			if !slices.ContainsFunc(methods, func(m string) bool { return strings.EqualFold(m, method) }) {
				t.Errorf("%s was not called, or not answered with 200", method)
			}
		}
		c.compare(methods)
	})
	return c
}

// section runs a part of a client on a demo that is started with these flags.
func (c *client) section(name string, do func(t *testing.T, d demo), flags ...string) {
	c.sections++
	c.t.Run(name, func(t *testing.T) {
		t.Parallel()
		d := startDemo(t, flags...)
		before := d.answered(t)
		do(t, d)
		after := d.settled(t)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ended++
		for method, count := range after {
			if count != before[method] {
				c.answered[method] = true
			}
		}
	})
}

// settled reads what was answered once it stands still: a client can have all of a long answer before it is counted.
func (d demo) settled(t *testing.T) map[string]string {
	t.Helper()
	last, still := d.answered(t), 0
	eventually(t, "the counts stand still", func() bool {
		next := d.answered(t)
		if still++; !maps.Equal(next, last) {
			last, still = next, 0
		}
		return still == 5
	})
	return last
}

var countOf200 = regexp.MustCompile(`(?m)^greengate_request_duration_seconds_count\{method="(\w+)",status="200"\} (\d+)$`)

// answered reads how often each method was answered with 200.
func (d demo) answered(t *testing.T) map[string]string {
	t.Helper()
	text := ask(t, http.MethodGet, d["Metrics"], nil, nil)
	counts := map[string]string{}
	for _, match := range countOf200.FindAllStringSubmatch(string(text), -1) {
		counts[match[1]] = match[2]
	}
	return counts
}

// compare holds the record to these methods, or writes them into it.
func (c *client) compare(methods []string) {
	c.t.Helper()
	recording.Lock()
	defer recording.Unlock()
	data, err := os.ReadFile(record)
	if err != nil {
		c.t.Fatal(err)
	}
	clients := map[string][]string{}
	if err := json.Unmarshal(data, &clients); err != nil {
		c.t.Fatalf("%s: %v", record, err)
	}
	if slices.Equal(clients[c.name], methods) {
		return
	}
	if !*update {
		c.t.Errorf("%s was answered\n%q, but docs/clients.json says\n%q; if that is meant, run: make clients UPDATE=1 && make generate",
			c.name, methods, clients[c.name])
		return
	}
	clients[c.name] = methods
	if data, err = json.MarshalIndent(clients, "", "  "); err == nil {
		err = os.WriteFile(record, append(data, '\n'), 0o644)
	}
	if err != nil {
		c.t.Error(err)
	}
}
