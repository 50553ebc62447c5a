// Package gowa lets clients of GOWA (go-whatsapp-web-multidevice) work against this server: its routes around accounts, devices and
// profile pictures, translated onto the instances of package instance. README.md says what is imitated and what is not.
//
// A user of the configuration belongs to a tenant, and a device is an instance whose owner is that tenant. Another tenant's device does
// not exist for the caller.
package gowa

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"greengate/handlers/document"
	"greengate/instance"
)

// Config is what an operator decides about the dialect.
type Config struct {
	Users      []User
	PublicURL  string // how clients reach this server, for links; empty for the address of the request
	Prefix     string // path in front of the dialect's own, for links
	MaxUpload  int64  // bytes of a picture
	RightCodes bool   // answer no picture, hidden, throttled and the like by 4xx codes of their own instead of GOWA's 500
}

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

const (
	folderUser    = "User"
	folderGroup   = "Group"
	folderApp     = "App"
	folderDevices = "Devices"
)

// routes is the whole table, in an order in which it can be tried out on a linked device.
func (s *server) routes() []route {
	return slices.Concat(s.pictureRoutes(), s.sessionRoutes(), s.deviceRoutes())
}

func (s *server) pictureRoutes() []route {
	return []route{
		onDevice(document.Row{
			Name: "setAvatar", Verb: http.MethodPost, Path: "/user/avatar", Folder: folderUser,
			Summary: "Set the account's profile picture from a JPEG, PNG or WebP file, at most once in 10 seconds",
			Upload:  "avatar",
			Answer:  `{"code":"SUCCESS","message":"Success change avatar","results":null}`,
		}, "Success change avatar", setAvatar),
		onDevice(document.Row{
			Name: "getAvatar", Verb: http.MethodGet, Path: "/user/avatar", Folder: folderUser,
			Summary: "Get the picture of a person or a group",
			Query:   "phone={{phone}}",
			Answer: `{"code":"SUCCESS","message":"Success get avatar","results":` +
				`{"url":"https://pps.whatsapp.net/v/t61.24694-24/picture.jpg","id":"1790000000","type":"image"}}`,
		}, "Success get avatar", getAvatar),
		onDevice(document.Row{
			Name: "setGroupPhoto", Verb: http.MethodPost, Path: "/group/photo", Folder: folderGroup,
			Summary: "Set the picture of a group; without a photo remove it",
			Upload:  "photo",
		}, "Success update group photo", setGroupPhoto),
	}
}

// sessionRoutes are what GOWA offers twice: for the device that a header or the query names, and for the one in the path.
func (s *server) sessionRoutes() []route {
	return slices.Concat(
		twice("Status", "GET /app/status", "GET /devices/{device_id}/status",
			document.Row{Summary: "Read the state of the connection"}, "Connection status retrieved", status),
		twice("Reconnect", "GET /app/reconnect", "POST /devices/{device_id}/reconnect",
			document.Row{Summary: "Connect afresh"}, "Reconnect success", reconnect),
		twice("Logout", "GET /app/logout", "POST /devices/{device_id}/logout",
			document.Row{Summary: "Unlink the account; the device stays and can be linked again"}, "Success logout", logout),
		twice("Login", "GET /app/login", "GET /devices/{device_id}/login",
			document.Row{Summary: "Get a code to scan with the phone"}, "Login success", s.login),
		twice("LoginWithCode", "GET /app/login-with-code", "POST /devices/{device_id}/login/code",
			document.Row{Summary: "Get a code to type on the phone", Query: "phone={{phone}}"}, "Login with code success", loginWithCode),
	)
}

func twice[Req, Results any](name, app, device string, row document.Row, message string, handle func(*call, Req) (Results, error)) []route {
	of := func(prefix, folder, place string) route {
		row.Name, row.Folder = prefix+name, folder
		row.Verb, row.Path, _ = strings.Cut(place, " ")
		return onDevice(row, message, handle)
	}
	return []route{of("app", folderApp, app), of("device", folderDevices, device)}
}

func (s *server) deviceRoutes() []route {
	return []route{
		onDevice(document.Row{
			Name: "appDevices", Verb: http.MethodGet, Path: "/app/devices", Folder: folderApp,
			Summary: "Read the account behind the device",
		}, "Fetch device success", linkedDevices),
		onTenant(document.Row{
			Name: "listDevices", Verb: http.MethodGet, Path: "/devices", Folder: folderDevices,
			Summary: "List the tenant's devices",
		}, "List devices", s.listDevices),
		onDevice(document.Row{
			Name: "getDevice", Verb: http.MethodGet, Path: "/devices/{device_id}", Folder: folderDevices,
			Summary: "Read a device",
		}, "Device info", getDevice),
		onDevice(document.Row{
			Name: "deleteDevice", Verb: http.MethodDelete, Path: "/devices/{device_id}", Folder: folderDevices,
			Summary: "Unlink the account and delete the device",
		}, "Device removed", s.deleteDevice),
		onTenant(document.Row{
			Name: "addDevice", Verb: http.MethodPost, Path: "/devices", Folder: folderDevices,
			Summary: "Create a device, not yet linked to an account",
			Example: `{"device_id":"Shop"}`,
		}, "Device added", s.addDevice),
	}
}

// Document describes the dialect.
func Document(url, version string) document.API {
	api := document.API{
		Title: "greengate: GOWA", URL: url, Version: version, Security: "basic", Success: "Done",
		About: "GOWA's dialect. A call about a device names it in the header X-Device-Id or as device_id; with a single device neither is needed.",
		Failures: []document.Failure{
			{Status: http.StatusBadRequest, Body: true, Meaning: "Bad input, or no word on which device"},
			{Status: http.StatusUnauthorized, Body: true, Meaning: "Wrong credentials, or not connected to WhatsApp"},
			{Status: http.StatusNotFound, Body: true, Meaning: "No such device"},
			{Status: http.StatusRequestTimeout, Body: true, Meaning: "WhatsApp did not tell a picture within 5 seconds"},
			{Status: http.StatusInternalServerError, Body: true, RetryAfter: true, Meaning: "No picture, a hidden one, too fast, or a fault"},
			{Status: http.StatusGatewayTimeout, Body: true, Meaning: "WhatsApp did not answer in time"},
		},
		Error: reflect.TypeFor[failure](),
		Variables: map[string]string{
			"device_id": "1101000001", "phone": "15550002222", "group_id": "120363000000000001@g.us", "photo": "media/testdata/sample.jpg",
			"username": "ann", "password": "password",
		},
	}
	for _, route := range new(server).routes() {
		api.Rows = append(api.Rows, route.Row)
	}
	return api
}
