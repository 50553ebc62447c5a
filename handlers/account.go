package handlers

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"

	"github.com/skip2/go-qrcode"

	"greengate/instance"
)

func accountMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "getSettings", Verb: http.MethodGet, Rate: 1,
			Summary: "Read the settings of an instance",
		}, getSettings),
		forInstance(Method{
			Name: "setSettings", Verb: http.MethodPost, Rate: 1,
			Summary: "Change settings; what is not named stays as it is",
			Example: `{"stateWebhook":"yes","delaySendMessagesMilliseconds":3000}`, Answer: `{"saveSettings":true}`,
		}, setSettings),
		forInstance(Method{
			Name: "getStateInstance", Verb: http.MethodGet, Rate: 1,
			Summary: "Read the state of an instance", Answer: `{"stateInstance":"authorized"}`,
		}, getStateInstance),
		forInstance(Method{
			Name: "getStatusInstance", Verb: http.MethodGet, Rate: 1,
			Summary: "Tell whether the connection to WhatsApp carries traffic", Answer: `{"statusInstance":"online"}`,
		}, getStatusInstance),
		forInstance(Method{
			Name: "getStateInstanceHistory", Verb: http.MethodGet, Rate: 1,
			Summary: "List the latest changes of state, newest first",
			Answer:  `[{"stateInstance":"authorized","timestamp":1790000000,"phoneNumber":"15550001111@c.us"}]`,
		}, getStateInstanceHistory),
		forInstance(Method{
			Name: "reboot", Verb: http.MethodGet, Rate: 1,
			Summary: "Connect afresh; ends sleepMode and yellowCard", Answer: `{"isReboot":true}`,
		}, reboot),
		forInstance(Method{
			Name: "logout", Verb: http.MethodGet, Rate: 1,
			Summary: "Unlink the account and delete its keys", Answer: `{"isLogout":true}`,
		}, logout),
		forInstance(Method{
			Name: "qr", Verb: http.MethodGet, Rate: 3,
			Summary: "Get the code to scan with the phone, as base64 PNG; ask once a second",
		}, qr),
		forInstance(Method{
			Name: "getAuthorizationCode", Verb: http.MethodPost, Rate: 1,
			Summary: "Get a code to type on the phone instead of scanning",
			Example: `{"phoneNumber":{{phoneNumber}}}`, Answer: `{"status":true,"code":"ABCD1234"}`,
		}, getAuthorizationCode),
		setProfilePictureMethod(),
		forInstance(Method{
			Name: "getWaSettings", Verb: http.MethodGet, Rate: 1,
			Summary: "Read what WhatsApp knows of the account",
		}, getWaSettings),
		forInstance(Method{
			Name: "updateApiToken", Verb: http.MethodGet, Rate: 1,
			Summary: "Issue a new API token; the old one ends at once",
		}, updateAPIToken),
		forInstance(Method{
			Name: "getDeviceInfo", Verb: http.MethodGet, Rate: 1, Works: "archived; knows the platform only",
			Summary: "Read what is known of the phone (archived by GREEN-API)",
		}, getDeviceInfo),
	}
}

// GetSettingsResponse has the keys of the live service, in its order.
type GetSettingsResponse struct {
	Wid           instance.ChatID `json:"wid"`
	Country       string          `json:"countryInstance"`
	TypeAccount   string          `json:"typeAccount"`
	TypeInstance  string          `json:"typeInstance"`
	ProxyInstance string          `json:"proxyInstance"`
	instance.Settings
}

func getSettings(_ context.Context, i *instance.Instance, _ none) (GetSettingsResponse, error) {
	return GetSettingsResponse{
		Wid: i.Account().ChatID, TypeInstance: typeWhatsApp, ProxyInstance: cmp.Or(i.Proxy(), "system proxy"), Settings: i.Settings(),
	}, nil
}

const typeWhatsApp = "whatsapp"

// SetSettingsRequest takes any subset of the settings, at least one.
type SetSettingsRequest struct{ patch instance.SettingsPatch }

func (r *SetSettingsRequest) take(values map[string]json.RawMessage) error {
	if len(values) == 0 {
		return invalid("'value' must have at least 1 key")
	}
	r.patch = values
	return nil
}

