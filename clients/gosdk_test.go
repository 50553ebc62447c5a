package clients

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	greenapi "github.com/green-api/whatsapp-api-client-golang-v2"
	chatbot "github.com/green-api/whatsapp-chatbot-golang"
)

// read checks an answer of the SDK and decodes it. The SDK reuses the memory of a body for the next call, so it is done at once.
func read(t *testing.T, response *greenapi.APIResponse, err error) map[string]any {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", response.StatusCode, response.Body)
	}
	var answer map[string]any
	if err := json.Unmarshal(response.Body, &answer); err != nil {
		t.Fatalf("%q: %v", response.Body, err)
	}
	return answer
}

// expect checks one field of an answer.
func expect(t *testing.T, answer map[string]any, key string, want any) {
	t.Helper()
	if got := answer[key]; got != want {
		t.Errorf("%s: got %#v, want %#v in %v", key, got, want, answer)
	}
}

func (d demo) api() greenapi.GreenAPI {
	return greenapi.GreenAPI{APIURL: d["apiUrl"], MediaURL: d["apiUrl"], IDInstance: d["idInstance"], APITokenInstance: d["apiTokenInstance"]}
}

func TestGoSDK(t *testing.T) {
	d := startDemo(t)
	api := d.api()
	number := account(t, &api)
	service(t, &api, d["contact"])
	linkAgain(t, &api, d, number)
}

// account makes the calls of the section Account on a linked instance and returns its number.
func account(t *testing.T, api *greenapi.GreenAPI) (number string) {
	t.Helper()
	c := api.Account()
	response, err := c.GetStateInstance()
	expect(t, read(t, response, err), "stateInstance", "authorized")
	response, err = c.GetStatusInstance()
	expect(t, read(t, response, err), "statusInstance", "online")
	response, err = c.SetSettings(greenapi.OptionalIncomingWebhook(true), greenapi.OptionalDelaySendMessages(3000),
		greenapi.OptionalWebhookUrl("https://example.com/hook"))
	expect(t, read(t, response, err), "saveSettings", true)
	response, err = c.GetSettings()
	settings := read(t, response, err)
	expect(t, settings, "incomingWebhook", "yes")
	expect(t, settings, "delaySendMessagesMilliseconds", 3000.0)
	expect(t, settings, "webhookUrl", "https://example.com/hook")
	response, err = c.QR()
	expect(t, read(t, response, err), "type", "alreadyLogged")
	response, err = c.SetProfilePicture(photo)
	picture := read(t, response, err)
	expect(t, picture, "setProfilePicture", true)
	expect(t, picture, "reason", nil)
	response, err = c.GetWaSettings()
	wa := read(t, response, err)
	expect(t, wa, "stateInstance", "authorized")
	if avatar, _ := wa["avatar"].(string); !strings.HasPrefix(avatar, "http") {
		t.Errorf("no avatar after a picture was set: %q", avatar)
	}
	return wa["phone"].(string)
}

// service makes the calls of the section Service about a person and about nobody.
func service(t *testing.T, api *greenapi.GreenAPI, contact string) {
	t.Helper()
	c := api.Service()
	number, err := strconv.Atoi(strings.TrimSuffix(contact, "@c.us"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.CheckWhatsapp(number)
	expect(t, read(t, response, err), "existsWhatsapp", true)
	response, err = c.CheckWhatsapp(15559999999)
	expect(t, read(t, response, err), "existsWhatsapp", false)
	response, err = c.GetContactInfo(contact)
	expect(t, read(t, response, err), "chatId", contact)
	response, err = c.GetAvatar(contact)
	expect(t, read(t, response, err), "available", true)
}

// linkAgain logs out and links the account by code, as a program without a screen does.
func linkAgain(t *testing.T, api *greenapi.GreenAPI, d demo, number string) {
	t.Helper()
	c := api.Account()
	response, err := c.Logout()
	expect(t, read(t, response, err), "isLogout", true)
	digits, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	response, err = c.GetAuthorizationCode(digits)
	code := read(t, response, err)
	expect(t, code, "status", true)
	d.typeCode(t, number, code["code"].(string))
	response, err = c.Reboot()
	expect(t, read(t, response, err), "isReboot", true)
}

func TestGoSDKPartner(t *testing.T) {
	d := startDemo(t)
	partner := greenapi.PartnerCategory{GreenAPIPartner: partnerHost(d)}
	response, err := partner.CreateInstance(greenapi.OptionalName("Shop"), greenapi.OptionalStateWebhook(true))
	created := read(t, response, err)
	expect(t, created, "typeInstance", "whatsapp")
	response, err = partner.GetInstances()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(response.Body, &list); err != nil || len(list) != 2 {
		t.Fatalf("%s: %v", response.Body, err)
	}
	expect(t, list[1], "name", "Shop")
	expect(t, list[1], "apiTokenInstance", created["apiTokenInstance"])
	response, err = partner.DeleteInstanceAccount(uint(created["idInstance"].(float64)))
	expect(t, read(t, response, err), "deleteInstanceAccount", true)
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

func TestGoChatbot(t *testing.T) {
	d := startDemo(t)
	bot := chatbot.NewBot(d["idInstance"], d["apiTokenInstance"])
	bot.GreenAPI = d.api()
	account(t, &bot.GreenAPI)
}
