package wuts

import "time"

// Device names the device that a request is about; empty for the tenant's only one.
type Device struct {
	ID string `json:"device_id" query:"device_id"`
}

func (d Device) deviceID() string { return d.ID }

// Data is the usual form of an answer.
type Data[T any] struct {
	Success bool `json:"success"`
	Data    T    `json:"data"`
}

func data[T any](value T) Data[T] { return Data[T]{true, value} }

// Message confirms what was done to a device.
type Message struct {
	Message  string `json:"message"`
	DeviceID string `json:"device_id"`
}

// NewDevice is a device to be created.
type NewDevice struct {
	Name string `json:"name" check:"required"`
}

// DeviceRow is a device in a list.
type DeviceRow struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Connected bool      `json:"connected"`
	CreatedAt time.Time `json:"created_at"`
}

// OneDevice answers the creation of a device.
type OneDevice struct {
	Success bool      `json:"success"`
	Device  DeviceRow `json:"device"`
}

// DeviceList lists the tenant's devices by age.
type DeviceList struct {
	Success bool        `json:"success"`
	Devices []DeviceRow `json:"devices"`
}

// PathDevice names the device in the path.
type PathDevice struct {
	ID string `json:"-" path:"deviceID"`
}

func (d PathDevice) deviceID() string { return d.ID }

// Status is the state of a connection. Reason is for people, and empty when there is nothing to say; Phone is in digits.
type Status struct {
	DeviceID  string `json:"device_id"`
	Name      string `json:"name"`
	Connected bool   `json:"connected"`
	LoggedIn  bool   `json:"logged_in"`
	State     string `json:"state"`
	Reason    string `json:"reason"`
	Phone     string `json:"phone"`
}

// QRRequest asks for a code. A code that is still on show is given again unless a fresh one is wanted.
type QRRequest struct {
	Device
	Reuse   bool `json:"-" query:"reuse_cache,reuse,use_cache,cached"`
	Refresh bool `json:"-" query:"refresh,force_refresh,force_new"`
}

// QR is a code to scan. TTL is its lifetime in seconds as a whole, Image a PNG as data URL.
type QR struct {
	Code      string    `json:"qr_code"`
	Image     string    `json:"image"`
	Cached    bool      `json:"cached"`
	ExpiresAt time.Time `json:"expires_at"`
	TTL       int       `json:"ttl"`
}

// QRStatusRequest must name its device.
type QRStatusRequest struct {
	ID string `json:"-" query:"device_id" check:"required"`
}

func (r QRStatusRequest) deviceID() string { return r.ID }

// QRStatus tells whether there is a code to scan.
type QRStatus struct {
	Exists      bool       `json:"exists"`
	GeneratedAt *time.Time `json:"generated_at"`
}

// PairCodeRequest asks for the letters to type on the phone with that number.
type PairCodeRequest struct {
	Device
	Phone   string `json:"phone" check:"required"`
	Reuse   bool   `json:"reuse_cache"`
	Refresh bool   `json:"-" query:"refresh"`
}

// PairCode is to be typed on the phone within ExpiresIn seconds.
type PairCode struct {
	Code         string `json:"code"`
	Phone        string `json:"phone"`
	ExpiresIn    int    `json:"expires_in"`
	Cached       bool   `json:"cached"`
	Instructions string `json:"instructions"`
}

// PictureUpload carries a JPEG, PNG or WebP in base64, with or without the prefix of a data URL.
type PictureUpload struct {
	Device
	Image string `json:"image_base64" check:"required"`
}

// PictureSet carries the new picture's id, a string of digits.
type PictureSet struct {
	Success   bool   `json:"success"`
	PictureID string `json:"picture_id"`
}

// LabelEdit creates, renames, recolours or deletes the label in the path. Color is WhatsApp's index, 0 to 19.
type LabelEdit struct {
	Device
	LabelID string `json:"-" path:"labelId"`
	Name    string `json:"name"`
	Color   int32  `json:"color"`
	Deleted bool   `json:"deleted"`
}

// Label is a label as it is now.
type Label struct {
	Success bool   `json:"success"`
	LabelID string `json:"label_id"`
	Name    string `json:"name"`
	Color   int32  `json:"color"`
	Deleted bool   `json:"deleted"`
}

// Whom names a person or a group, by JID or by number.
type Whom struct {
	JID    string `json:"jid" query:"jid"`
	Number string `json:"number" query:"number"`
}

// ChatLabelRequest attaches the label in the path to a chat, or takes it off when attached is false.
type ChatLabelRequest struct {
	Device
	Whom
	LabelID  string `json:"-" path:"labelId"`
	Attached *bool  `json:"attached"`
}

// ChatLabel tells whether the label is on the chat now.
type ChatLabel struct {
	Success  bool   `json:"success"`
	LabelID  string `json:"label_id"`
	JID      string `json:"jid"`
	Attached bool   `json:"attached"`
}

// Contact names a device and a person or a group.
type Contact struct {
	Device
	Whom
}

// PictureRequest asks for the small picture unless preview is false, and for none while the one with the existing id is still there.
type PictureRequest struct {
	Contact
	Preview    *bool  `json:"-" query:"preview"`
	ExistingID string `json:"-" query:"existing_id"`
}

// Picture is somebody's picture. The URL, which WhatsApp serves for some time, is null when the picture is unchanged.
type Picture struct {
	JID        string  `json:"jid"`
	URL        *string `json:"url"`
	ID         string  `json:"id"`
	Type       string  `json:"type"`
	DirectPath string  `json:"direct_path"`
	Unchanged  bool    `json:"unchanged"`
}

// Profile is what WhatsApp says of a person. BusinessProfile is null for those who are none.
type Profile struct {
	JID             string           `json:"jid"`
	UserInfo        UserInfo         `json:"user_info"`
	BusinessProfile *BusinessProfile `json:"business_profile"`
}

// UserInfo has an empty Status and PictureID where privacy hides them. VerifiedName is null for those who are no business.
type UserInfo struct {
	Status       string        `json:"Status"`
	PictureID    string        `json:"PictureID"`
	Devices      []string      `json:"Devices"`
	VerifiedName *VerifiedName `json:"VerifiedName"`
}

// VerifiedName is the name in a business's certificate.
type VerifiedName struct {
	Details struct {
		VerifiedName string `json:"verifiedName"`
	} `json:"Details"`
}

// BusinessProfile is what a business shows of itself.
type BusinessProfile struct {
	Address    string   `json:"address"`
	Email      string   `json:"email"`
	Categories []string `json:"categories"`
}

// BlockChange tells what became of a person and how many are blocked now. PhoneNumber is in digits, and empty while only the LID is
// known.
type BlockChange struct {
	JID         string `json:"jid"`
	PhoneNumber string `json:"phone_number"`
	Action      string `json:"action"`
	Blocked     bool   `json:"blocked"`
	Count       int    `json:"count"`
	DHash       string `json:"dhash"`
}

// Blocklist lists the blocked.
type Blocklist struct {
	Items []Blocked `json:"items"`
	Count int       `json:"count"`
	DHash string    `json:"dhash"`
}

// Blocked is one of them.
type Blocked struct {
	JID         string `json:"jid"`
	PhoneNumber string `json:"phone_number"`
}
