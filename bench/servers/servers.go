// Package servers runs a sandbox and a greengate as processes of their own on loopback, to be measured from outside.
package servers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

const (
	binary       = "../bin/greengate"
	partnerToken = "gac.0123456789abcdef0123456789abcdef0123456789abcdef01"
	pairers      = 4 // pairings at a time
)

// Servers are a sandbox and a greengate, each a process of its own, and the instances linked so far.
type Servers struct {
	API       string // base URL of the server
	Control   string // base URL of the sandbox's control API
	Folder    string // for files that go with the servers
	Instances []Instance

	*Caller
	processes []*exec.Cmd
}

// Instance is one linked instance and the number of its phone, digits.
type Instance struct {
	IDInstance       int64
	APITokenInstance string
	Number           string
}

// URL is that of a method of an instance.
func (s *Servers) URL(i Instance, method string) string {
	return fmt.Sprintf("%s/waInstance%d/%s/%s", s.API, i.IDInstance, method, i.APITokenInstance)
}

// Start starts both, the server with further flags, and returns when they answer. Stop ends them; so does the end of ctx.
func Start(ctx context.Context, flags ...string) (*Servers, error) {
	folder, err := os.MkdirTemp("", "greengate-bench-")
	if err != nil {
		return nil, err
	}
	s := &Servers{Folder: folder, Caller: NewCaller()}
	if err := s.startBoth(ctx, flags); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Servers) startBoth(ctx context.Context, flags []string) error {
	for _, url := range []*string{&s.Control, &s.API} {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		*url = fmt.Sprintf("http://127.0.0.1:%d", port)
	}
	if err := s.start(ctx, "sandbox", "--sandbox.control_listen="+host(s.Control), "--limits.picture_interval=1ms"); err != nil {
		return err
	}
	if err := s.awaitAnswer(ctx, s.Control+"/phones"); err != nil {
		return err
	}
	if err := s.start(ctx, append([]string{
		"serve", "--network=sandbox", "--sandbox.control_url=" + s.Control, "--listen=" + host(s.API),
		"--store.dsn=" + filepath.Join(s.Folder, "greengate.db"), "--files.dir=" + filepath.Join(s.Folder, "files"),
		"--partner_token=" + partnerToken, "--limits.method_rates=false", "--limits.picture_interval=1ms",
	}, flags...)...); err != nil {
		return err
	}
	return s.awaitAnswer(ctx, s.API+"/readyz")
}

func host(url string) string { return strings.TrimPrefix(url, "http://") }

func (s *Servers) awaitAnswer(ctx context.Context, url string) error {
	return Await(ctx, func() (bool, error) { return s.Exchange(ctx, http.MethodGet, url, nil, nil) == nil, nil })
}

func (s *Servers) start(ctx context.Context, args ...string) error {
	command := exec.CommandContext(ctx, binary, append(args, "--log.level=error")...)
	command.Stderr = os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	if err := command.Start(); err != nil {
		return fmt.Errorf("%w; run make build first", err)
	}
	s.processes = append(s.processes, command)
	return nil
}

// Stop ends the processes it started, the last first.
func (s *Servers) Stop() {
	for n := len(s.processes) - 1; n >= 0; n-- {
		_ = s.processes[n].Process.Signal(os.Interrupt)
		_ = s.processes[n].Wait()
	}
	_ = os.RemoveAll(s.Folder)
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// LinkUpTo creates and links instances until there are n, and waits until all are authorized.
func (s *Servers) LinkUpTo(ctx context.Context, n int) error {
	from := len(s.Instances)
	s.Instances = append(s.Instances, make([]Instance, n-from)...)
	failures := make([]error, n-from)
	var all sync.WaitGroup
	for w := range pairers {
		all.Go(func() {
			for k := from + w; k < n; k += pairers {
				if failures[k-from] = s.link(ctx, k); failures[k-from] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(failures...)
}

// link links one instance by the code that its phone types in.
func (s *Servers) link(ctx context.Context, n int) error {
	i := &s.Instances[n]
	i.Number = strconv.Itoa(15550000000 + n)
	if err := s.Exchange(ctx, http.MethodPost, s.Control+"/phones", Object{"number": i.Number, "name": "Bench"}, nil); err != nil {
		return err
	}
	if err := s.Exchange(ctx, http.MethodPost, s.API+"/partner/createInstance/"+partnerToken, Object{"name": "bench"}, i); err != nil {
		return err
	}
	var code struct{ Code string }
	if err := s.Exchange(ctx, http.MethodPost, s.URL(*i, "getAuthorizationCode"), Object{"phoneNumber": json.Number(i.Number)}, &code); err != nil {
		return err
	}
	if err := s.Exchange(ctx, http.MethodPost, s.Control+"/phones/"+i.Number+"/code", Object{"code": code.Code}, nil); err != nil {
		return err
	}
	return Await(ctx, func() (bool, error) {
		var state struct{ StateInstance string }
		err := s.Exchange(ctx, http.MethodGet, s.URL(*i, "getStateInstance"), nil, &state)
		return state.StateInstance == "authorized", err
	})
}

// Metrics are the server's own figures that have no labels, such as process_cpu_seconds_total.
func (s *Servers) Metrics(ctx context.Context) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.API+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	data, err := s.Fetch(request)
	if err != nil {
		return nil, err
	}
	metrics := map[string]float64{}
	for line := range strings.Lines(string(data)) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			metrics[name] = value
		}
	}
	return metrics, nil
}
