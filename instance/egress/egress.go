// Package egress is the only way by which greengate calls addresses that users gave: webhooks, files by URL, link previews.
//
// Whoever can name a URL could otherwise make the server call its own admin ports, its neighbours or the metadata of its cloud. A
// look at the URL does not help: any name may resolve to any address, differently each time, and any server may redirect. So the
// judge sits in the dialer. It resolves the name once, drops all addresses that are not public or allowed, and connects to what is
// left; every connection passes it, also those of redirects. A name that has public and private addresses is called at the public
// ones; one that has none of them is refused.
package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"
)

const (
	lookUpWithin    = 5 * time.Second
	connectWithin   = 5 * time.Second // to one address
	maxAddresses    = 4               // tried of one name
	handshakeWithin = 10 * time.Second
	idleFor         = 30 * time.Second
	pingWithin      = 15 * time.Second // of HTTP/2, so that a dead connection does not take every call with it
	connsPerHost    = 64               // many instances may push to one host
	idlePerHost     = 8
	idleInAll       = 256
	maxHeader       = 64 << 10
	maxRedirects    = 5
)

// Policy says what may be called, and how. The zero value calls public addresses over TCP.
type Policy struct {
	// Allow holds nets that may be called although they are not public.
	Allow []netip.Prefix
	// Resolve looks a name up; nil asks the system.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Dial connects to an address that has been judged; nil dials TCP.
	Dial func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
}

// Egress calls what its policy allows. Its connections are shared by all users, bounded per host, and carry no cookies.
type Egress struct {
	policy Policy
	client *http.Client
}

// New returns the way out. Close lets go of its idle connections.
func New(p Policy) *Egress {
	if p.Resolve == nil {
		p.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if p.Dial == nil {
		p.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", to.String())
		}
	}
	e := &Egress{policy: p}
	// A proxy would dial in our place, so those of the environment are left alone. Without compression the length of a file is known.
	e.client = &http.Client{CheckRedirect: checkRedirect, Transport: legible{&http.Transport{
		DialContext:            e.DialContext,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: idleFor, PingTimeout: pingWithin},
		IdleConnTimeout:        idleFor,
		MaxConnsPerHost:        connsPerHost,
		MaxIdleConns:           idleInAll,
		MaxIdleConnsPerHost:    idlePerHost,
		MaxResponseHeaderBytes: maxHeader,
		TLSHandshakeTimeout:    handshakeWithin,
	}}}
	return e
}

// Close ends the connections that are not in use.
func (e *Egress) Close() { e.client.CloseIdleConnections() }

// Do sends a request whose deadline is its context's, and follows up to five redirects with the method and body it was sent with:
// any redirect of a GET, but only 307 and 308 of a POST. What else a POST is answered comes back as it is. The error of a refused
// address wraps ErrForbidden. Errors name the host and nothing else of the URL, since any other part may hold a secret.
func (e *Egress) Do(r *http.Request) (*http.Response, error) {
	response, err := e.client.Do(r)
	if err != nil {
		return nil, withoutURL(r, err)
	}
	return response, nil
}

// withoutURL takes the URL away that http.Client puts around every error.
func withoutURL(r *http.Request, err error) error {
	host := r.URL.Hostname()
	var failed *url.Error
	if errors.As(err, &failed) {
		if at, parseErr := url.Parse(failed.URL); parseErr == nil && at.Host != "" { // where the redirects led
			host = at.Hostname()
		}
		err = failed.Err
	}
	return fmt.Errorf("%s: %w", host, err)
}

func checkRedirect(next *http.Request, before []*http.Request) error {
	first := before[0]
	if next.Method != first.Method {
		return http.ErrUseLastResponse
	}
	if len(before) > maxRedirects {
		return errors.New("too many redirects")
	}
	next.Header.Del("Referer") // would tell all of the address before
	if first.URL.Scheme == "https" && next.URL.Scheme != "https" {
		next.Header.Del("Authorization")
	}
	return nil
}

// legible drops redirects to what is no URL, for http.Client would quote it in its error; the response comes back as it is.
type legible struct{ *http.Transport }

// RoundTrip sends a request.
func (l legible) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.Transport.RoundTrip(r)
	if err == nil {
		if _, notURL := r.URL.Parse(response.Header.Get("Location")); notURL != nil {
			response.Header.Del("Location")
		}
	}
	return response, err
}

// DialContext connects over TCP to the first address of a host that may be called and answers, for clients of another kind. The error of a
// refused address is ErrForbidden.
func (e *Egress) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, errors.New("no such port")
	}
	addresses, err := e.lookUp(ctx, host)
	if err != nil {
		return nil, err
	}
	err = ErrForbidden
	for _, a := range addresses {
		var conn net.Conn
		if conn, err = e.connect(ctx, netip.AddrPortFrom(a, uint16(port))); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// lookUp returns the addresses of a host that may be called, at most maxAddresses.
func (e *Egress) lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if !e.policy.allows(a) {
			return nil, nil
		}
		return []netip.Addr{a}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpWithin)
	defer cancel()
	found, err := e.policy.Resolve(ctx, host)
	var allowed []netip.Addr
	for _, a := range found {
		a = a.Unmap() // the standard library's resolver gives IPv4 in IPv6 form
		if e.policy.allows(a) && len(allowed) < maxAddresses {
			allowed = append(allowed, a)
		}
	}
	return allowed, err
}

func (e *Egress) connect(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	return e.policy.Dial(ctx, to)
}
