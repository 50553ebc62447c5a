package clients

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	greenapi "github.com/green-api/whatsapp-api-client-golang-v2"
)

func TestGoSDK(t *testing.T) {
	c := exercise(t, "Go SDK", methodsOf(greenapi.AccountCategory{}, greenapi.SendingCategory{}, greenapi.ReceivingCategory{},
		greenapi.JournalsCategory{}, greenapi.QueuesCategory{}, greenapi.GroupsCategory{}, greenapi.StatusesCategory{},
		greenapi.ServiceCategory{}, greenapi.ReadMarkCategory{}, greenapi.PartnerCategory{})...)
	c.section("account", sdkAccount)
	c.section("sending", sdkSending, loopback)
	c.section("receiving", sdkReceiving)
	c.section("groups", sdkGroups)
	c.section("statuses", sdkStatuses, loopback)
	c.section("service", sdkService)
	c.section("partner", sdkPartner)
}

// methodsOf lists the methods of the SDK's categories. They are named as the server's, but for their case.
func methodsOf(categories ...any) []string {
	var names []string
	for _, category := range categories {
		for method := range reflect.TypeOf(category).Methods() {
			names = append(names, method.Name)
		}
	}
	return names
}

func (d demo) api() *greenapi.GreenAPI {
	return &greenapi.GreenAPI{APIURL: d["apiUrl"], MediaURL: d["apiUrl"], IDInstance: d["idInstance"], APITokenInstance: d["apiTokenInstance"]}
}

type object = map[string]any

// read checks an answer of the SDK and decodes it. The SDK reuses the memory of a body for the next call, so it is done at once.
func read[T any](t *testing.T, response *greenapi.APIResponse, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", response.StatusCode, response.Body)
	}
	var answer T
	if err := json.Unmarshal(response.Body, &answer); err != nil {
		t.Fatalf("%q: %v", response.Body, err)
	}
	return answer
}

// expect takes an answer of the SDK and checks one of its keys.
func expect(t *testing.T, key string, want any) func(*greenapi.APIResponse, error) object {
	return func(response *greenapi.APIResponse, err error) object {
		t.Helper()
		answer := read[object](t, response, err)
		if answer[key] != want {
			t.Errorf("%s: got %#v, want %#v in %v", key, answer[key], want, answer)
		}
		return answer
	}
}

// list takes an answer of the SDK that is a list.
func list(t *testing.T) func(*greenapi.APIResponse, error) []object {
	return func(response *greenapi.APIResponse, err error) []object {
		t.Helper()
		return read[[]object](t, response, err)
	}
}

// done takes an answer of the SDK that says nothing.
func done(t *testing.T) func(*greenapi.APIResponse, error) {
	return func(response *greenapi.APIResponse, err error) {
		t.Helper()
		if err != nil || response.StatusCode != http.StatusOK || len(response.Body) > 0 {
			t.Fatalf("%v %+v", err, response)
		}
	}
}

// find is the entry of a list in which a key has a value.
func find(t *testing.T, all []object, key string, value any) object {
	t.Helper()
	for _, one := range all {
		if one[key] == value {
			return one
		}
	}
	t.Fatalf("nothing with %s %v in %v", key, value, all)
	return nil
}

