package sandbox

import (
	"fmt"
	"io"
	"net/http"
)

// controlProfile lists what a person shows of themselves and to whom.
func controlProfile() []controlRoute {
	return []controlRoute{
		{"GET /phones/{number}/profile", "", "name, about, picture as JPEG in base64, blocked, privacy", phoneAct(profileOf)},
		{
			"PUT /phones/{number}/picture", "(JPEG)", "sets the picture",
			phoneAct(func(p *Phone, r *http.Request) (any, error) { return nil, withPicture(r, p.SetPicture) }),
		},
		{
			"DELETE /phones/{number}/picture", "", "removes the picture",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { p.RemovePicture(); return nil, nil }),
		},
		{
			"PUT /phones/{number}/about", "text", "sets the text under the name",
			phoneBody(func(p *Phone, b struct{ Text string }, _ *http.Request) (any, error) { return nil, p.SetAbout(b.Text) }),
		},
		{
			"PUT /phones/{number}/privacy/{category}", "value", "chooses who may see a category: all, contacts, none, ...",
			phoneBody(func(p *Phone, b struct{ Value string }, r *http.Request) (any, error) {
				return nil, p.SetPrivacy(r.PathValue("category"), b.Value)
			}),
		},
		{
			"PUT /phones/{number}/blocked/{other}", "", "blocks a number",
			phoneAct(func(p *Phone, r *http.Request) (any, error) { return nil, p.Block(r.PathValue("other")) }),
		},
		{
			"DELETE /phones/{number}/blocked/{other}", "", "ends the block",
			phoneAct(func(p *Phone, r *http.Request) (any, error) { return nil, p.Unblock(r.PathValue("other")) }),
		},
	}
}

// profileEntry is a person as the control API shows them.
type profileEntry struct {
	Name    string            `json:"name"`
	About   string            `json:"about"`
	Picture []byte            `json:"picture"` // JPEG, null if not set
	Blocked []string          `json:"blocked"`
	Privacy map[string]string `json:"privacy"`
}

func profileOf(p *Phone, _ *http.Request) (any, error) {
	entry := profileEntry{About: p.About(), Picture: p.Picture(), Blocked: nonNil(p.Blocked()), Privacy: make(map[string]string)}
	for category := range privacyChoices {
		entry.Privacy[category] = p.Privacy(category)
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	entry.Name = p.account.pushName
	return entry, nil
}

// withPicture hands a request's body over as it is.
func withPicture(r *http.Request, set func(jpeg []byte) error) error {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return malformedError{fmt.Errorf("read the body: %w", err)}
	}
	return set(data)
}
