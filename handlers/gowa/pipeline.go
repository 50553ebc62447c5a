package gowa

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"greengate/handlers/document"
	"greengate/instance"
)

// requestWithin is GOWA's budget of time for a whole request.
const requestWithin = 45 * time.Second

// route is one row of the table.
type route struct {
	document.Row
	message string // of a success
	handle  func(s *server, c *call) (any, error)
}

// call is one authenticated request. The device is nil on routes about the tenant's devices as such.
type call struct {
	*http.Request
	tenant string
	device *instance.Instance
}

// onTenant completes a row that concerns no single device.
func onTenant[Req, Results any](row document.Row, message string, handle func(*call, Req) (Results, error)) route {
	row.Request, row.Response = reflect.TypeFor[Req](), reflect.TypeFor[Answer[Results]]()
	return route{row, message, func(s *server, c *call) (any, error) {
		var request Req
		if err := s.decode(c.Request, &request); err != nil {
			return nil, err
		}
		results, err := handle(c, request)
		return Answer[Results]{codeSuccess, message, results}, err
	}}
}

// onDevice completes a row that concerns one device.
func onDevice[Req, Results any](row document.Row, message string, handle func(*call, Req) (Results, error)) route {
	r := onTenant(row, message, handle)
	if !strings.Contains(row.Path, "{device_id}") {
		r.Also = reflect.TypeFor[DeviceChoice]()
	}
	next := r.handle
	r.handle = func(s *server, c *call) (answer any, err error) {
		if c.device, err = s.device(c.Request, c.tenant); err != nil {
			return nil, err
		}
		return next(s, c)
	}
	return r
}

// serve runs a route in GOWA's order: credentials, device, input, call, all within one budget of time.
func (s *server) serve(row route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestWithin)
		defer cancel()
		r = r.WithContext(ctx)
		// A body that trickles in does not see the context; what comes later than its end is not waited for.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(requestWithin + time.Second))
		tenant, ok := s.tenant(r)
		if !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="Restricted"`)
			s.writeError(w, r, reply{status: http.StatusUnauthorized, code: codeAuth, text: "wrong or missing user and password"})
			return
		}
		answer, err := row.handle(s, &call{Request: r, tenant: tenant})
		if err != nil {
			s.writeError(w, r, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}
