package wahost

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

const (
	refreshEvery    = 15 * time.Minute // so long a withdrawn key is still taken
	unknownKeyEvery = 10 * time.Second // so often tokens with unknown keys may cause a fetch
	fetchWithin     = 5 * time.Second
	maxKeySet       = 256 << 10 // bytes
)

var errNoKeys = reply{http.StatusServiceUnavailable, "unavailable", "login tokens cannot be checked now"}

// keySet is the key set at a URL. It is fetched when somebody needs it and it is old, never in the background, and after a failure
// the keys at hand stay in use.
type keySet struct {
	url    string
	client *http.Client
	log    *slog.Logger

	fetching sync.Mutex // apart from latest, so that a slow fetch does not hold up tokens whose keys are known
	latest   atomic.Pointer[fetched]
}

// fetched is the outcome of the last fetch; keys are older when it failed, and nil when none has succeeded.
type fetched struct {
	keys keyfunc.Keyfunc
	at   time.Time
}

func newKeySet(j JWT, log *slog.Logger) *keySet {
	transport := j.Transport
	if transport == nil {
		transport = guardedTransport(namesLoopback(j.JWKSURL))
	}
	k := &keySet{url: j.JWKSURL, log: log, client: &http.Client{
		Transport:     bounded{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("key sets are not redirected") },
	}}
	k.latest.Store(&fetched{})
	return k
}

// keyfunc finds the key of a token, and fetches the set anew for a key it has not heard of.
func (k *keySet) keyfunc(ctx context.Context) jwt.Keyfunc {
	return func(token *jwt.Token) (any, error) {
		keys, err := k.notOlderThan(ctx, refreshEvery)
		if err != nil {
			return nil, err
		}
		key, err := keys.KeyfuncCtx(ctx)(token)
		if !errors.Is(err, jwkset.ErrKeyNotFound) {
			return key, err
		}
		if keys, err = k.notOlderThan(ctx, unknownKeyEvery); err != nil {
			return nil, err
		}
		return keys.KeyfuncCtx(ctx)(token)
	}
}

// notOlderThan fetches the set unless that was tried within age. The caller's leaving does not end the fetch, for others wait too.
func (k *keySet) notOlderThan(ctx context.Context, age time.Duration) (keyfunc.Keyfunc, error) {
	if latest := k.latest.Load(); latest.within(age) {
		return latest.orNone()
	}
	k.fetching.Lock()
	defer k.fetching.Unlock()
	latest := k.latest.Load() // another caller may have fetched meanwhile
	if latest.within(age) {
		return latest.orNone()
	}
	keys, err := k.fetch(context.WithoutCancel(ctx))
	if err != nil {
		k.log.WarnContext(ctx, "key set not fetched", "error", err)
		keys = latest.keys
	}
	latest = &fetched{keys, time.Now()}
	k.latest.Store(latest)
	return latest.orNone()
}

func (f *fetched) within(age time.Duration) bool {
	if f.keys == nil {
		age = unknownKeyEvery
	}
	return time.Since(f.at) < age
}

func (f *fetched) orNone() (keyfunc.Keyfunc, error) {
	if f.keys == nil {
		return nil, errNoKeys
	}
	return f.keys, nil
}

func (k *keySet) fetch(ctx context.Context) (keyfunc.Keyfunc, error) {
	storage, err := jwkset.NewStorageFromHTTP(k.url, jwkset.HTTPClientStorageOptions{
		Client: k.client, Ctx: ctx, HTTPTimeout: fetchWithin,
	})
	if err != nil {
		return nil, err
	}
	return keyfunc.New(keyfunc.Options{Storage: storage})
}

// bounded cuts answers off that no key set needs.
type bounded struct{ http.RoundTripper }

// RoundTrip sends a request.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, maxKeySet), response.Body}
	}
	return response, err
}

// CheckJWKSURL refuses a URL that key sets are not fetched from: http is for this machine only.
func CheckJWKSURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !namesLoopback(text)) {
		return errors.New("must be a URL that starts with https://, or http:// on a loopback address")
	}
	return nil
}

// namesLoopback tells whether a URL names this machine; only then may the key set come from it.
func namesLoopback(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// guardedTransport dials public addresses only, and loopback ones when told so, whatever a name resolves to.
func guardedTransport(loopback bool) *http.Transport {
	dialer := &net.Dialer{Timeout: fetchWithin, Control: func(_, address string, _ syscall.RawConn) error {
		return checkAddress(address, loopback)
	}}
	return &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: fetchWithin, IdleConnTimeout: fetchWithin}
}

func checkAddress(address string, loopback bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	if ip.IsLoopback() && loopback || ip.IsGlobalUnicast() && !ip.IsPrivate() {
		return nil
	}
	return errors.New("key sets are fetched from public addresses only")
}
