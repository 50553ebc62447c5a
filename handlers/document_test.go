package handlers_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"greengate/handlers"
	"greengate/handlers/document"
	"greengate/handlers/gowa"
	"greengate/handlers/wahost"
	"greengate/handlers/wuts"
)

func TestOpenAPIIsValidAndComplete(t *testing.T) {
	for name, api := range map[string]document.API{
		"GREEN-API": handlers.Document("https://wa.example.com", "1.0.0"),
		"GOWA":      gowa.Document("/gowa", "1.0.0"),
		"wahost":    wahost.Document("/wahost", "1.0.0"),
		"WUTS":      wuts.Document("/wuts", "1.0.0"),
	} {
		t.Run(name, func(t *testing.T) { checkOpenAPI(t, api) })
	}
}

func checkOpenAPI(t *testing.T, api document.API) {
	t.Helper()
	data, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	for _, row := range api.Rows {
		item := doc.Paths.Value(row.Path)
		if item == nil || item.GetOperation(row.Verb) == nil {
			t.Errorf("%s %s is not described", row.Verb, row.Path)
		}
	}
}

func TestDocumentsAreServed(t *testing.T) {
	inBubble(t, func(s *stack) {
		for path, want := range map[string]string{
			"/openapi.yaml": "openapi: 3.1.0",
			"/postman.json": `"name": "setProfilePicture"`,
			"/healthz":      "ok",
			"/readyz":       "ready",
			"/metrics":      `greengate_instances{state="notAuthorized"} 1`,
			"/":             "greengate",

			"/wuts/openapi.yaml": "/profile/picture",
			"/wuts/postman.json": `"name": "setProfilePicture"`,
		} {
			if a := s.get(path); a.status != 200 || !strings.Contains(a.body, want) {
				t.Errorf("%s: %d %.200s", path, a.status, a.body)
			}
		}
	})
}
