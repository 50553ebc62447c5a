package instance

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync/atomic"
	"syscall"
)

const (
	maxProxy = 2048 // characters
	masked   = "xxxxx"
)

// way is how an instance reaches WhatsApp. It can be changed while clients use it: what is open stays, new connections go the new way.
type way struct {
	transport atomic.Pointer[http.Transport]
}

// RoundTrip sends a request.
func (w *way) RoundTrip(r *http.Request) (*http.Response, error) {
	return w.transport.Load().RoundTrip(r)
}

// CloseIdleConnections ends the connections that are not in use.
func (w *way) CloseIdleConnections() { w.transport.Load().CloseIdleConnections() }

func (i *Instance) httpClient() *http.Client { return &http.Client{Transport: &i.way} }

// Proxy returns the instance's own proxy as a URL with its credentials masked; empty for none.
func (i *Instance) Proxy() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.proxy == nil {
		return ""
	}
	shown := *i.proxy
	if shown.User != nil {
		shown.User = url.UserPassword(masked, masked)
	}
	return shown.String()
}

// SetProxy stores a proxy (http, https or socks5 URL) that the next connection of the instance goes through, instead of the server's; an
// empty address takes it away. KindInvalid for what is no such URL and for addresses that are not public.
func (i *Instance) SetProxy(ctx context.Context, address string) error {
	proxy, err := parseProxy(address)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := i.store.SetProxy(ctx, int64(i.ID), address); err != nil {
		return err
	}
	i.takeWay(proxy)
	return nil
}

// takeWay makes a proxy, nil for none, the way of new connections. The caller holds i.mu.
func (i *Instance) takeWay(proxy *url.URL) {
	i.proxy = proxy
	if before := i.way.transport.Swap(i.network.transport(&i.lastRead, proxy)); before != nil {
		before.CloseIdleConnections()
	}
}

// storedProxy reads a proxy that was accepted once; nil for none.
func storedProxy(address string) (*url.URL, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		err = errors.New("not a URL") // the other error quotes it
	}
	return u, err
}

// parseProxy judges the URL of a proxy; nil for an empty one.
func parseProxy(address string) (*url.URL, error) {
	u, err := storedProxy(address)
	if err == nil && u == nil {
		return nil, nil
	}
	switch {
	case err != nil, len(address) > maxProxy, !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme), u.Hostname() == "",
		u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return nil, fail(KindInvalid, "'proxy' must be a URL such as socks5://user:password@host:1080; http, https and socks5 are known")
	}
	if a, err := netip.ParseAddr(u.Hostname()); u.Hostname() == "localhost" || err == nil && !isPublic(a) {
		return nil, fail(KindInvalid, "'proxy' must have a public address")
	}
	return u, nil
}

var errNotPublic = errors.New("the proxy's address is not public")

// onlyPublic keeps a dialer from addresses that a user could reach through the server only. It looks at what a name was resolved to.
func onlyPublic(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && !isPublic(to.Addr()) {
		err = errNotPublic
	}
	return err
}

// notPublic is what netip does not name: this host, nets shared by carriers, protocol assignments, benchmarks, Azure's host, wrapped IPv4.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("168.63.129.16/32"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/23"),
}

func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(notPublic, func(n netip.Prefix) bool { return n.Contains(a) })
}

// dialer opens connections to WhatsApp, or to a proxy that a user has named.
func (n Network) dialer(ofUser bool) func(ctx context.Context, network, addr string) (net.Conn, error) {
	if n.DialContext != nil {
		return n.DialContext
	}
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: tcpPing}
	if ofUser {
		d.ControlContext = onlyPublic
	}
	return d.DialContext
}
