package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"greengate/store/storetest"
)

// process is the program running on its own, as an operator runs it.
type process struct {
	*exec.Cmd
	t   *testing.T
	log *bufio.Scanner  // of both outputs
	all strings.Builder // the log so far
}

// start runs greengate. Under that name this test binary is the program, see TestMain.
func start(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0], args...), t: t}
	p.Args[0], p.Dir, p.Env = "greengate", t.TempDir(), append(os.Environ(), environ...)
	output, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Stderr = p.Stdout
	p.log = bufio.NewScanner(output)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// until reads the log until a line matches, and returns the first group of the match.
func (p *process) until(pattern string) string {
	p.t.Helper()
	expression := regexp.MustCompile(pattern)
	for p.log.Scan() {
		p.all.WriteString(p.log.Text() + "\n")
		if match := expression.FindStringSubmatch(p.log.Text()); match != nil {
			return match[len(match)-1]
		}
	}
	p.t.Fatalf("no line of the log matches %q:\n%s", pattern, p.all.String())
	return ""
}

// end sends a signal, unless it is nil, and returns how the program ended.
func (p *process) end(signal os.Signal) error {
	p.t.Helper()
	if signal != nil {
		if err := p.Process.Signal(signal); err != nil {
			p.t.Fatal(err)
		}
	}
	for p.log.Scan() {
		p.all.WriteString(p.log.Text() + "\n")
	}
	return p.Wait()
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

func TestServeStopsOnSignals(t *testing.T) {
	const token = "gac.hunter2"
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			p := start(t, []string{"GREENGATE_PARTNER_TOKEN=" + token}, "serve", "--network=sandbox", "--store.dsn="+storetest.DSN(t),
				"--listen=127.0.0.1:0", "--sandbox.control_listen=127.0.0.1:0")
			base := "http://" + p.until(`msg=listening address=(\S+)`)
			if status, body := get(t, base+"/readyz"); status != http.StatusOK {
				t.Errorf("readyz: %d %s", status, body)
			}
			if status, body := get(t, base+"/partner/getInstances/"+token); status != http.StatusOK || body != "[]" {
				t.Errorf("getInstances: %d %s", status, body)
			}
			if err := p.end(signal); err != nil {
				t.Errorf("ended with %v", err)
			}
			if log := p.all.String(); !strings.Contains(log, "stopped listening") || strings.Contains(log, token) {
				t.Errorf("the log lacks the stop or tells the token:\n%s", log)
			}
		})
	}
}

func TestServeOnASandboxElsewhere(t *testing.T) {
	network := start(t, nil, "sandbox", "--sandbox.control_listen=127.0.0.1:0")
	control := network.until(`^control API: (\S+)$`)
	server := start(t, nil, "serve", "--network=sandbox", "--sandbox.control_url="+control, "--listen=127.0.0.1:0")
	server.until(`msg=listening`)
	if err := server.end(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if err := network.end(syscall.SIGTERM); err != nil {
		t.Errorf("the sandbox ended with %v", err)
	}
}

func TestQRCodeInTheTerminal(t *testing.T) {
	config := []string{"--network=sandbox", "--sandbox.control_listen=127.0.0.1:0", "--store.dsn=" + storetest.DSN(t)}
	create := start(t, nil, append([]string{"instance", "create"}, config...)...)
	id := create.until(`idInstance +([0-9]+)`)
	if err := create.end(nil); err != nil {
		t.Fatal(err)
	}
	qr := start(t, nil, append([]string{"instance", "qr", id}, config...)...)
	qr.until("█▀▀▀▀▀█|█ ▄▄▄▄▄ █") // an eye of the code, dark on light or light on dark
	qr.until("Linked devices")
	if err := qr.end(syscall.SIGINT); err == nil {
		t.Error("the program was interrupted before an account was linked, and calls it a success")
	}
}

func TestInstancesOfARunningServer(t *testing.T) {
	dsn := "--store.dsn=" + storetest.DSN(t)
	server := start(t, nil, "serve", "--network=sandbox", "--listen=127.0.0.1:0", "--sandbox.control_listen=127.0.0.1:0", dsn)
	server.until(`msg=listening`)
	list := start(t, nil, "instance", "list", dsn)
	list.until("another greengate has this database open")
	if list.end(nil) == nil {
		t.Error("the list was made all the same")
	}
	if err := server.end(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v", err)
	}
}
