package handlers_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"greengate/instance"
)

func TestConnectionsGoThroughTheProxy(t *testing.T) {
	inBubble(t, func(s *stack) {
		var straight, proxied atomic.Int32
		proxy, toWhatsApp := newPipeListener(), s.dial
		control := s.world.Control("") // an HTTP proxy that leads into the network
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Proxy-Authorization") != "Basic YW5uOnNlY3JldA==" {
				w.WriteHeader(http.StatusProxyAuthRequired)
				return
			}
			proxied.Add(1)
			control.ServeHTTP(w, r)
		})}
		go func() { _ = server.Serve(proxy) }()
		defer server.Close()
		s.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "proxy.example.com:3128" {
				return proxy.dial(ctx, network, address)
			}
			straight.Add(1)
			return toWhatsApp(ctx, network, address)
		}
		s.restart()
		reconnect := func(viaProxy bool) {
			t.Helper()
			straight.Store(0)
			proxied.Store(0)
			s.instance().Reboot()
			synctest.Wait()
			s.await(instance.StateAuthorized)
			synctest.Wait()
			if (proxied.Load() > 0) != viaProxy || (straight.Load() > 0) == viaProxy {
				t.Errorf("%d connections through the proxy, %d straight", proxied.Load(), straight.Load())
			}
		}
		s.link()
		s.ok("setProxy", `{"proxy":"http://ann:secret@proxy.example.com:3128"}`)
		if proxied.Load() != 0 {
			t.Error("the present connection was given up")
		}
		reconnect(true)
		s.restart()
		s.await(instance.StateAuthorized)
		reconnect(true)
		s.ok("setProxy", `{"proxy":""}`)
		reconnect(false)
	})
}
