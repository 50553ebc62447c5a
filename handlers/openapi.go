package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"github.com/gin-gonic/gin"

	"greengate/handlers/document"
	"greengate/instance"
)

// documents serves what is generated from the table, so that a running server describes itself.
func documents(engine *gin.Engine, o Options) {
	serve := Document(o.PublicURL, o.Version).Serve(http.NotFoundHandler())
	engine.GET("/openapi.yaml", gin.WrapH(serve))
	engine.GET("/postman.json", gin.WrapH(serve))
}

// Document describes the method table. An empty publicURL stands for this server.
func Document(publicURL, version string) document.API {
	if publicURL == "" {
		publicURL = "/"
	}
	if version == "" {
		version = "dev"
	}
	api := document.API{
		Title: "greengate", URL: publicURL, Version: version,
		About:   "A GREEN-API-compatible WhatsApp server. Method names are matched without regard to case.",
		Success: "Done, or refused by WhatsApp as the body says",
		Failures: []document.Failure{
			{Status: http.StatusBadRequest, Body: true, Text: true, Meaning: "Bad input, or the instance is not ready: bare text or an error object"},
			{Status: http.StatusUnauthorized, Meaning: "Wrong token; no body"},
			{Status: http.StatusForbidden, Body: true, Text: true, Meaning: "No such instance"},
			{Status: http.StatusTooManyRequests, RetryAfter: true, Meaning: "More calls than the method allows"},
			{Status: statusQuota, Meaning: "A chat beyond limits.correspondents, as correspondentsStatus tells"},
		},
		Error:     reflect.TypeFor[envelope](),
		Variables: exampleValues(),
		Schemas: map[reflect.Type]document.Object{
			reflect.TypeFor[instance.YesNo]():  {"type": "string", "enum": []string{"yes", "no"}},
			reflect.TypeFor[phoneDigits]():     {"type": []string{"integer", "string"}, "description": "digits, international"},
			reflect.TypeFor[cardDigits]():      {"type": []string{"integer", "string"}, "description": "digits, international"},
			reflect.TypeFor[json.RawMessage](): {"type": "object"},
		},
	}
	for _, method := range runOrder(Methods()) {
		api.Rows = append(api.Rows, method.document())
	}
	return api
}

func (m *Method) document() document.Row {
	row := document.Row{
		Name: m.Name, Verb: m.Verb, Path: m.Path(), Folder: string(m.Section), Summary: m.Summary,
		Request: m.Request, Upload: m.Upload, Response: m.Response, Refused: m.Refused,
		Query: m.Query, Example: m.Example, Answer: m.Answer,
	}
	if custom, ok := reflect.New(m.Request).Interface().(interface{ schema() reflect.Type }); ok {
		row.Request = custom.schema()
	}
	for _, r := range remembered {
		if r.method == m.Name {
			row.Script = append(row.Script, fmt.Sprintf("pm.environment.set('%s', pm.response.json().%s);", r.variable, r.key))
		}
	}
	return row
}

// remembered are the variables that a run of the collection takes from answers, by their keys, for later requests.
var remembered = []struct{ method, variable, key string }{
	{"createInstance", "deleteIdInstance", "idInstance"},
	{"createGroup", "groupId", "chatId"},
	{"createGroup", "groupInviteLink", "groupInviteLink"},
	{"updateApiToken", "apiTokenInstance", "apiTokenInstance"},
	{"sendMessage", "idMessage", "idMessage"},
	{"sendFileByUpload", "urlFile", "urlFile"},
	{"sendTextStatus", "idMessageOfStatus", "idMessage"},
}

// runOrder puts partner methods first, since they need no linked account, and last what ends the message that others act on or the
// session, wants it ended, or ends the token.
func runOrder(rows []Method) []Method {
	rank := func(m Method) int {
		switch {
		case m.Section == SectionPartner:
			return 0
		case m.Name == "deleteMessage":
			return 2
		case m.Name == "logout":
			return 3
		case m.Name == "getAuthorizationCode":
			return 4
		case m.Name == "updateApiToken":
			return 5
		default:
			return 1
		}
	}
	slices.SortStableFunc(rows, func(a, b Method) int { return rank(a) - rank(b) })
	return rows
}

// exampleValues are the variables of examples; the Postman environment starts with them.
func exampleValues() map[string]string {
	return map[string]string{
		"idInstance":        "1101000001",
		"apiTokenInstance":  "0123456789abcdef0123456789abcdef0123456789abcdef01",
		"partnerToken":      "gac.0123456789abcdef0123456789abcdef0123456789abcdef01",
		"chatId":            "15550002222@c.us",
		"phoneNumber":       "15550002222",
		"deleteIdInstance":  "1101000002",
		"groupId":           "120363000000000001@g.us",
		"groupInviteLink":   "https://chat.whatsapp.com/AbCdEf0123456789AbCdEf",
		"idMessage":         "3EB0A1B2C3D4E5F60718AA",
		"idMessageOfFile":   "3A0C2F7B1D4E5A6B7C8D",
		"idMessageOfStatus": "3EB0A1B2C3D4E5F60718AB",
		"receiptId":         "1",
		"urlFile":           answerFile,
		"proxy":             "",
		"photo":             "media/testdata/sample.jpg",
	}
}
