package instance

import (
	"errors"
	"testing"

	"greengate/instance/egress"
)

func FuzzParseProxy(f *testing.F) {
	for _, seed := range []string{"", "socks5://ann:secret@proxy.example.com:1080", "http://[::1]:3128", "://", "http://%zz"} {
		f.Add(seed)
	}
	s := &shared{egress: egress.New(egress.Policy{})}
	f.Fuzz(func(t *testing.T, address string) {
		proxy, err := s.parseProxy(address)
		if err == nil && proxy != nil && proxy.Hostname() == "" {
			t.Errorf("%q has no host", address)
		}
		var known *Error
		if err != nil && !errors.As(err, &known) {
			t.Errorf("%q: %v is not an error of ours", address, err)
		}
	})
}