// sdkAccount sets all there is to set, and then links the account again by code, as a program without a screen does.
func sdkAccount(t *testing.T, d demo) {
	c := d.api().Account()
	expect(t, "stateInstance", "authorized")(c.GetStateInstance())
	expect(t, "statusInstance", "online")(c.GetStatusInstance())
	expect(t, "saveSettings", true)(c.SetSettings(greenapi.OptionalWebhookUrl("https://example.com/hook"),
		greenapi.OptionalWebhookUrlToken("secret"), greenapi.OptionalDelaySendMessages(3000), greenapi.OptionalMarkIncomingMessagesRead(true),
		greenapi.OptionalMarkIncomingMessagesReadOnReply(true), greenapi.OptionalOutgoingWebhook(true),
		greenapi.OptionalOutgoingMessageWebhook(true), greenapi.OptionalOutgoingAPIMessageWebhook(true), greenapi.OptionalStateWebhook(true),
		greenapi.OptionalIncomingWebhook(true), greenapi.OptionalDeviceWebhook(true), greenapi.OptionalKeepOnlineStatus(true),
		greenapi.OptionalPollMessageWebhook(true), greenapi.OptionalIncomingBlockWebhook(true), greenapi.OptionalIncomingCallWebhook(true),
		greenapi.OptionalEditedMessageWebhook(true), greenapi.OptionalDeletedMessageWebhook(true)))
	settings := expect(t, "webhookUrl", "https://example.com/hook")(c.GetSettings())
	want := object{
		"webhookUrlToken": "secret", "delaySendMessagesMilliseconds": 3000.0, "markIncomingMessagesReaded": "yes",
		"markIncomingMessagesReadedOnReply": "yes", "outgoingWebhook": "yes", "outgoingMessageWebhook": "yes", "outgoingAPIMessageWebhook": "yes",
		"stateWebhook": "yes", "incomingWebhook": "yes", "deviceWebhook": "yes", "keepOnlineStatus": "yes", "pollMessageWebhook": "yes",
		"incomingBlockWebhook": "yes", "incomingCallWebhook": "yes", "editedMessageWebhook": "yes", "deletedMessageWebhook": "yes",
	}
	for key := range want {
		if settings[key] != want[key] {
			t.Errorf("%s: got %#v, want %#v", key, settings[key], want[key])
		}
	}
	expect(t, "type", "alreadyLogged")(c.QR())
	expect(t, "setProfilePicture", true)(c.SetProfilePicture(photo))
	if avatar, _ := expect(t, "phone", d["number"])(c.GetWaSettings())["avatar"].(string); !strings.HasPrefix(avatar, "http") {
		t.Errorf("no avatar after a picture was set: %q", avatar)
	}
	expect(t, "isReboot", true)(c.Reboot())
	expect(t, "isLogout", true)(c.Logout())
	d.linkByCode(t, c, d["number"])
}

// linkByCode types a code on the phone of a number, and waits until the account that it is for can be used.
func (d demo) linkByCode(t *testing.T, account greenapi.AccountCategory, number string) {
	t.Helper()
	code := expect(t, "status", true)(account.GetAuthorizationCode(digits(t, number)))["code"]
	d.phones(t, http.MethodPost, "/"+number+"/code", object{"code": code}, nil)
	eventually(t, "the account is authorized", func() bool {
		response, err := account.GetStateInstance()
		return read[object](t, response, err)["stateInstance"] == "authorized"
	})
}

func digits(t *testing.T, number string) int {
	t.Helper()
	n, err := strconv.Atoi(numberOf(number))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sdkPartner(t *testing.T, d demo) {
	partner := greenapi.PartnerCategory{GreenAPIPartner: partnerHost(d)}
	created := expect(t, "typeInstance", "whatsapp")(partner.CreateInstance(greenapi.OptionalName("Shop"), greenapi.OptionalStateWebhook(true)))
	if shop := find(t, list(t)(partner.GetInstances()), "name", "Shop"); shop["apiTokenInstance"] != created["apiTokenInstance"] {
		t.Errorf("%v", shop)
	}
	expect(t, "deleteInstanceAccount", true)(partner.DeleteInstanceAccount(uint(created["idInstance"].(float64))))
}

// partnerHost is the one seam of the SDK's partner calls: it has GREEN-API's host written in and cannot be pointed elsewhere otherwise.
type partnerHost demo

func (h partnerHost) PartnerRequest(verb, method string, body []byte) (*greenapi.APIResponse, error) {
	request, err := http.NewRequest(verb, fmt.Sprintf("%s/partner/%s/%s", h["apiUrl"], method, h["partnerToken"]), strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return &greenapi.APIResponse{StatusCode: response.StatusCode, Body: answer}, err
}
