package sandbox

import (
	"fmt"
	"io"
	"net/http"
)

func (w *World) addProfileControl(mux *http.ServeMux) {
	mux.HandleFunc("GET /phones/{number}/profile", w.onPhone(controlProfile))
	mux.HandleFunc("PUT /phones/{number}/picture", w.onPhone(func(p *Phone, r *http.Request) (any, error) {
		return struct{}{}, withPicture(r, p.SetPicture)
	}))
	mux.HandleFunc("DELETE /phones/{number}/picture", w.onPhone(func(p *Phone, _ *http.Request) (any, error) {
		p.RemovePicture()
		return struct{}{}, nil
	}))
	mux.HandleFunc("PUT /phones/{number}/about", w.onPhone(func(p *Phone, r *http.Request) (any, error) {
		return struct{}{}, withText(r, p.SetAbout)
	}))
	mux.HandleFunc("PUT /phones/{number}/privacy", w.onPhone(controlPrivacy))
	mux.HandleFunc("PUT /phones/{number}/blocked/{other}", w.onPhone(func(p *Phone, r *http.Request) (any, error) {
		return struct{}{}, p.Block(r.PathValue("other"))
	}))
	mux.HandleFunc("DELETE /phones/{number}/blocked/{other}", w.onPhone(func(p *Phone, r *http.Request) (any, error) {
		return struct{}{}, p.Unblock(r.PathValue("other"))
	}))
}

// profileEntry is a person as the control API shows them.
type profileEntry struct {
	phoneEntry
	About   string            `json:"about"`
	Picture []byte            `json:"picture"` // JPEG
	Blocked []string          `json:"blocked"`
	Privacy map[string]string `json:"privacy"`
}

func controlProfile(p *Phone, _ *http.Request) (any, error) {
	p.w.mu.Lock()
	entry := profileEntry{phoneEntry: p.entry(), Privacy: make(map[string]string)}
	for category := range privacyChoices {
		entry.Privacy[category] = p.account.privacyOf(category)
	}
	p.w.mu.Unlock()
	entry.About, entry.Picture = p.About(), p.Picture()
	entry.Blocked = append([]string{}, p.Blocked()...)
	return entry, nil
}

func controlPrivacy(p *Phone, r *http.Request) (any, error) {
	body, err := readBody[struct{ Category, Value string }](r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, p.SetPrivacy(body.Category, body.Value)
}

// withPicture hands the body over as it is.
func withPicture(r *http.Request, set func(jpeg []byte) error) error {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return &malformedError{fmt.Errorf("read the body: %w", err)}
	}
	return set(data)
}

// withText hands over the text of a JSON body.
func withText(r *http.Request, set func(text string) error) error {
	body, err := readBody[struct{ Text string }](r)
	if err != nil {
		return err
	}
	return set(body.Text)
}
