// Package gowa lets clients of GOWA (go-whatsapp-web-multidevice) work against this server: its routes around accounts, devices and
// profile pictures, translated onto the instances of package instance. README.md says what is imitated and what is not.
//
// A user of the configuration belongs to a tenant, and a device is an instance whose owner is that tenant. Another tenant's device does
// not exist for the caller.
package gowa

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"greengate/instance"
)

// Config is what an operator decides about the dialect.
type Config struct {
	Users      []User
	BaseURL    string // how clients reach it, path prefix included, for links; empty for the address of the request
	MaxUpload  int64  // bytes of a picture
	RightCodes bool   // answer no picture, hidden, throttled and the like by 4xx codes of their own instead of GOWA's 500
}

const (
	requestWithin = 45 * time.Second
	maxJSONBody   = 100 << 10
)

type server struct {
	config  Config
	manager *instance.Manager
	log     *slog.Logger
	linkKey []byte // authenticates links to QR codes
}

// New returns the handler of the dialect, to be mounted with its path prefix taken off.
func New(c Config, m *instance.Manager, log *slog.Logger) http.Handler {
	s := &server{config: c, manager: m, log: log, linkKey: make([]byte, 32)}
	rand.Read(s.linkKey) // never fails: crypto/rand ends the process instead
	mux := http.NewServeMux()
	for _, route := range s.routes() {
		mux.Handle(route.Verb+" "+route.Path, s.serve(route))
	}
	mux.HandleFunc("GET "+qrImagePath+"{image}", s.qrImage)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.writeError(w, r, errNoSuchPage(r))
	})
	return mux
}

// Route is one row of the table. Message is that of a success.
type Route struct {
	Name, Verb, Path, Folder string
	Summary                  string
	Message                  string
	Upload                   string // the file part of a multipart body
	Query, Example, Answer   string // for the documents

	Request, Response reflect.Type
	handle            func(s *server, c *call) (any, error)
}

// call is one authenticated request. The device is nil on routes about the tenant's devices as such.
type call struct {
	*http.Request
	tenant string
	device *instance.Instance
}

// onTenant completes a row that concerns no single device.
func onTenant[Req, Results any](r Route, handle func(*call, Req) (Results, error)) Route {
	r.Request, r.Response = reflect.TypeFor[Req](), reflect.TypeFor[Answer[Results]]()
	r.handle = func(s *server, c *call) (any, error) {
		var request Req
		if err := s.decode(c.Request, &request); err != nil {
			return nil, err
		}
		results, err := handle(c, request)
		return Answer[Results]{codeSuccess, r.Message, results}, err
	}
	return r
}

// onDevice completes a row that concerns one device.
func onDevice[Req, Results any](r Route, handle func(*call, Req) (Results, error)) Route {
	r = onTenant(r, handle)
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
func (s *server) serve(route Route) http.Handler {
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
		answer, err := route.handle(s, &call{Request: r, tenant: tenant})
		if err != nil {
			s.writeError(w, r, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

const (
	folderUser    = "User"
	folderGroup   = "Group"
	folderApp     = "App"
	folderDevices = "Devices"
)

// Routes is the table for those who only read it.
func Routes() []Route { return new(server).routes() }

// routes is the whole table, in an order in which it can be tried out.
func (s *server) routes() []Route {
	return slices.Concat([]Route{
		onTenant(Route{
			Name: "listDevices", Verb: http.MethodGet, Path: "/devices", Folder: folderDevices,
			Summary: "List the tenant's devices", Message: "List devices",
		}, s.listDevices),
		onTenant(Route{
			Name: "addDevice", Verb: http.MethodPost, Path: "/devices", Folder: folderDevices,
			Summary: "Create a device, not yet linked to an account", Message: "Device added",
			Example: `{"device_id":"Shop"}`,
		}, s.addDevice),
		onDevice(Route{
			Name: "getDevice", Verb: http.MethodGet, Path: "/devices/{device_id}", Folder: folderDevices,
			Summary: "Read a device", Message: "Device info",
		}, getDevice),
		onDevice(Route{
			Name: "setAvatar", Verb: http.MethodPost, Path: "/user/avatar", Folder: folderUser,
			Summary: "Set the account's profile picture from a JPEG, PNG or WebP file, at most once in 10 seconds",
			Message: "Success change avatar", Upload: "avatar",
			Answer: `{"code":"SUCCESS","message":"Success change avatar","results":null}`,
		}, setAvatar),
		onDevice(Route{
			Name: "getAvatar", Verb: http.MethodGet, Path: "/user/avatar", Folder: folderUser,
			Summary: "Get the picture of a person or a group", Message: "Success get avatar", Query: "phone={{phone}}",
			Answer: `{"code":"SUCCESS","message":"Success get avatar","results":` +
				`{"url":"https://pps.whatsapp.net/v/t61.24694-24/picture.jpg","id":"1790000000","type":"image"}}`,
		}, getAvatar),
		onDevice(Route{
			Name: "setGroupPhoto", Verb: http.MethodPost, Path: "/group/photo", Folder: folderGroup,
			Summary: "Set the picture of a group; without a photo remove it", Message: "Success update group photo", Upload: "photo",
		}, setGroupPhoto),
		onDevice(Route{
			Name: "appDevices", Verb: http.MethodGet, Path: "/app/devices", Folder: folderApp,
			Summary: "Read the account behind the device", Message: "Fetch device success",
		}, linkedDevices),
	}, s.sessionRoutes(), []Route{
		onDevice(Route{
			Name: "deleteDevice", Verb: http.MethodDelete, Path: "/devices/{device_id}", Folder: folderDevices,
			Summary: "Unlink the account and delete the device", Message: "Device removed",
		}, s.deleteDevice),
	})
}

// sessionRoutes are what GOWA offers twice: for the device that a header or the query names, and for the one in the path.
func (s *server) sessionRoutes() []Route {
	return slices.Concat(
		twice("Status", "GET /app/status", "GET /devices/{device_id}/status", onDevice(Route{
			Summary: "Read the state of the connection", Message: "Connection status retrieved",
		}, status)),
		twice("Reconnect", "GET /app/reconnect", "POST /devices/{device_id}/reconnect", onDevice(Route{
			Summary: "Connect afresh", Message: "Reconnect success",
		}, reconnect)),
		twice("Logout", "GET /app/logout", "POST /devices/{device_id}/logout", onDevice(Route{
			Summary: "Unlink the account; the device stays and can be linked again", Message: "Success logout",
		}, logout)),
		twice("Login", "GET /app/login", "GET /devices/{device_id}/login", onDevice(Route{
			Summary: "Get a code to scan with the phone", Message: "Login success",
		}, s.login)),
		twice("LoginWithCode", "GET /app/login-with-code", "POST /devices/{device_id}/login/code", onDevice(Route{
			Summary: "Get a code to type on the phone", Message: "Login with code success", Query: "phone={{phone}}",
		}, loginWithCode)),
	)
}

func twice(name, app, device string, row Route) []Route {
	ofApp, ofDevice := row, row
	ofApp.Name, ofApp.Folder = "app"+name, folderApp
	ofApp.Verb, ofApp.Path, _ = strings.Cut(app, " ")
	ofDevice.Name, ofDevice.Folder = "device"+name, folderDevices
	ofDevice.Verb, ofDevice.Path, _ = strings.Cut(device, " ")
	return []Route{ofApp, ofDevice}
}
