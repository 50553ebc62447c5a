package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Network is what a client needs to reach a sandbox instead of WhatsApp: assign RootKey to whatsmeow.WACertPubKey once per
// process, before the first connection, and hand HTTPClient to all three of the client's Set...HTTPClient methods.
type Network struct {
	RootKey     [32]byte                                                          // signs the Noise certificates; the same for every sandbox
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error) // reaches the sandbox whatever the address
	CertPool    *x509.CertPool                                                    // the sandbox's own CA
}

// Network returns the way into this world over in-memory pipes.
func (w *World) Network() Network {
	return Network{RootKey: *noiseRoot().Pub, DialContext: w.pipes.dial, CertPool: w.certs.pool}
}

// HTTPClient makes a client with a transport of its own, without proxy; call CloseIdleConnections when done with it.
func (n Network) HTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:     n.DialContext,
		TLSClientConfig: &tls.Config{RootCAs: n.CertPool},
	}}
}

// startServer serves the in-memory listener. The handler of the mux's socket stays for a connection's whole life.
func (w *World) startServer() {
	w.mux.HandleFunc("GET /ws/chat", w.serveChat)
	w.server = &http.Server{
		Handler:           w.mux,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(w.log.Handler(), slog.LevelDebug),
		ConnState:         w.trackConn,
	}
	w.wg.Go(func() { _ = w.server.Serve(tls.NewListener(w.pipes, w.certs.tls)) })
}

// trackConn makes Close wait for the server's own goroutines; a hijacked connection is counted by its handler.
func (w *World) trackConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		w.wg.Add(1)
	case http.StateClosed, http.StateHijacked:
		w.wg.Done()
	}
}

func (w *World) stopServer() {
	_ = w.server.Close()
}

// Serve accepts clients of other processes on a listener, which should be on loopback, until ctx ends or the world is closed.
// Connections made before that stay.
func (w *World) Serve(ctx context.Context, listener net.Listener) error {
	defer listener.Close()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	err := w.server.Serve(tls.NewListener(listener, w.certs.tls))
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve the sandbox: %w", err)
}
