// Package clients runs GREEN-API's own clients, unmodified, against the built binary. It is a module of its own, so that none of them
// becomes a dependency of the server. They live on demos: a server with one linked account on a simulated WhatsApp.
package clients

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const (
	binary = "../bin/greengate"
	photo  = "../media/testdata/sample.jpg"
)

// demo is a running greengate demo: what it prints about itself, by name.
type demo map[string]string

// startDemo runs a demo and stops it when the test ends. Clients cannot wait, so it has no limits of pace.
func startDemo(t *testing.T, flags ...string) demo {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append([]string{
		"demo", "--listen=127.0.0.1:0", "--sandbox.control_listen=127.0.0.1:0",
		"--limits.picture_interval=1ms", "--limits.send_delay=0s", "--limits.method_rates=false",
	}, flags...)...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; run make build first", err)
	}
	t.Cleanup(func() { // t's context has ended by now, and with it the demo
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	d := demo{}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "{") {
			return d
		}
		if words := strings.Fields(lines.Text()); len(words) == 2 {
			d[words[0]] = words[1]
		}
	}
	t.Fatal("the demo ended before it was ready")
	return nil
}

// environ hands the demo to a program, each name in capitals: API_URL, ID_INSTANCE, ...
func (d demo) environ() []string {
	return append(os.Environ(), "API_URL="+d["apiUrl"], "ID_INSTANCE="+d["idInstance"], "API_TOKEN_INSTANCE="+d["apiTokenInstance"],
		"PARTNER_TOKEN="+d["partnerToken"], "NUMBER="+d["number"], "CONTACT="+d["contact"], "PHONES="+d["Phones"], "PHOTO="+photo)
}

// run runs a program on the demo, returns all it has said, and fails with that unless it ends well.
func (d demo) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = d.environ()
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, said)
	}
	return string(said)
}

// The commands of the README work when they are pasted, wherever the demo listens.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Send and receive\n")
	_, rest, _ := strings.Cut(section, "```sh\n")
	commands, _, _ := strings.Cut(rest, "```")
	d := startDemo(t)
	commands = strings.NewReplacer("http://127.0.0.1:8080", d["apiUrl"], "http://127.0.0.1:8090/phones", d["Phones"]).Replace(commands)
	said := d.run(t, "sh", "-c", "ID=$ID_INSTANCE TOKEN=$API_TOKEN_INSTANCE\n"+commands)
	for _, want := range []string{`"idMessage":"3EB0`, `"text":"Hello Ben!"`, `"textMessage":"Fine, thanks."`, `{"result":true,"reason":""}`} {
		if !strings.Contains(said, want) {
			t.Errorf("no %s in %s", want, said)
		}
	}
}

func TestCurl(t *testing.T) {
	exercise(t, "curl").section("all", func(t *testing.T, d demo) { d.run(t, "sh", "curl.sh") })
}
