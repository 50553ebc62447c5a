package sandbox

import (
	"errors"
	"fmt"
	"net/http"

	"go.mau.fi/whatsmeow/types"
)

// controlGroups lists what a person does in groups.
func controlGroups() []controlRoute {
	return []controlRoute{
		{
			"GET /phones/{number}/groups", "", "the groups the person is in",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { return nonNil(p.Groups()), nil }),
		},
		{"POST /phones/{number}/groups", "subject members", "creates a group", phoneBody(createByEntry)},
		{
			"POST /phones/{number}/groups/join", "code", "joins a group by its invite code",
			phoneBody(func(p *Phone, b struct{ Code string }, _ *http.Request) (any, error) { return nil, p.JoinGroup(b.Code) }),
		},
		{"POST /phones/{number}/groups/{group}/{change}", "members", "add, remove, promote or demote", phoneBody(changeMembersByPath)},
		{
			"PUT /phones/{number}/groups/{group}/subject", "text", "renames a group",
			phoneBody(func(p *Phone, b struct{ Text string }, r *http.Request) (any, error) {
				return nil, onGroup(r, func(group types.JID) error { return p.SetGroupSubject(group, b.Text) })
			}),
		},
		{
			"PUT /phones/{number}/groups/{group}/picture", "(JPEG)", "sets a group's picture",
			phoneAct(func(p *Phone, r *http.Request) (any, error) {
				return nil, onGroup(r, func(group types.JID) error {
					return withPicture(r, func(jpeg []byte) error { return p.SetGroupPicture(group, jpeg) })
				})
			}),
		},
		{
			"DELETE /phones/{number}/groups/{group}", "", "leaves a group",
			phoneAct(func(p *Phone, r *http.Request) (any, error) { return nil, onGroup(r, p.LeaveGroup) }),
		},
	}
}

// onGroup acts on the group that a request's path names.
func onGroup(r *http.Request, act func(group types.JID) error) error {
	group, err := types.ParseJID(r.PathValue("group"))
	if err != nil {
		return malformedError{fmt.Errorf("read the group's id: %w", err)}
	}
	return act(group)
}

type groupBody struct {
	Subject string
	Members []string
}

func createByEntry(p *Phone, b groupBody, _ *http.Request) (any, error) {
	group, err := p.CreateGroup(b.Subject, b.Members...)
	return idEntry{group.String()}, err
}

func changeMembersByPath(p *Phone, b struct{ Members []string }, r *http.Request) (any, error) {
	change := map[string]func(group types.JID, numbers ...string) error{
		"add": p.AddToGroup, "remove": p.RemoveFromGroup, "promote": p.PromoteInGroup, "demote": p.DemoteInGroup,
	}[r.PathValue("change")]
	if change == nil {
		return nil, malformedError{errors.New("the change is add, remove, promote or demote")}
	}
	return nil, onGroup(r, func(group types.JID) error { return change(group, b.Members...) })
}
