// Package wuts lets clients of WUTS work against this server: its routes around devices, pairing, pictures, labels and contacts,
// translated onto the instances of package instance. README.md says what is imitated and what is not.
//
// A token belongs to a user of one tenant, and a device is an instance whose owner is that tenant.
package wuts

import (
	"log/slog"
	"net/http"
	"reflect"
	"slices"

	"greengate/handlers/document"
	"greengate/instance"
)

// Config says who may call. MaxPicture is in bytes.
type Config struct {
	Users      []User
	MaxPicture int64
}

type server struct {
	Config
	manager *instance.Manager
	log     *slog.Logger
}

// New returns the handler of the dialect, to be mounted with its path prefix taken off.
func New(c Config, m *instance.Manager, log *slog.Logger) http.Handler {
	s := &server{c, m, log}
	mux := http.NewServeMux()
	for _, row := range routes() {
		mux.Handle(row.Verb+" "+row.Path, s.serve(row))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.writeError(w, r, errNoRoute) })
	return mux
}

const (
	folderDevices  = "Devices"
	folderPairing  = "Pairing"
	folderProfile  = "Profile"
	folderLabels   = "Labels"
	folderContacts = "Contacts"
)

// routes is the whole table, in an order in which it can be tried out on a paired device.
func routes() []route {
	return slices.Concat(deviceRoutes(), profileRoutes(), labelRoutes(), contactRoutes(), sessionRoutes(), pairingRoutes(), deletionRoutes())
}

func deviceRoutes() []route {
	return []route{
		onTenant(route{manages: true}, document.Row{
			Name: "createDevice", Verb: http.MethodPost, Path: "/devices", Folder: folderDevices, Status: http.StatusCreated,
			Summary: "Create a device, not yet paired", Example: `{"name":"Shop"}`,
		}, createDevice),
		onTenant(route{}, document.Row{
			Name: "listDevices", Verb: http.MethodGet, Path: "/devices", Folder: folderDevices,
			Summary: "List the tenant's devices",
		}, listDevices),
		onDevice(route{}, document.Row{
			Name: "status", Verb: http.MethodGet, Path: "/status", Folder: folderDevices,
			Summary: "Read the state of the connection", Query: exampleDevice,
		}, status),
	}
}

func pairingRoutes() []route {
	return []route{
		onDevice(route{}, document.Row{
			Name: "qr", Verb: http.MethodGet, Path: "/qr", Folder: folderPairing,
			Summary: "Get the code to scan with the phone", Query: exampleDevice,
		}, qr),
		onDevice(route{}, document.Row{
			Name: "qrStatus", Verb: http.MethodGet, Path: "/qr/status", Folder: folderPairing,
			Summary: "Tell whether there is a code to scan", Query: exampleDevice,
		}, qrStatus),
		onDevice(route{}, document.Row{
			Name: "pairCode", Verb: http.MethodPost, Path: "/paircode", Folder: folderPairing,
			Summary: "Get a code to type on the phone", Example: `{"phone":"{{number}}","device_id":"{{deviceID}}"}`,
			Answer: `{"success":true,"data":{"code":"ABCD-1234","phone":"15550002222","expires_in":300,"cached":false,` +
				`"instructions":"..."}}`,
		}, pairCode),
	}
}

func profileRoutes() []route {
	return []route{
		onDevice(route{image: true}, document.Row{
			Name: "setProfilePicture", Verb: http.MethodPost, Path: "/profile/picture", Folder: folderProfile,
			Summary: "Set the account's profile picture, at most once in 10 seconds", Example: `{"device_id":"{{deviceID}}","image_base64":"{{image}}"}`,
			Answer: `{"success":true,"picture_id":"1790000000"}`,
		}, setProfilePicture),
	}
}

func labelRoutes() []route {
	return []route{
		onDevice(route{}, document.Row{
			Name: "editLabel", Verb: http.MethodPut, Path: "/labels/{labelId}", Folder: folderLabels,
			Summary: "Create, rename, recolour or delete a label", Example: `{"device_id":"{{deviceID}}","name":"New customer","color":3}`,
			Answer: `{"success":true,"label_id":"7","name":"New customer","color":3,"deleted":false}`,
		}, editLabel),
		onDevice(route{}, document.Row{
			Name: "labelChat", Verb: http.MethodPost, Path: "/labels/{labelId}/chats", Folder: folderLabels,
			Summary: "Attach a label to a chat or take it off", Example: `{"device_id":"{{deviceID}}","number":"{{number}}"}`,
		}, labelChat),
	}
}

