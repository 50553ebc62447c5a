package sandbox

import (
	"errors"
	"fmt"
	"net/http"

	"go.mau.fi/whatsmeow/types"
)

func (w *World) addGroupControl(mux *http.ServeMux) {
	mux.HandleFunc("GET /phones/{number}/groups", w.onPhone(func(p *Phone, _ *http.Request) (any, error) {
		return append([]Group{}, p.Groups()...), nil
	}))
	mux.HandleFunc("POST /phones/{number}/groups", w.onPhone(controlCreateGroup))
	mux.HandleFunc("POST /phones/{number}/groups/join", w.onPhone(controlJoinGroup))
	mux.HandleFunc("POST /phones/{number}/groups/{group}/{change}", w.onGroup(controlMembers))
	mux.HandleFunc("PUT /phones/{number}/groups/{group}/subject", w.onGroup(func(p *Phone, group types.JID, r *http.Request) error {
		return withText(r, func(text string) error { return p.SetGroupSubject(group, text) })
	}))
	mux.HandleFunc("PUT /phones/{number}/groups/{group}/picture", w.onGroup(func(p *Phone, group types.JID, r *http.Request) error {
		return withPicture(r, func(jpeg []byte) error { return p.SetGroupPicture(group, jpeg) })
	}))
	mux.HandleFunc("DELETE /phones/{number}/groups/{group}", w.onGroup(func(p *Phone, group types.JID, _ *http.Request) error {
		return p.LeaveGroup(group)
	}))
}

// onGroup is onPhone for an action on the group that the path names.
func (w *World) onGroup(act func(p *Phone, group types.JID, r *http.Request) error) http.HandlerFunc {
	return w.onPhone(func(p *Phone, r *http.Request) (any, error) {
		group, err := types.ParseJID(r.PathValue("group"))
		if err != nil {
			return nil, &malformedError{fmt.Errorf("read the group's id: %w", err)}
		}
		return struct{}{}, act(p, group, r)
	})
}

func controlCreateGroup(p *Phone, r *http.Request) (any, error) {
	body, err := readBody[struct {
		Subject string
		Members []string
	}](r)
	if err != nil {
		return nil, err
	}
	group, err := p.CreateGroup(body.Subject, body.Members...)
	return map[string]types.JID{"id": group}, err
}

func controlJoinGroup(p *Phone, r *http.Request) (any, error) {
	body, err := readBody[struct{ Code string }](r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, p.JoinGroup(body.Code)
}

func controlMembers(p *Phone, group types.JID, r *http.Request) error {
	changes := map[string]func(group types.JID, numbers ...string) error{
		"add": p.AddToGroup, "remove": p.RemoveFromGroup, "promote": p.PromoteInGroup, "demote": p.DemoteInGroup,
	}
	change := changes[r.PathValue("change")]
	if change == nil {
		return &malformedError{errors.New("the change is add, remove, promote or demote")}
	}
	body, err := readBody[struct{ Members []string }](r)
	if err != nil {
		return err
	}
	return change(group, body.Members...)
}
