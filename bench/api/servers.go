package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	binary       = "../bin/greengate"
	partnerToken = "gac.0123456789abcdef0123456789abcdef0123456789abcdef01"
	pairers      = 4 // pairings at a time
)

// servers are a sandbox and a greengate, each a process of its own, and the accounts linked so far.
type servers struct {
	api, control string
	client       *http.Client
	processes    []*exec.Cmd
	folder       string
	accounts     []account
}

// account is one linked instance.
type account struct {
	IDInstance       int64
	APITokenInstance string
}

func (a account) url(api, method string) string {
	return fmt.Sprintf("%s/waInstance%d/%s/%s", api, a.IDInstance, method, a.APITokenInstance)
}

func startServers(ctx context.Context) (*servers, error) {
	folder, err := os.MkdirTemp("", "greengate-bench-")
	if err != nil {
		return nil, err
	}
	s := &servers{folder: folder, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	if err := s.startBoth(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *servers) startBoth(ctx context.Context) error {
	for _, url := range []*string{&s.control, &s.api} {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		*url = fmt.Sprintf("http://127.0.0.1:%d", port)
	}
	if err := s.start(ctx, "sandbox", "--sandbox.control_listen="+host(s.control), "--limits.picture_interval=1ms"); err != nil {
		return err
	}
	if err := s.awaitAnswer(ctx, s.control+"/phones"); err != nil {
		return err
	}
	if err := s.start(ctx, "serve", "--network=sandbox", "--sandbox.control_url="+s.control, "--listen="+host(s.api),
		"--store.dsn="+filepath.Join(s.folder, "greengate.db"), "--partner_token="+partnerToken, "--limits.method_rates=false",
		"--limits.picture_interval=1ms"); err != nil {
		return err
	}
	return s.awaitAnswer(ctx, s.api+"/readyz")
}

func host(url string) string { return strings.TrimPrefix(url, "http://") }

func (s *servers) awaitAnswer(ctx context.Context, url string) error {
	return s.await(ctx, func() (bool, error) { return s.exchange(ctx, http.MethodGet, url, nil, nil) == nil, nil })
}

func (s *servers) start(ctx context.Context, args ...string) error {
	command := exec.CommandContext(ctx, binary, append(args, "--log.level=error")...)
	command.Stderr = os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	if err := command.Start(); err != nil {
		return fmt.Errorf("%w; run make build first", err)
	}
	s.processes = append(s.processes, command)
	return nil
}

// stop ends the processes it started, the last first.
func (s *servers) stop() {
	for n := len(s.processes) - 1; n >= 0; n-- {
		_ = s.processes[n].Process.Signal(os.Interrupt)
		_ = s.processes[n].Wait()
	}
	_ = os.RemoveAll(s.folder)
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// linkUpTo creates and links instances until there are n, and waits until all are authorized.
func (s *servers) linkUpTo(ctx context.Context, n int) error {
	from := len(s.accounts)
	s.accounts = append(s.accounts, make([]account, n-from)...)
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
func (s *servers) link(ctx context.Context, n int) error {
	number := 15550000000 + n
	i := &s.accounts[n]
	if err := s.exchange(ctx, http.MethodPost, s.control+"/phones", object{"number": strconv.Itoa(number), "name": "Bench"}, nil); err != nil {
		return err
	}
	if err := s.exchange(ctx, http.MethodPost, s.api+"/partner/createInstance/"+partnerToken, object{"name": "bench"}, i); err != nil {
		return err
	}
	var code struct{ Code string }
	if err := s.exchange(ctx, http.MethodPost, i.url(s.api, "getAuthorizationCode"), object{"phoneNumber": number}, &code); err != nil {
		return err
	}
	path := fmt.Sprintf("%s/phones/%d/code", s.control, number)
	if err := s.exchange(ctx, http.MethodPost, path, object{"code": code.Code}, nil); err != nil {
		return err
	}
	return s.await(ctx, func() (bool, error) {
		var state struct{ StateInstance string }
		err := s.exchange(ctx, http.MethodGet, i.url(s.api, "getStateInstance"), nil, &state)
		return state.StateInstance == "authorized", err
	})
}

// await asks every 50 ms until the answer is yes, for a minute at most.
func (s *servers) await(ctx context.Context, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if yes, err := ask(); yes || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type object map[string]any

// exchange sends JSON and reads JSON into answer, unless it is nil.
func (s *servers) exchange(ctx context.Context, verb, url string, body object, answer any) error {
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, verb, url, reader)
	if err != nil {
		return err
	}
	data, err := s.fetch(request)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(data, answer)
}

// fetch sends a request and returns the body of an answer that is no error.
func (s *servers) fetch(request *http.Request) ([]byte, error) {
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %.200s", response.Status, data)
	}
	return data, err
}

// reading is what the server's process takes at a moment.
type reading struct{ rss, goroutines float64 }

func (r reading) String() string {
	return fmt.Sprintf("%.0f MiB RSS, %.0f goroutines", r.rss/(1<<20), r.goroutines)
}

func (r reading) each(empty reading, n int) string {
	return fmt.Sprintf("%.0f KiB, %.1f goroutines", (r.rss-empty.rss)/1024/float64(n), (r.goroutines-empty.goroutines)/float64(n))
}

// reading takes resident memory and goroutines from the server's own metrics, after a minute of idleness, in which the
// garbage of pairing is mostly collected.
func (s *servers) reading(ctx context.Context) (reading, error) {
	s.client.CloseIdleConnections()
	if len(s.accounts) > 0 {
		select {
		case <-time.After(time.Minute):
		case <-ctx.Done():
			return reading{}, ctx.Err()
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.api+"/metrics", nil)
	if err != nil {
		return reading{}, err
	}
	data, err := s.fetch(request)
	if err != nil {
		return reading{}, err
	}
	var r reading
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "process_resident_memory_bytes":
			r.rss, _ = strconv.ParseFloat(value, 64)
		case "go_goroutines":
			r.goroutines, _ = strconv.ParseFloat(value, 64)
		}
	}
	return r, nil
}