func (SetSettingsRequest) schema() reflect.Type { return reflect.TypeFor[instance.Settings]() }

// SetSettingsResponse confirms that the settings were stored.
type SetSettingsResponse struct {
	SaveSettings bool `json:"saveSettings"`
}

func setSettings(ctx context.Context, i *instance.Instance, r SetSettingsRequest) (SetSettingsResponse, error) {
	err := i.SetSettings(ctx, r.patch)
	return SetSettingsResponse{err == nil}, err
}

// GetStateInstanceResponse adds to GREEN-API's answer the reason of the state, when there is one a person can act on.
type GetStateInstanceResponse struct {
	StateInstance instance.State `json:"stateInstance"`
	StateReason   string         `json:"stateReason,omitempty"`
}

func getStateInstance(_ context.Context, i *instance.Instance, _ none) (GetStateInstanceResponse, error) {
	status := i.Status()
	return GetStateInstanceResponse{status.State, status.Reason}, nil
}

// GetStatusInstanceResponse says "online" or "offline".
type GetStatusInstanceResponse struct {
	StatusInstance string `json:"statusInstance"`
}

func getStatusInstance(_ context.Context, i *instance.Instance, _ none) (GetStatusInstanceResponse, error) {
	if i.Online() {
		return GetStatusInstanceResponse{"online"}, nil
	}
	return GetStatusInstanceResponse{"offline"}, nil
}

// GetStateInstanceHistoryRequest takes count from the query or from a body on GET; 100 when absent.
type GetStateInstanceHistoryRequest struct {
	Count *int `json:"count"`
}

// StateChange is one row of the history. Timestamp is in Unix seconds.
type StateChange struct {
	StateInstance string          `json:"stateInstance"`
	Timestamp     int64           `json:"timestamp"`
	PhoneNumber   instance.ChatID `json:"phoneNumber"`
}

const (
	defaultHistory = 100
	maxHistory     = 1000
)

func getStateInstanceHistory(ctx context.Context, i *instance.Instance, r GetStateInstanceHistoryRequest) ([]StateChange, error) {
	count := defaultHistory
	if r.Count != nil {
		count = *r.Count
	}
	if count < 1 {
		return nil, invalid("'count' must be larger than or equal to 1")
	}
	changes, err := i.StateHistory(ctx, min(count, maxHistory))
	list := make([]StateChange, 0, len(changes))
	for _, change := range changes {
		row := StateChange{StateInstance: change.State, Timestamp: change.At.Unix()}
		if change.Phone != "" {
			row.PhoneNumber = instance.ChatID(change.Phone + "@c.us")
		}
		list = append(list, row)
	}
	return list, err
}

// RebootResponse confirms that the instance connects afresh.
type RebootResponse struct {
	IsReboot bool `json:"isReboot"`
}

func reboot(_ context.Context, i *instance.Instance, _ none) (RebootResponse, error) {
	i.Reboot()
	return RebootResponse{true}, nil
}

// LogoutResponse confirms that the account is unlinked.
type LogoutResponse struct {
	IsLogout bool `json:"isLogout"`
}

func logout(ctx context.Context, i *instance.Instance, _ none) (LogoutResponse, error) {
	err := i.Logout(ctx)
	return LogoutResponse{err == nil}, err
}

// QRResponse is of type qrCode (message: base64 PNG), alreadyLogged or error (message: text).
type QRResponse struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

const qrSide = 256 // pixels

func qr(ctx context.Context, i *instance.Instance, _ none) (QRResponse, error) {
	code, err := i.QR(ctx)
	if err != nil {
		return qrFailure(instance.AsError(err)), nil
	}
	return qrImage(code)
}

func qrImage(code instance.QRCode) (QRResponse, error) {
	png, err := qrcode.Encode(code.Text, qrcode.Low, qrSide) // low redundancy: fewer, larger modules
	return QRResponse{"qrCode", base64.StdEncoding.EncodeToString(png)}, err
}

func qrFailure(err *instance.Error) QRResponse {
	switch err.Kind {
	case instance.KindAlreadyAuthorized:
		return QRResponse{"alreadyLogged", err.Detail}
	case instance.KindInternal:
		return QRResponse{"error", "Internal Server Error"}
	default:
		return QRResponse{"error", err.Detail}
	}
}

