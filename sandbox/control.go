package sandbox

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"

	"go.mau.fi/whatsmeow/types"
)

// controlBody bounds what the control API reads; a text message may have 64 KB.
const controlBody = 1 << 20

// Control is the HTTP API by which programs outside the process act on the network. It has no authentication: serve it on loopback.
// wire is the address that Serve listens on, told to clients that ask for the way in.
//
//	GET    /network                         the way in: rootKey (hex), address, ca (PEM)
//	GET    /unknown                         stanzas the network did not understand
//	GET    /phones                          all phones: number, name, chatId, lid
//	POST   /phones                          {"number","name"}: adds a phone
//	POST   /phones/{number}/scan            {"qr"}: scans the text of a QR code
//	POST   /phones/{number}/code            {"code"}: types in a pairing code
//	GET    /phones/{number}/devices         linked devices
//	DELETE /phones/{number}/devices/{id}    unlinks one
//	GET    /phones/{number}/messages        what the phone has received and its devices have sent
//	POST   /phones/{number}/messages        {"to","text"}: sends a text; to is a number or a JID
//	GET    /phones/{number}/profile         name, about, picture (base64 JPEG), blocked, privacy
//	PUT    /phones/{number}/picture         a JPEG as the body: sets the picture
//	DELETE /phones/{number}/picture         removes it
//	PUT    /phones/{number}/about           {"text"}
//	PUT    /phones/{number}/privacy         {"category","value"}
//	PUT    /phones/{number}/blocked/{other} blocks somebody
//	DELETE /phones/{number}/blocked/{other} ends the block
//	GET    /phones/{number}/groups          the groups the person is in
//	POST   /phones/{number}/groups          {"subject","members"}: creates one
//	POST   /phones/{number}/groups/join     {"code"}: joins one by its invite code
//	POST   /phones/{number}/groups/{group}/{change}   change is add, remove, promote or demote; {"members"}
//	PUT    /phones/{number}/groups/{group}/subject    {"text"}
//	PUT    /phones/{number}/groups/{group}/picture    a JPEG as the body
//	DELETE /phones/{number}/groups/{group}            leaves it
//	GET    /v/...                           profile pictures, for Options.PictureBaseURL
//
// Answers are JSON; an action that fails answers 409, an unknown phone 404, both with {"error"}.
func (w *World) Control(wire string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /network", w.control(func(*http.Request) (any, error) { return w.wayIn(wire), nil }))
	mux.HandleFunc("GET /unknown", w.control(func(*http.Request) (any, error) { return w.Unknown(), nil }))
	mux.Handle("GET "+picturePrefix, w.PictureHandler())
	mux.HandleFunc("GET /phones", w.control(func(*http.Request) (any, error) { return w.phoneList(), nil }))
	mux.HandleFunc("POST /phones", w.control(w.controlAdd))
	mux.HandleFunc("POST /phones/{number}/scan", w.onPhone(controlScan))
	mux.HandleFunc("POST /phones/{number}/code", w.onPhone(controlCode))
	mux.HandleFunc("GET /phones/{number}/devices", w.onPhone(func(p *Phone, _ *http.Request) (any, error) { return p.Devices(), nil }))
	mux.HandleFunc("DELETE /phones/{number}/devices/{id}", w.onPhone(controlUnlink))
	mux.HandleFunc("GET /phones/{number}/messages", w.onPhone(controlMessages))
	mux.HandleFunc("POST /phones/{number}/messages", w.onPhone(controlSend))
	w.addProfileControl(mux)
	w.addGroupControl(mux)
	return mux
}

var errNoPhone = errors.New("no phone has this number")

// control turns an action into a handler that answers JSON.
func (w *World) control(act func(*http.Request) (any, error)) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(out, r.Body, controlBody)
		status := http.StatusOK
		answer, err := act(r)
		if err != nil {
			status, answer = controlStatus(err), map[string]string{"error": err.Error()}
		}
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(status)
		_ = json.NewEncoder(out).Encode(answer)
	}
}

func controlStatus(err error) int {
	var malformed *malformedError
	switch {
	case errors.Is(err, errNoPhone):
		return http.StatusNotFound
	case errors.As(err, &malformed):
		return http.StatusBadRequest
	default:
		return http.StatusConflict
	}
}

// onPhone is control for an action of the phone that the path names.
func (w *World) onPhone(act func(*Phone, *http.Request) (any, error)) http.HandlerFunc {
	return w.control(func(r *http.Request) (any, error) {
		p := w.Phone(r.PathValue("number"))
		if p == nil {
			return nil, errNoPhone
		}
		return act(p, r)
	})
}

