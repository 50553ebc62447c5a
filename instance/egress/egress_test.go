package egress_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance/egress"
	"greengate/instance/egress/egresstest"
)

// echo answers the method, the path and the body.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s%s %s", r.Method, r.Host, r.URL.Path, body)
})

type answer struct {
	status int
	header http.Header
	body   string
}

func do(t *testing.T, e *egress.Egress, r *http.Request) (*answer, error) {
	t.Helper()
	response, err := e.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return &answer{response.StatusCode, response.Header, string(body)}, err
}

func get(t *testing.T, e *egress.Egress, address string) (*answer, error) {
	t.Helper()
	return do(t, e, request(t, "GET", address, ""))
}

func request(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAddressesOfANameAreTriedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Listen("8.8.0.2") // never accepts
		internet.Serve("8.8.0.3", echo)
		internet.Serve("8.8.0.4", echo)
		internet.Serve("10.0.0.1", echo)
		internet.Name("many.example", "10.0.0.1", "8.8.0.1", "8.8.0.2", "8.8.0.3", "8.8.0.4")
		start := time.Now()
		got, err := get(t, internet.Egress(), "http://many.example:81/x")
		if err != nil || got.body != "GET many.example:81/x " || time.Since(start) != 5*time.Second {
			t.Errorf("%v, %v after %s", got, err, time.Since(start))
		}
		var want []netip.AddrPort
		for _, address := range []string{"8.8.0.1:81", "8.8.0.2:81", "8.8.0.3:81"} {
			want = append(want, netip.MustParseAddrPort(address))
		}
		if !slices.Equal(internet.Dials(), want) {
			t.Errorf("dialled %v", internet.Dials())
		}
	})
}

func TestNameOfManyDeadAddressesIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		var all []string
		for n := range 100 {
			address := "8.8.0." + strconv.Itoa(n)
			internet.Listen(address)
			all = append(all, address)
		}
		internet.Name("dead.example", all...)
		start := time.Now()
		got, err := get(t, internet.Egress(), "http://dead.example/")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 20*time.Second {
			t.Errorf("%v, %v after %s", got, err, time.Since(start))
		}
	})
}

// A name that is public when it is looked at and private when it is dialled gets nowhere: each connection takes one look.
func TestRebinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Serve("8.8.8.8", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }))
		internet.Serve("127.0.0.1", echo)
		policy := internet.Policy()
		looks := 0
		policy.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			if looks++; looks%2 == 0 {
				return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("8.8.8.8")}, nil
		}
		e := egress.New(policy)
		defer e.Close()
		for n := range 4 {
			_, err := get(t, e, "http://rebind.example/")
			if refused := n%2 == 1; looks != n+1 || errors.Is(err, egress.ErrForbidden) != refused || (err == nil) == refused {
				t.Errorf("call %d, %d looks: %v", n, looks, err)
			}
		}
		if want := netip.MustParseAddrPort("8.8.8.8:80"); !slices.Equal(internet.Dials(), []netip.AddrPort{want, want}) {
			t.Errorf("dialled %v", internet.Dials())
		}
	})
}

func TestRedirectsPassTheSameGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Name("public.example", "8.8.8.8")
		internet.Name("private.example", "192.168.0.1")
		internet.Serve("192.168.0.1", echo)
		internet.Serve("8.8.8.8", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.URL.Query().Get("to"))
			w.WriteHeader(http.StatusTemporaryRedirect)
		}))
		e := internet.Egress()
		for _, to := range []string{"http://192.168.0.1/secret", "http://private.example/secret", "http://private.example:22/secret"} {
			for _, method := range []string{"GET", "POST"} {
				got, err := do(t, e, request(t, method, "http://public.example/?to="+to, "x"))
				if got != nil || !errors.Is(err, egress.ErrForbidden) || strings.Contains(err.Error(), "secret") {
					t.Errorf("%s to %s: %v, %v", method, to, got, err)
				}
			}
		}
		for _, to := range []string{"file:///etc/secret", "ftp://public.example/secret", "gopher://127.0.0.1/secret"} {
			if got, err := get(t, e, "http://public.example/?to="+to); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v, %v", to, got, err)
			}
		}
	})
}

// redirector answers /<status>/<count>/ with a redirect to the next lower count until there is none left.
var redirector = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	part := strings.Split(r.URL.Path, "/")
	status, _ := strconv.Atoi(part[1])
	left, _ := strconv.Atoi(part[2])
	if left == 0 {
		echo(w, r)
		return
	}
	http.Redirect(w, r, "/"+part[1]+"/"+strconv.Itoa(left-1)+"/", status)
})

