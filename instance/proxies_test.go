package instance

import (
	"context"
	"errors"
	"net/netip"
	"testing"
)

func TestIsPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false,
		"fc00::1": false, "fe80::1": false, "fe80::1%eth0": false, "ff02::1": false, "::": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// A name is judged by what it is resolved to, when it is dialled.
func TestUsersProxyIsNotDialledAtPrivateAddresses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, address := range []string{"localhost:1", "127.0.0.1:1"} {
		if _, err := (Network{}).dialer(true)(ctx, "tcp", address); !errors.Is(err, errNotPublic) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := (Network{}).dialer(false)(ctx, "tcp", "127.0.0.1:1"); errors.Is(err, errNotPublic) {
		t.Error("the operator's own proxy is held off as well")
	}
}

func FuzzParseProxy(f *testing.F) {
	for _, seed := range []string{"", "socks5://ann:secret@proxy.example.com:1080", "http://[::1]:3128", "://", "http://%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		proxy, err := parseProxy(address)
		if err == nil && proxy != nil && proxy.Hostname() == "" {
			t.Errorf("%q has no host", address)
		}
		var known *Error
		if err != nil && !errors.As(err, &known) {
			t.Errorf("%q: %v is not an error of ours", address, err)
		}
	})
}