// malformedError is a body that is not the JSON asked for.
type malformedError struct{ error }

func readBody[T any](r *http.Request) (T, error) {
	var body T
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return body, &malformedError{fmt.Errorf("read the body: %w", err)}
	}
	return body, nil
}

// wayIn is a Network in a form that can be sent.
type wayIn struct {
	RootKey string `json:"rootKey"`
	Address string `json:"address"`
	CA      string `json:"ca"`
}

func (w *World) wayIn(wire string) wayIn {
	root := noiseRoot().Pub
	return wayIn{RootKey: hex.EncodeToString(root[:]), Address: wire, CA: string(w.certs.caPEM)}
}

// Reach asks the control API of a sandbox in another process for the way into its network.
func Reach(ctx context.Context, controlURL string) (Network, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, controlURL+"/network", nil)
	if err != nil {
		return Network{}, fmt.Errorf("reach the sandbox: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Network{}, fmt.Errorf("reach the sandbox: %w", err)
	}
	defer response.Body.Close()
	var way wayIn
	if err := json.NewDecoder(io.LimitReader(response.Body, controlBody)).Decode(&way); err != nil {
		return Network{}, fmt.Errorf("reach the sandbox: it answers %s: %w", response.Status, err)
	}
	return way.network()
}

func (way wayIn) network() (Network, error) {
	n := Network{CertPool: x509.NewCertPool()}
	if key, err := hex.DecodeString(way.RootKey); err != nil || copy(n.RootKey[:], key) != len(n.RootKey) {
		return Network{}, errors.New("reach the sandbox: it gave no root key of 32 bytes")
	}
	if !n.CertPool.AppendCertsFromPEM([]byte(way.CA)) {
		return Network{}, errors.New("reach the sandbox: it gave no certificate")
	}
	n.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, way.Address)
	}
	return n, nil
}

// phoneEntry is a phone as the control API lists it.
type phoneEntry struct {
	Number string `json:"number"`
	Name   string `json:"name"`
	ChatID string `json:"chatId"`
	LID    string `json:"lid"`
}

func (p *Phone) entry() phoneEntry {
	return phoneEntry{Number: p.Number(), Name: p.account.pushName, ChatID: p.Number() + "@c.us", LID: p.LID().String()}
}

func (w *World) phoneList() []phoneEntry {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := []phoneEntry{}
	for _, a := range w.accounts {
		list = append(list, a.phone.entry())
	}
	return list
}

func (w *World) controlAdd(r *http.Request) (any, error) {
	body, err := readBody[struct{ Number, Name string }](r)
	if err != nil {
		return nil, err
	}
	p, err := w.AddPhone(body.Number, body.Name)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return p.entry(), nil
}

func controlScan(p *Phone, r *http.Request) (any, error) {
	body, err := readBody[struct{ QR string }](r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, p.ScanQR(body.QR)
}

func controlCode(p *Phone, r *http.Request) (any, error) {
	body, err := readBody[struct{ Code string }](r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, p.EnterCode(body.Code)
}

func controlUnlink(p *Phone, r *http.Request) (any, error) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 16)
	if err != nil {
		return nil, &malformedError{errors.New("a device has a number between 1 and 65535")}
	}
	return struct{}{}, p.Unlink(uint16(id))
}

// messageEntry is a message as the control API lists it.
type messageEntry struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	Chat   string `json:"chat"`
	FromMe bool   `json:"fromMe"`
	Text   string `json:"text"`
	Time   int64  `json:"time"` // Unix seconds
}

func controlMessages(p *Phone, _ *http.Request) (any, error) {
	list := []messageEntry{}
	for _, m := range p.Messages() {
		list = append(list, messageEntry{m.ID, m.From.String(), m.Chat.String(), m.FromMe, m.Text, m.Time.Unix()})
	}
	return list, nil
}

func controlSend(p *Phone, r *http.Request) (any, error) {
	body, err := readBody[struct{ To, Text string }](r)
	if err != nil {
		return nil, err
	}
	to := types.NewJID(onlyDigits(body.To), types.DefaultUserServer)
	if jid, err := types.ParseJID(body.To); err == nil && jid.User != "" {
		to = jid
	}
	id, err := p.SendText(r.Context(), to, body.Text)
	return map[string]string{"id": id}, err
}