// phoneDigits is a phone number sent as a number or as a string.
type phoneDigits string

// UnmarshalJSON takes a number or a string; a leading + is dropped.
func (p *phoneDigits) UnmarshalJSON(data []byte) error {
	var text string
	if string(data) == `""` || string(data) == "null" { // an empty optional is an absent one
		return nil
	}
	if data[0] != '"' {
		text = string(data)
	} else if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	if len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	if _, err := strconv.ParseUint(text, 10, 64); err != nil {
		return invalid("Wrong format. 'phoneNumber' must contain only digits")
	}
	if len(text) < 7 || len(text) > 15 {
		return invalid("'phoneNumber' must be a correct phone number and contains from 7 to 15 digits")
	}
	*p = phoneDigits(text)
	return nil
}

// GetAuthorizationCodeRequest names the phone, international without + and 00.
type GetAuthorizationCodeRequest struct {
	PhoneNumber phoneDigits `json:"phoneNumber" check:"required"`
}

// GetAuthorizationCodeResponse has an empty code when status is false; try again then.
type GetAuthorizationCodeResponse struct {
	Status bool   `json:"status"`
	Code   string `json:"code"`
}

func getAuthorizationCode(ctx context.Context, i *instance.Instance, r GetAuthorizationCodeRequest) (GetAuthorizationCodeResponse, error) {
	code, err := i.PairCode(ctx, string(r.PhoneNumber))
	if err != nil {
		if kind := instance.AsError(err).Kind; kind == instance.KindAlreadyAuthorized || kind == instance.KindPasskeyRequired {
			return GetAuthorizationCodeResponse{}, err
		}
		return GetAuthorizationCodeResponse{}, nil
	}
	return GetAuthorizationCodeResponse{true, code}, nil
}

// GetWaSettingsResponse is the account as WhatsApp knows it; strings are empty while none is linked.
type GetWaSettingsResponse struct {
	Avatar              string          `json:"avatar"`
	Base64Avatar        string          `json:"base64Avatar"`
	ChatID              instance.ChatID `json:"chatId"`
	Phone               string          `json:"phone"`
	HistorySyncProgress int             `json:"historySyncProgress"`
	StateInstance       instance.State  `json:"stateInstance"`
	SuspendedUntil      int64           `json:"suspendedUntil,omitempty"`
	DeviceID            string          `json:"deviceId"`
	LogoutProcess       bool            `json:"logoutProcess"`
}

func getWaSettings(ctx context.Context, i *instance.Instance, _ none) (GetWaSettingsResponse, error) {
	status := i.Status()
	response := GetWaSettingsResponse{StateInstance: status.State}
	if !status.SuspendedUntil.IsZero() {
		response.SuspendedUntil = status.SuspendedUntil.Unix()
	}
	if status.State != instance.StateAuthorized && status.State != instance.StateYellowCard {
		return response, nil
	}
	account, avatar := i.Account(), i.OwnAvatar(ctx)
	response.Avatar, response.Base64Avatar = avatar.URL, avatar.Base64
	response.ChatID, response.Phone, response.DeviceID = account.LID, account.Phone, account.Device
	var err error
	response.HistorySyncProgress, err = i.HistoryProgress(ctx)
	return response, err
}

// UpdateAPITokenResponse carries the new token.
type UpdateAPITokenResponse struct {
	APITokenInstance string `json:"apiTokenInstance"`
}

func updateAPIToken(ctx context.Context, i *instance.Instance, _ none) (UpdateAPITokenResponse, error) {
	token, err := i.UpdateToken(ctx)
	return UpdateAPITokenResponse{string(token)}, err
}

// GetDeviceInfoResponse says what is known of the phone: its platform. WhatsApp tells linked devices nothing else.
type GetDeviceInfoResponse struct {
	Platform           string `json:"platform"`
	DeviceManufacturer string `json:"deviceManufacturer"`
	DeviceModel        string `json:"deviceModel"`
	OSVersion          string `json:"osVersion"`
	WAVersion          string `json:"waVersion"`
	Battery            int    `json:"battery"`
}

func getDeviceInfo(_ context.Context, i *instance.Instance, _ none) (GetDeviceInfoResponse, error) {
	return GetDeviceInfoResponse{Platform: i.Account().Platform}, nil
}
