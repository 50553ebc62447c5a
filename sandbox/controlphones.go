package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// phoneAct is an action of the phone that the path names.
func phoneAct(act func(*Phone, *http.Request) (any, error)) func(*World, *http.Request) (any, error) {
	return func(w *World, r *http.Request) (any, error) {
		p := w.Phone(r.PathValue("number"))
		if p == nil {
			return nil, errNoPhone
		}
		return act(p, r)
	}
}

// phoneBody is an action of a phone that takes a JSON object.
func phoneBody[T any](act func(*Phone, T, *http.Request) (any, error)) func(*World, *http.Request) (any, error) {
	return withBody(func(w *World, body T, r *http.Request) (any, error) {
		return phoneAct(func(p *Phone, r *http.Request) (any, error) { return act(p, body, r) })(w, r)
	})
}

// controlPhones lists what a person does with a phone.
func controlPhones() []controlRoute {
	return []controlRoute{
		{
			"POST /phones/{number}/scan", "qr", "scans the text of a QR code",
			phoneBody(func(p *Phone, b struct{ QR string }, _ *http.Request) (any, error) { return nil, p.ScanQR(b.QR) }),
		},
		{
			"POST /phones/{number}/code", "code", "types in a pairing code",
			phoneBody(func(p *Phone, b struct{ Code string }, _ *http.Request) (any, error) { return nil, p.EnterCode(b.Code) }),
		},
		{
			"GET /phones/{number}/codes", "", "names of clients that wait for a code",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { return nonNil(p.PendingCodes()), nil }),
		},
		{
			"GET /phones/{number}/devices", "", "linked devices",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { return p.deviceEntries(), nil }),
		},
		{
			"DELETE /phones/{number}/devices", "", "unlinks all devices",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { p.UnlinkAll(); return nil, nil }),
		},
		{"DELETE /phones/{number}/devices/{id}", "", "unlinks a device", phoneAct(unlinkByPath)},
		{"POST /phones/{number}/devices/{id}/kick", "how", "ends its connection: cut, silence, replaced, 503, 515", phoneBody(kickByPath)},
		{
			"PUT /phones/{number}/online", "online", "opens or closes WhatsApp on the phone",
			phoneBody(func(p *Phone, b struct{ Online bool }, _ *http.Request) (any, error) {
				p.SetOnline(b.Online)
				return nil, nil
			}),
		},
		{
			"PUT /phones/{number}/passkey", "required", "makes the phone want a passkey before it links",
			phoneBody(func(p *Phone, b struct{ Required bool }, _ *http.Request) (any, error) {
				p.RequirePasskey(b.Required)
				return nil, nil
			}),
		},
		{"PUT /phones/{number}/ban", "seconds code", "locks the account out; 0 seconds: for good", phoneBody(banEntry)},
		{
			"DELETE /phones/{number}/ban", "", "lets the account in again",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { return nil, p.w.Unban(p.Number()) }),
		},
	}
}

// nonNil makes an empty list of none, so that JSON has [] and not null.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
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

func (w *World) phoneEntries() []phoneEntry {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]phoneEntry, 0, len(w.accounts))
	for _, a := range w.accounts {
		list = append(list, a.phone.entry())
	}
	slices.SortFunc(list, func(a, b phoneEntry) int { return cmp.Compare(a.Number, b.Number) })
	return list
}

func (w *World) addEntry(number, name string) (any, error) {
	p, err := w.AddPhone(number, name)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return p.entry(), nil
}

// deviceEntry is a linked device as the control API lists it.
type deviceEntry struct {
	ID       uint16 `json:"id"`
	JID      string `json:"jid"`
	Platform string `json:"platform"`
	LinkedAt int64  `json:"linkedAt"` // Unix seconds
	Online   bool   `json:"online"`
}

func (p *Phone) deviceEntries() []deviceEntry {
	list := []deviceEntry{}
	for _, d := range p.Devices() {
		list = append(list, deviceEntry{d.ID, d.JID.String(), d.Platform, d.LinkedAt.Unix(), d.Online})
	}
	return list
}

func unlinkByPath(p *Phone, r *http.Request) (any, error) {
	id, err := deviceID(r)
	if err != nil {
		return nil, err
	}
	return nil, p.Unlink(id)
}

func kickByPath(p *Phone, b struct{ How Kick }, r *http.Request) (any, error) {
	id, err := deviceID(r)
	if err != nil {
		return nil, err
	}
	return nil, p.Kick(id, b.How)
}

func banEntry(p *Phone, b struct{ Seconds, Code int }, _ *http.Request) (any, error) {
	if b.Seconds > 0 {
		return nil, p.w.BanFor(p.Number(), time.Duration(b.Seconds)*time.Second, b.Code)
	}
	return nil, p.w.Ban(p.Number())
}
