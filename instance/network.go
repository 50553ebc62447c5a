package instance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"go.mau.fi/whatsmeow"
)

// Network is the way to WhatsApp, or to something that speaks like it. The zero value is the real WhatsApp, dialled directly;
// nothing else in this package knows which one it talks to.
type Network struct {
	// RootKey is the key that signs the Noise certificates; nil stands for WhatsApp's own. It is a variable of whatsmeow, so all
	// networks of one process must share it.
	RootKey *[32]byte
	// DialContext opens connections; nil dials TCP.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// RootCAs are the TLS authorities; nil takes the system's.
	RootCAs *x509.CertPool
	// Proxy is an HTTP or SOCKS5 proxy for everything; nil for none.
	Proxy *url.URL
}

const (
	dialTimeout = 10 * time.Second
	tcpPing     = 30 * time.Second
)

var rootKeyMutex sync.Mutex

// trust tells whatsmeow the network's root key. It writes only what differs, since clients read the variable without a lock.
func (n Network) trust() {
	rootKeyMutex.Lock()
	defer rootKeyMutex.Unlock()
	if n.RootKey != nil && whatsmeow.WACertPubKey != *n.RootKey {
		whatsmeow.WACertPubKey = *n.RootKey
	}
}

// transport makes connections that note in lastRead (Unix nanoseconds) when they last received anything.
func (n Network) transport(lastRead *atomic.Int64) *http.Transport {
	dial := n.DialContext
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: tcpPing}).DialContext
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &watchedConn{Conn: conn, lastRead: lastRead}, nil
		},
		TLSClientConfig:       &tls.Config{RootCAs: n.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   dialTimeout,
		ResponseHeaderTimeout: dialTimeout,
		IdleConnTimeout:       tcpPing,
	}
	if n.Proxy != nil {
		transport.Proxy = http.ProxyURL(n.Proxy)
	}
	return transport
}

// watchedConn notes when bytes arrive.
type watchedConn struct {
	net.Conn
	lastRead *atomic.Int64
}

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.lastRead.Store(time.Now().UnixNano())
	}
	return n, err
}
