package gowa

import "time"

// none is the request or the results of routes that take or give nothing; as results it is null.
type none = *struct{}

// Answer is the body of every success. GOWA leaves empty results out; its reference shows null, which every client can read.
type Answer[Results any] struct {
	Code    string  `json:"code" doc:"always SUCCESS"`
	Message string  `json:"message"`
	Results Results `json:"results"`
}

// DeviceChoice names the device that a request is about; the header wins. Neither is needed while the tenant has a single device.
type DeviceChoice struct {
	Header string `header:"X-Device-Id"`
	Query  string `query:"device_id"`
}

// AvatarQuery names a person or a group by number or JID.
type AvatarQuery struct {
	Phone       string `query:"phone" check:"required" doc:"number or JID"`
	IsPreview   bool   `query:"is_preview"`
	IsCommunity bool   `query:"is_community" doc:"ask for the picture of a community first; means nothing for people"`
}

// Avatar is a picture. Type is image or preview; URL is WhatsApp's and time-limited.
type Avatar struct {
	URL  string `json:"url"`
	ID   string `json:"id"`
	Type string `json:"type"`
}

// AvatarUpload is the multipart part avatar: JPEG, PNG or WebP.
type AvatarUpload struct{ image []byte }

// GroupPhotoUpload is the multipart parts group_id and photo; without a photo the present one is removed.
type GroupPhotoUpload struct {
	GroupID string `form:"group_id" check:"required" doc:"JID"`
	image   []byte
}

// GroupPhoto tells the new picture's id; it is "remove" when there is none any more.
type GroupPhoto struct {
	PictureID string `json:"picture_id"`
}

// Login is a code to scan. QRLink is an image of the present code for QRDuration seconds.
type Login struct {
	DeviceID   string `json:"device_id"`
	QRDuration int    `json:"qr_duration"`
	QRLink     string `json:"qr_link"`
}

// PhoneQuery names the phone that will link the device.
type PhoneQuery struct {
	Phone string `query:"phone" check:"required" doc:"international number"`
}

// LoginCode is a code to type on the phone, as ABCD-1234.
type LoginCode struct {
	DeviceID string `json:"device_id"`
	PairCode string `json:"pair_code"`
}

// LinkedDevice is the account behind a device: the name of its owner and its JID at WhatsApp.
type LinkedDevice struct {
	Name   string `json:"name"`
	Device string `json:"device"`
}

// Status tells whether the connection carries traffic, and whether WhatsApp has let the account in.
type Status struct {
	DeviceID    string `json:"device_id"`
	IsConnected bool   `json:"is_connected"`
	IsLoggedIn  bool   `json:"is_logged_in"`
}

// NewDevice names a device to create. Its id is given by the server, so an id that the caller chose is kept as its name.
type NewDevice struct {
	DeviceID string `json:"device_id" doc:"kept as display_name"`
}

// Device is a slot for one account; phone_number and jid are empty while none is linked.
type Device struct {
	ID          string    `json:"id"`
	DisplayName string    `json:"display_name"`
	PhoneNumber string    `json:"phone_number"`
	JID         string    `json:"jid"`
	State       string    `json:"state" doc:"disconnected, connecting or logged_in"`
	CreatedAt   time.Time `json:"created_at"`
}
