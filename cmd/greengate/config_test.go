package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// load reads a configuration from the three sources as a command would.
func load(t *testing.T, flags, environ []string, file string) (config, error) {
	t.Helper()
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	var c config
	c.file = filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(c.file, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := c.keys()
	if err := keys.Parse(flags); err != nil {
		return c, err
	}
	return c, c.load(keys)
}

func TestConfigPrecedence(t *testing.T) {
	file := "listen: 127.0.0.1:1\nlog:\n  level: warn\n  format: json\nlimits:\n  picture_interval: 1m\n"
	environ := []string{"GREENGATE_LISTEN=127.0.0.1:2", "GREENGATE_LOG_LEVEL=debug", "GREENGATE_PROXY="}
	c, err := load(t, []string{"--listen=127.0.0.1:3"}, environ, file)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.listen, c.logLevel, c.logFormat, c.pictureInterval.String(), c.proxy, c.network}
	want := []string{"127.0.0.1:3", "debug", "json", "1m0s", "", "whatsapp"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listen, level, format, interval, proxy, network (-want +got):\n%s", diff)
	}
}

func TestConfigRefuses(t *testing.T) {
	for _, tt := range []struct{ name, environ, file, want string }{
		{"unknown key", "", "lisen: x", "unknown key lisen"},
		{"unknown nested key", "", "limits:\n  body: 1", "unknown key limits.body"},
		{"value where a section belongs", "", "store: x", "unknown key store"},
		{"section where a value belongs", "", "listen:\n  port: 1", "listen: must be a single value"},
		{"list where a value belongs", "", "listen: [a, b]", "listen: must be a single value"},
		{"unknown variable", "GREENGATE_LISEN=x", "", "unknown environment variable GREENGATE_LISEN"},
		{"malformed variable", "GREENGATE_LIMITS_BODY_BYTES=lots", "", "limits.body_bytes: \"lots\" is not a whole number"},
		{"no port", "", "listen: localhost", "listen: \"localhost\" is not host:port"},
		{"port out of range", "", "listen: localhost:70000", "listen: \"localhost:70000\" has no port"},
		{"unknown word", "", "network: telegram", "network: \"telegram\" is not one of whatsapp, sandbox"},
		{"unknown level", "", "log:\n  level: loud", "log.level: \"loud\" is not one of"},
		{"zero", "", "limits:\n  body_bytes: 0", "limits.body_bytes: \"0\" is not"},
		{"fraction", "", "limits:\n  picture_pixels: 1.5", "limits.picture_pixels: \"1.5\" is not"},
		{"bare number as duration", "", "limits:\n  picture_interval: 10", "limits.picture_interval: \"10\" is not a duration"},
		{"scheme", "", "public_url: ftp://x", "public_url: must be a URL that starts with http:// or https://"},
		{"no host", "", "proxy: 'socks5://'", "proxy: must be a URL"},
		{"switch", "", "limits.method_rates: perhaps", "limits.method_rates: "},
		{"prefix without slash", "", "wuts.prefix: wuts", "wuts.prefix: \"wuts\" is not a slash and a name"},
		{"prefix in use", "", "wuts.prefix: /metrics", "wuts.prefix: \"/metrics\" is taken"},
		{"key set over plain http", "", "wahost.jwks_url: http://login.example.com", "wahost.jwks_url: must be a URL that starts with https://"},
		{"unknown capability", "", "wahost.api_keys: a/read/x, a/write/y", "wahost.api_keys: entry 2: capabilities must be"},
		{"not YAML", "", "listen: [", "config.yaml"},
		{"key twice", "", "listen: a:1\nlisten: a:2", "already defined"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var environ []string
			if tt.environ != "" {
				environ = []string{tt.environ}
			}
			_, err := load(t, nil, environ, tt.file)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	_, err := load(t, nil, []string{"GREENGATE_NETWORK=x"}, "lisen: x\nlimits:\n  body_bytes: x")
	for _, want := range []string{"lisen", "limits.body_bytes", "network"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
}

func TestConfigKeepsSecrets(t *testing.T) {
	const password = "gac.hunter2/"
	for _, file := range []string{
		"partner_token: " + password, "proxy: ftp://user:" + password, "wuts.users: a/user/" + password, "gowa.users: " + password,
		"wahost.api_keys: acme/root/" + password,
	} {
		if _, err := load(t, nil, nil, file); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want an error without the secret", err)
		}
	}
	c, err := load(t, nil, []string{"GREENGATE_PARTNER_TOKEN=gac.hunter2"}, "")
	if err != nil || c.partnerToken != "gac.hunter2" {
		t.Fatalf("got %q, %v", c.partnerToken, err)
	}
	if shown := c.keys().Lookup("partner_token").Value.String(); shown != "" {
		t.Errorf("the flag shows %q", shown)
	}
}

func TestSampleIsCompleteAndHoldsTheDefaults(t *testing.T) {
	var sample bytes.Buffer
	if err := writeSample(&sample); err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample.String(), string(shipped)); diff != "" {
		t.Errorf("config.yaml is out of date, run make generate (-generated +shipped):\n%s", diff)
	}
	got, err := load(t, nil, nil, string(shipped))
	if err != nil {
		t.Fatal(err)
	}
	var want config
	want.keys()
	got.file = ""
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(config{}, wutsConfig{}, gowaConfig{}, wahostConfig{}, place{})); diff != "" {
		t.Errorf("the sample changes a default (-want +got):\n%s", diff)
	}
}
