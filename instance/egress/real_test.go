package egress

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRealConnections goes by the system's resolver, TCP, TLS and HTTP/2, which the tests in memory do without.
func TestRealConnections(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	allow, err := ParseAllow("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	e := New(Policy{Allow: allow})
	defer e.Close()
	trusted := server.Client().Transport.(*http.Transport).TLSClientConfig
	e.client.Transport.(legible).TLSClientConfig = trusted.Clone()
	e.client.Transport.(legible).TLSClientConfig.ServerName = "example.com" // localhost is not in the certificate
	for _, host := range []string{"127.0.0.1", "localhost"} {
		address := strings.Replace(server.URL, "127.0.0.1", host, 1)
		d, err := e.Fetch(t.Context(), address, 100)
		if err != nil {
			t.Fatal(err)
		}
		proto := make([]byte, 100)
		n, _ := d.Read(proto)
		d.Close()
		if string(proto[:n]) != "HTTP/2.0" {
			t.Errorf("%s: %q", address, proto[:n])
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(Policy{}).Do(request); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s without leave: %v", address, err)
		}
	}
}

func TestAuthorizationStaysOnTLS(t *testing.T) {
	for _, test := range []struct {
		from, to string
		kept     bool
	}{
		{"https", "https", true},
		{"https", "http", false},
		{"http", "https", true},
		{"http", "http", true},
	} {
		first := httptest.NewRequestWithContext(t.Context(), http.MethodPost, test.from+"://a.example/", nil)
		next := httptest.NewRequestWithContext(t.Context(), http.MethodPost, test.to+"://a.example/", nil)
		next.Header.Set("Authorization", "Bearer x")
		err := checkRedirect(next, []*http.Request{first})
		if kept := next.Header.Get("Authorization") != ""; err != nil || kept != test.kept {
			t.Errorf("%s to %s: kept %t, %v", test.from, test.to, kept, err)
		}
	}
}
