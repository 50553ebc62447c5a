package handlers_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"greengate/instance"
)

func TestConnectionsGoThroughTheProxy(t *testing.T) {
	inBubble(t, func(s *stack) {
		var straight, proxied atomic.Int32
		control, toWhatsApp := s.world.Control(""), s.dial // the former is an HTTP proxy that leads into the network
		s.outside.Name("proxy.example.com", "203.0.114.20")
		s.outside.Serve("203.0.114.20", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Proxy-Authorization") != "Basic YW5uOnNlY3JldA==" {
				w.WriteHeader(http.StatusProxyAuthRequired)
				return
			}
			proxied.Add(1)
			control.ServeHTTP(w, r)
		}))
		s.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
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
		if strings.Contains(s.logs.String(), "secret") {
			t.Error("the log carries the proxy's password")
		}
	})
}

func TestProxyIsNotSoughtInPrivateNets(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.outside.Name("inside.example", "10.0.0.7")
		s.ok("setProxy", `{"proxy":"socks5://inside.example:1080"}`)
		s.instance().Reboot()
		<-time.After(time.Minute)
		if state := s.instance().Status().State; state != instance.StateStarting {
			t.Errorf("the state is %s", state)
		}
		for _, to := range s.outside.Dials() {
			if to.Addr().IsPrivate() {
				t.Errorf("%s was dialled", to)
			}
		}
		s.ok("setProxy", `{"proxy":""}`)
		s.await(instance.StateAuthorized)
	})
}