func TestRedirectsByMethod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Serve("8.8.8.8", redirector)
		e := internet.Egress()
		for _, test := range []struct {
			method string
			status int
			want   int
			body   string
		}{
			{"GET", 301, 200, "GET 8.8.8.8/301/0/ "},
			{"GET", 302, 200, "GET 8.8.8.8/302/0/ "},
			{"GET", 303, 200, "GET 8.8.8.8/303/0/ "},
			{"GET", 307, 200, "GET 8.8.8.8/307/0/ "},
			{"GET", 308, 200, "GET 8.8.8.8/308/0/ "},
			{"POST", 301, 301, ""},
			{"POST", 302, 302, ""},
			{"POST", 303, 303, ""},
			{"POST", 307, 200, "POST 8.8.8.8/307/0/ body"},
			{"POST", 308, 200, "POST 8.8.8.8/308/0/ body"},
		} {
			body := map[string]string{"POST": "body"}[test.method]
			for _, hops := range []string{"1", "5"} {
				address := "http://8.8.8.8/" + strconv.Itoa(test.status) + "/" + hops + "/"
				got, err := do(t, e, request(t, test.method, address, body))
				if err != nil || got.status != test.want || got.body != test.body {
					t.Errorf("%s %s: %v, %v", test.method, address, got, err)
				}
			}
		}
		for _, method := range []string{"GET", "POST"} {
			if got, err := do(t, e, request(t, method, "http://8.8.8.8/308/6/", "")); err == nil || !strings.Contains(err.Error(), "too many") {
				t.Errorf("six redirects of a %s: %v, %v", method, got, err)
			}
		}
	})
}

func TestRedirectsTellNothingOfTheAddressBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Name("first.example", "8.8.8.8")
		internet.Name("second.example", "8.8.4.4")
		internet.Serve("8.8.8.8", http.RedirectHandler("http://second.example/", http.StatusPermanentRedirect))
		var seen http.Header
		internet.Serve("8.8.4.4", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }))
		r := request(t, "POST", "http://first.example/hook?key=secret", "body")
		r.Header.Set("Authorization", "Bearer secret")
		if _, err := do(t, internet.Egress(), r); err != nil {
			t.Fatal(err)
		}
		if seen.Get("Referer") != "" || seen.Get("Authorization") != "" || seen.Get("Content-Length") != "4" {
			t.Errorf("%v", seen)
		}
	})
}

func TestErrorsNameTheHostOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Name("private.example", "10.0.0.1")
		internet.Name("refusing.example", "8.8.0.1")
		internet.Name("odd.example", "8.8.0.2")
		internet.Name("silent.example", "8.8.0.3")
		internet.Name("secure.example", "8.8.0.4")
		internet.Serve("8.8.0.2", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }))
		internet.Serve("8.8.0.3", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			echo(httptest.NewRecorder(), r)
			<-r.Context().Done()
		}))
		stranger := httptest.NewUnstartedServer(echo)
		stranger.Listener.Close()
		stranger.Listener = internet.Listen("8.8.0.4")
		stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
		stranger.StartTLS()
		defer stranger.Close()
		e := internet.Egress()
		for host, want := range map[string]string{
			"http://private.example:81/": "not public", "http://refusing.example/": "refused", "http://odd.example/": "EOF",
			"http://silent.example/": "deadline", "http://unknown.example/": "no such host", "https://secure.example/": "certificate",
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			r := request(t, "POST", strings.Replace(host, "://", "://secret:secret@", 1)+"secret?secret=secret", "secret").WithContext(ctx)
			got, err := do(t, e, r)
			cancel()
			if err == nil || strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), r.URL.Hostname()+": ") ||
				!strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, %v", host, got, err)
			}
		}
	})
}

func TestRedirectToNoURLComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Serve("8.8.8.8", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://%zz/secret")
			w.WriteHeader(http.StatusPermanentRedirect)
		}))
		if got, err := get(t, internet.Egress(), "http://8.8.8.8/"); err != nil || got.status != http.StatusPermanentRedirect {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestConnectionsAreSharedAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := egresstest.New(t)
		internet.Serve("8.8.8.8", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			if r.Header.Get("Cookie") != "" {
				t.Error("a cookie came back")
			}
			time.Sleep(time.Second)
		}))
		e := internet.Egress()
		start := time.Now()
		var calls sync.WaitGroup
		for range 100 {
			calls.Go(func() {
				if _, err := get(t, e, "http://8.8.8.8/"); err != nil {
					t.Error(err)
				}
			})
		}
		calls.Wait()
		if len(internet.Dials()) != 64 || time.Since(start) != 2*time.Second {
			t.Errorf("%d connections in %s", len(internet.Dials()), time.Since(start))
		}
	})
}
