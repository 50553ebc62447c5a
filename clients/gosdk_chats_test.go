package clients

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	greenapi "github.com/green-api/whatsapp-api-client-golang-v2"
)

// sdkService asks about people, and changes messages and a chat that are there.
func sdkService(t *testing.T, d demo) {
	api, contact := d.api(), d["contact"]
	c := api.Service()
	expect(t, "saveSettings", true)(api.Account().SetSettings(greenapi.OptionalDelaySendMessages(0), greenapi.OptionalIncomingWebhook(true)))
	expect(t, "existsWhatsapp", true)(c.CheckWhatsapp(digits(t, contact)))
	expect(t, "existsWhatsapp", false)(c.CheckWhatsapp(15559999999))
	expect(t, "chatId", contact)(c.GetContactInfo(contact))
	expect(t, "available", true)(c.GetAvatar(contact))
	d.phones(t, http.MethodPut, "/"+d["number"]+"/contacts/"+numberOf(contact), object{"name": "Ben Brown"}, nil)
	eventually(t, "the contact has a name", func() bool {
		return slices.ContainsFunc(list(t)(c.GetContacts()), func(c object) bool { return c["id"] == contact && c["contactName"] == "Ben Brown" })
	})

	response, err := api.Sending().SendMessage(contact, "Tomorow")
	id, _ := read[object](t, response, err)["idMessage"].(string)
	d.arrived(t, id)
	response, err = c.EditMessage(contact, id, "Tomorrow")
	edit, _ := read[object](t, response, err)["idMessage"].(string)
	d.arrived(t, edit)
	done(t)(c.DeleteMessage(contact, id))
	eventually(t, "the message is deleted", func() bool {
		response, err := api.Journals().GetMessage(contact, id)
		return read[object](t, response, err)["isDeleted"] == true
	})

	sdkRead(t, d)
	done(t)(c.ArchiveChat(contact))
	done(t)(c.UnarchiveChat(contact))
	expect(t, "disappearingMessagesInChat", true)(c.SetDisappearingChat(contact, 86400))
}

// sdkRead marks what the contact wrote as read, one message first.
func sdkRead(t *testing.T, d demo) {
	t.Helper()
	contact, marks := d["contact"], d.api().ReadMark()
	first := d.says(t, "Hello")
	sdkNext(t, d.api())
	second := d.says(t, "Hello?")
	sdkNext(t, d.api())
	expect(t, "setRead", true)(marks.ReadChat(contact, greenapi.OptionalIdMessage(first)))
	expect(t, "setRead", true)(marks.ReadChat(contact))
	eventually(t, "the contact knows that both were read", func() bool {
		var receipts []struct {
			IDs  []string
			Type string
		}
		d.phones(t, http.MethodGet, "/"+numberOf(contact)+"/receipts", nil, &receipts)
		read := []string{}
		for _, r := range receipts {
			if strings.HasPrefix(r.Type, "read") {
				read = append(read, r.IDs...)
			}
		}
		return slices.Contains(read, first) && slices.Contains(read, second)
	})
}
