// Package clients runs GREEN-API's own clients, unmodified, against the built binary. It is a module of its own, so that none of them
// becomes a dependency of the server. Every test has a demo of its own: a server with one linked account on a simulated WhatsApp.
package clients

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
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

// startDemo runs a demo that sets no pace for pictures, since the clients cannot wait, and stops it when the test ends.
func startDemo(t *testing.T) demo {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "demo", "--listen=127.0.0.1:0", "--sandbox.control_listen=127.0.0.1:0",
		"--limits.picture_interval=1ms")
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
		"PARTNER_TOKEN="+d["partnerToken"], "CONTACT="+d["contact"], "PHONES="+d["Phones"], "PHOTO="+photo)
}

// run runs a program on the demo and fails with all it has said unless it ends well.
func (d demo) run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = d.environ()
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, said)
	}
}

// typeCode types a pairing code on the phone whose account the demo has linked.
func (d demo) typeCode(t *testing.T, number, code string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d["Phones"]+"/"+number+"/code",
		bytes.NewReader([]byte(`{"code":"`+code+`"}`)))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		t.Fatalf("the phone refuses the code: %s", body)
	}
}

func TestJavaScriptSDK(t *testing.T) { startDemo(t).run(t, "node", "sdk.mjs") }

func TestCurl(t *testing.T) { startDemo(t).run(t, "sh", "curl.sh") }

func TestPostmanCollection(t *testing.T) {
	d := startDemo(t)
	args := []string{"run", "../postman/collection.json", "-e", "../postman/environment.json", "--color", "off", "--working-dir=.."}
	for _, name := range []string{"apiUrl", "idInstance", "apiTokenInstance", "partnerToken"} {
		args = append(args, "--env-var", name+"="+d[name])
	}
	d.run(t, "node_modules/.bin/newman", args...)
}
