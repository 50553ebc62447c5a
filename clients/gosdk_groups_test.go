package clients

import (
	"net/http"
	"testing"
)

// third is the number of somebody beside the account and its contact.
const third = "15550003333"

// sdkGroups makes a group, changes whatever can be changed of it, and leaves it.
func sdkGroups(t *testing.T, d demo) {
	c, contact, cleo := d.api().Groups(), d["contact"], third+"@c.us"
	d.phones(t, http.MethodPost, "", object{"number": third, "name": "Cleo"}, nil)
	group := expect(t, "created", true)(c.CreateGroup("Gardeners", []string{contact}))["chatId"].(string)
	expect(t, "addParticipant", true)(c.AddGroupParticipant(group, cleo))
	expect(t, "setGroupAdmin", true)(c.SetGroupAdmin(group, cleo))
	expect(t, "removeAdmin", true)(c.RemoveAdmin(group, cleo))
	expect(t, "updateGroupName", true)(c.UpdateGroupName(group, "Cooks"))
	picture := expect(t, "setGroupPicture", true)(c.SetGroupPicture(photo, group))
	if picture["reason"] != "" {
		t.Errorf("%v", picture)
	}
	expect(t, "subject", "Cooks")(c.GetGroupData(group))
	var seen []struct {
		Subject string
		Picture []byte
		Members []struct{ Number string }
	}
	d.phones(t, http.MethodGet, "/"+third+"/groups", nil, &seen)
	if len(seen) != 1 || seen[0].Subject != "Cooks" || len(seen[0].Picture) == 0 || len(seen[0].Members) != 3 {
		t.Errorf("what a member sees: %+v", seen)
	}
	expect(t, "removeParticipant", true)(c.RemoveGroupParticipant(group, cleo))
	expect(t, "leaveGroup", true)(c.LeaveGroup(group))
}
