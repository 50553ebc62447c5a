package wuts

import (
	"net/http"
	"strings"
	"testing"
)

const token = "6f0c1f4e-3a52-4a7e-9d0c-2b7f5e1c9a11"

func TestParseUser(t *testing.T) {
	user, err := ParseUser("acme/manager/" + token)
	if err != nil || user.tenant != "acme" || user.role != roleManager {
		t.Errorf("%v, %v", user, err)
	}
	for _, text := range []string{
		"", "acme", "acme/user", "/user/" + token, "acme//" + token, "acme/owner/" + token, "acme/user/hunter2",
		"acme/user/" + strings.ToUpper(token), "acme/user/{" + token + "}", "acme/user/urn:uuid:" + token,
		"acme/user/6f0c1f4e-3a52-1a7e-9d0c-2b7f5e1c9a11", "acme/user/" + token + "/more",
	} {
		if _, err := ParseUser(text); err == nil || strings.Contains(err.Error(), "6f0c") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestUserOf(t *testing.T) {
	user, err := ParseUser("acme/user/" + token)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]bool{
		token: true, "Bearer " + token: true, "bearer " + token: true, "BEARER  " + token + " ": true,
		"": false, "Bearer": false, "Bearer ": false, "Basic " + token: false, "Bearer Bearer " + token: false,
		"Bearer " + token + "x": false, "Bearer " + strings.ToUpper(token): false,
	} {
		if got, ok := userOf([]User{user}, http.Header{"Authorization": {header}}); ok != want || ok && got.tenant != "acme" {
			t.Errorf("%q: %v %v", header, got, ok)
		}
	}
}
