// Package egresstest is an internet in memory: names, addresses and HTTP servers that only its Policy leads to. It works in synctest
// bubbles.
package egresstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"greengate/instance/egress"
)

// Internet is a set of hosts. Each server answers at every port.
type Internet struct {
	t     testing.TB
	mu    sync.Mutex
	names map[string][]netip.Addr
	hosts map[netip.Addr]*listener
	dials []netip.AddrPort
}

// New returns an internet without hosts. It ends with the test.
func New(t testing.TB) *Internet {
	return &Internet{t: t, names: map[string][]netip.Addr{}, hosts: map[netip.Addr]*listener{}}
}

// Policy leads into this internet and allows what it is told.
func (i *Internet) Policy(allow ...netip.Prefix) egress.Policy {
	return egress.Policy{Allow: allow, Resolve: i.resolve, Dial: i.dial}
}

// Egress is a way into this internet. It ends with the test.
func (i *Internet) Egress(allow ...netip.Prefix) *egress.Egress {
	e := egress.New(i.Policy(allow...))
	i.t.Cleanup(e.Close)
	return e
}

// Name makes a name resolve to addresses from now on.
func (i *Internet) Name(host string, addresses ...string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.names[host] = nil
	for _, a := range addresses {
		i.names[host] = append(i.names[host], netip.MustParseAddr(a))
	}
}

// Serve starts a server at an address. The test ends when its handlers have.
func (i *Internet) Serve(address string, handler http.Handler) {
	server := &http.Server{Handler: handler}
	ended := make(chan struct{})
	listener := i.Listen(address)
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			i.t.Error(err)
		}
	}()
	i.t.Cleanup(func() {
		if err := server.Shutdown(context.Background()); err != nil {
			i.t.Error(err)
		}
		<-ended
	})
}

// Listen takes the connections to an address; who dials it waits until one is accepted.
func (i *Internet) Listen(address string) net.Listener {
	i.mu.Lock()
	defer i.mu.Unlock()
	l := &listener{conns: make(chan net.Conn), done: make(chan struct{})}
	i.hosts[netip.MustParseAddr(address)] = l
	return l
}

// Dials returns what was dialled so far.
func (i *Internet) Dials() []netip.AddrPort {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.dials)
}

func (i *Internet) resolve(_ context.Context, host string) ([]netip.Addr, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	addresses, ok := i.names[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return slices.Clone(addresses), nil
}

func (i *Internet) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	i.mu.Lock()
	i.dials = append(i.dials, to)
	l, ok := i.hosts[to.Addr()]
	i.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("dial %s: %w", to, errors.New("connection refused"))
	}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type listener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }
