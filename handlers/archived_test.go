package handlers_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var timestamp = regexp.MustCompile(`,"timestamp":\d+`)

// TestArchivedNotifications looks at those that GREEN-API keeps for old programs.
func TestArchivedNotifications(t *testing.T) {
	inBubble(t, func(s *stack) {
		bob := s.addPhone(otherNumber, "Bob")
		s.set("statusInstanceWebhook", "deviceWebhook", "incomingBlockWebhook")
		s.link()
		_, err := bob.SendText(s.t.Context(), s.phone.JID(), "Block me") // else only his LID is known
		s.must(err)
		s.settle()
		s.must(s.phone.Block(bob.Number()))
		s.settle()
		s.must(s.phone.Unblock(bob.Number()))
		s.settle()
		s.must(s.phone.Kick(s.phone.Devices()[0].ID, "cut"))
		s.settle() // a short drop is none
		s.instance().Sleep()
		<-time.After(time.Second)
		var got []string
		for _, body := range s.bodies() {
			got = append(got, timestamp.ReplaceAllString(s.mask(string(body)), ""))
		}
		about := `"instanceData":{"idInstance":{id},"wid":"` + ownNumber + `@c.us","typeInstance":"whatsapp"}`
		want := []string{
			`{"typeWebhook":"statusInstanceChanged",` + about + `,"statusInstance":"online"}`,
			`{"typeWebhook":"deviceInfo",` + about + `,"deviceData":{"platform":"android","deviceManufacturer":"","deviceModel":"","osVersion":"",` +
				`"waVersion":"","battery":0}}`,
			`{"typeWebhook":"incomingBlock",` + about + `,"chatId":"` + otherNumber + `@c.us","chatState":"blocked"}`,
			`{"typeWebhook":"incomingBlock",` + about + `,"chatId":"` + otherNumber + `@c.us","chatState":"unblocked"}`,
			`{"typeWebhook":"statusInstanceChanged",` + about + `,"statusInstance":"offline"}`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
