package sandbox

import (
	"io"
	"net"
	"net/http"
)

// tunnel joins a proxy client's connection to the network, until either side or the world ends it.
func (w *World) tunnel(out http.ResponseWriter) {
	network, err := w.pipes.dial(w.ctx, "", "")
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadGateway)
		return
	}
	defer network.Close()
	client, buffered, err := http.NewResponseController(out).Hijack()
	if err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	outward := make(chan struct{})
	go func() {
		defer close(outward)
		copyUntilEnd(network, buffered, client)
	}()
	copyUntilEnd(client, network, network)
	<-outward
}

// copyUntilEnd copies from a reader and then closes both connections, which ends the copy in the other direction.
func copyUntilEnd(to net.Conn, from io.Reader, fromConn net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = fromConn.Close()
}
