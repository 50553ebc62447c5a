package handlers_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"greengate/handlers"
	"greengate/handlers/document"
)

// validDocument renders an interface as OpenAPI and reads it back.
func validDocument(t *testing.T, api document.API) *openapi3.T {
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
	return doc
}

func TestOpenAPIIsValidAndComplete(t *testing.T) {
	doc := validDocument(t, handlers.Document("https://wa.example.com", "1.0.0"))
	for _, row := range handlers.Methods() {
		item := doc.Paths.Value(row.Path())
		if item == nil || item.GetOperation(row.Verb) == nil {
			t.Errorf("%s %s is not described", row.Verb, row.Path())
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
		} {
			if a := s.get(path); a.status != 200 || !strings.Contains(a.body, want) {
				t.Errorf("%s: %d %.200s", path, a.status, a.body)
			}
		}
	})
}
