package handlers_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greengate/sandbox"
)

func TestContactsAreWrittenIntoThePhoneBook(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.addPhone(otherNumber, "Bob")
		<-time.After(time.Second)
		expect := func(name string, inAddressBook bool) {
			t.Helper()
			synctest.Wait()
			action := s.phone.Setting("contact", personJID(otherNumber).String()).GetContactAction()
			if action.GetFullName() != name || action.GetSaveOnPrimaryAddressbook() != inAddressBook {
				t.Errorf("our phone has %v", action)
			}
			<-time.After(time.Second) // the rate of getContacts
			list := s.get(s.method("getContacts")).body
			if strings.Contains(list, `"contactName":"`+name+`"`) != (name != "") {
				t.Errorf("%q in %s", name, list)
			}
		}
		s.ok("addContact", `{"chatId":"`+bob+`","firstName":"Bob","lastName":"Builder"}`)
		expect("Bob Builder", true)
		s.ok("editContact", `{"chatId":"`+bob+`","firstName":"Robert","saveInAddressbook":false}`)
		expect("Robert", false)
		s.ok("deleteContact", `{"chatId":"`+bob+`"}`)
		expect("", false)
		s.ok("addContact", `{"chatId":"`+bob+`","firstName":"Bob"}`)
		expect("Bob", true)
	})
}

// A deletion is sealed by us, not by whatsmeow, on the version of the phone book that we know: it must work on one that has moved on.
func TestContactIsDeletedFromAPhoneBookThatHasMovedOn(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.addPhone(otherNumber, "Bob")
		<-time.After(time.Second)
		s.must(s.phone.SaveContact(personJID(otherNumber), "Bob"))
		synctest.Wait()
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultIQError, Code: 500, Match: "w:sync:app:state set"})) // we miss the next change
		s.must(s.phone.SaveContact(personJID("15550003333"), "Cleo"))
		synctest.Wait()
		s.ok("deleteContact", `{"chatId":"`+bob+`"}`)
		if s.phone.Setting("contact", personJID(otherNumber).String()) != nil {
			t.Error("our phone still has the contact")
		}
		if list := s.get(s.method("getContacts")).body; !strings.Contains(list, `"contactName":"Cleo"`) || strings.Contains(list, otherNumber) {
			t.Errorf("contacts: %s", list)
		}
	})
}

func TestAvatarComesAsNotification(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		phone := s.addPhone(otherNumber, "Bob")
		s.must(phone.SetPicture(drawing(t, 640, 640)))
		for _, number := range []string{otherNumber, "15550009999"} {
			s.ok("getAvatarAsync", `{"chatId":"`+number+`@c.us"}`)
			hooks := s.hooksOf("deviceInfo")
			if len(hooks) != 1 {
				t.Fatalf("notifications: %v", hooks)
			}
			info := hooks[0]["avatarInfo"].(map[string]any)
			exists := number == otherNumber
			if info["chatId"] != number+"@c.us" || info["existsWhatsapp"] != exists || (info["urlAvatar"] != "") != exists || info["reason"] != nil {
				t.Errorf("%v", info)
			}
		}
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultIQDrop, Match: "w:profile:picture get"}))
		s.ok("getAvatarAsync", `{"chatId":"`+bob+`"}`)
		<-time.After(time.Minute)
		if hooks := s.hooksOf("deviceInfo"); len(hooks) != 1 || hooks[0]["avatarInfo"].(map[string]any)["reason"] != "get avatar timeout limit exceeded" {
			t.Errorf("WhatsApp silent: %v", hooks)
		}
	})
}
