package instance

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
)

const (
	maxProxy = 2048 // characters
	masked   = "xxxxx"
)

// way is how an instance reaches WhatsApp. It can be changed while clients use it: what is open stays, new connections go the new way.
type way struct {
	transport atomic.Pointer[http.Transport]
	socket    atomic.Pointer[io.ReadCloser] // the websocket that was opened last
}

// RoundTrip sends a request.
func (w *way) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.transport.Load().RoundTrip(r)
	if err == nil && response.StatusCode == http.StatusSwitchingProtocols {
		socket := response.Body
		w.socket.Store(&socket)
	}
	return response, err
}

// cut ends the websocket as a failing network does.
func (w *way) cut() {
	if socket := w.socket.Swap(nil); socket != nil {
		_ = (*socket).Close()
	}
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
// empty address takes it away. KindInvalid for what is no such URL and for addresses that users' URLs may not have.
func (i *Instance) SetProxy(ctx context.Context, address string) error {
	proxy, err := i.parseProxy(address)
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
	network := i.network
	if proxy != nil {
		network.Proxy, network.DialContext = proxy, i.egress.DialContext // the user has named the address
	}
	if before := i.way.transport.Swap(network.transport(&i.lastRead)); before != nil {
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
func (s *shared) parseProxy(address string) (*url.URL, error) {
	u, err := storedProxy(address)
	switch {
	case err == nil && u == nil:
		return nil, nil
	case err != nil, len(address) > maxProxy, !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme), u.Hostname() == "",
		u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return nil, fail(KindInvalid, "'proxy' must be a URL such as socks5://user:password@host:1080; http, https and socks5 are known")
	case s.egress.CheckHost(u.Hostname()) != nil:
		return nil, fail(KindInvalid, "'proxy' must not be a private address; egress.allow in the configuration of the server lists exceptions")
	}
	return u, nil
}