func contactRoutes() []route {
	const someone = exampleDevice + "&number={{number}}"
	const one = `{"device_id":"{{deviceID}}","number":"{{number}}"}`
	return []route{
		onDevice(route{}, document.Row{
			Name: "contactPicture", Verb: http.MethodGet, Path: "/contacts/profile-picture", Folder: folderContacts,
			Summary: "Get the picture of a person or a group", Query: someone,
		}, contactPicture),
		onDevice(route{}, document.Row{
			Name: "contactProfile", Verb: http.MethodGet, Path: "/contacts/profile", Folder: folderContacts,
			Summary: "Get what WhatsApp says of a person", Query: someone,
		}, contactProfile),
		onDevice(route{}, document.Row{
			Name: "block", Verb: http.MethodPost, Path: "/contacts/block", Folder: folderContacts,
			Summary: "Block a person", Example: one,
		}, block),
		onDevice(route{}, document.Row{
			Name: "blocklist", Verb: http.MethodGet, Path: "/contacts/blocklist", Folder: folderContacts,
			Summary: "List the blocked", Query: exampleDevice,
		}, blocklist),
		onDevice(route{}, document.Row{
			Name: "unblock", Verb: http.MethodPost, Path: "/contacts/unblock", Folder: folderContacts,
			Summary: "Unblock a person", Example: one,
		}, unblock),
	}
}

func sessionRoutes() []route {
	return []route{
		onDevice(route{older: true}, document.Row{
			Name: "disconnect", Verb: http.MethodPost, Path: "/disconnect", Folder: folderDevices,
			Summary: "Drop the connection and stay paired", Example: `{"device_id":"{{deviceID}}"}`,
		}, disconnect),
		onDevice(route{}, document.Row{
			Name: "connect", Verb: http.MethodPost, Path: "/connect", Folder: folderDevices,
			Summary: "Connect again without pairing", Example: `{"device_id":"{{deviceID}}"}`,
		}, connect),
		onDevice(route{}, document.Row{
			Name: "logout", Verb: http.MethodPost, Path: "/logout", Folder: folderDevices,
			Summary: "Unpair at WhatsApp and forget the credentials; needs a live connection", Example: `{"device_id":"{{deviceID}}"}`,
		}, logout),
	}
}

func deletionRoutes() []route {
	return []route{
		onDevice(route{manages: true}, document.Row{
			Name: "deleteDevice", Verb: http.MethodDelete, Path: "/devices/{deviceID}", Folder: folderDevices,
			Summary: "Unpair and delete a device",
		}, deleteDevice),
	}
}

const (
	exampleDevice = "device_id={{deviceID}}"
	onePixel      = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNQaEgAAAHEAQHHmVStAAAAAElFTkSuQmCC"
)

// Document describes the dialect.
func Document(url, version string) document.API {
	api := document.API{
		Title: "greengate: WUTS", URL: url, Version: version, Security: "bearer", Success: "Done",
		About: "The dialect of WUTS. A call that names no device_id means the tenant's only device.",
		Failures: []document.Failure{
			{Status: http.StatusBadRequest, Body: true, Meaning: "Bad input, or the device is not connected"},
			{Status: http.StatusUnauthorized, Body: true, Meaning: "No token, or a wrong one"},
			{Status: http.StatusForbidden, Body: true, Meaning: "Another tenant's device, or beyond the user's role"},
			{Status: http.StatusNotFound, Body: true, Meaning: "No such device, or nothing found at WhatsApp"},
			{Status: http.StatusTooManyRequests, Body: true, RetryAfter: true, Meaning: "Too early for another picture"},
			{Status: http.StatusInternalServerError, Body: true, Meaning: "A fault of this server"},
			{Status: http.StatusBadGateway, Body: true, Meaning: "WhatsApp refused"},
			{Status: http.StatusServiceUnavailable, Body: true, RetryAfter: true, Meaning: "Too many pictures at once"},
			{Status: http.StatusGatewayTimeout, Body: true, Meaning: "WhatsApp did not answer in time"},
		},
		Error: reflect.TypeFor[failureBody](),
		Variables: map[string]string{
			"token": "6f0c1f4e-3a52-4a7e-9d0c-2b7f5e1c9a11", "deviceID": "0b7f6a52-8f0e-5d3c-9a41-6c1d2e3f4a5b",
			"labelId": "7", "number": "15550002222", "image": onePixel,
		},
	}
	for _, row := range routes() {
		api.Rows = append(api.Rows, row.Row)
	}
	return api
}
