package gowa

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestParseUserRefuses(t *testing.T) {
	for _, text := range []string{"ann:hunter2", "/ann:hunter2", "acme/:hunter2", "acme/ann:", "acme/hunter2", "hunter2"} {
		if user, err := ParseUser(text); err == nil || user != (User{}) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, %v", text, user, err)
		}
	}
}

func TestTenantOfCredentials(t *testing.T) {
	var s server
	for _, text := range []string{"acme/ann:a:b/c", "other/bob:secret", "acme/eve:same", "other/eve:same"} {
		user, err := ParseUser(text)
		if err != nil {
			t.Fatal(err)
		}
		s.config.Users = append(s.config.Users, user)
	}
	for _, test := range []struct{ name, password, want string }{
		{"ann", "a:b/c", "acme"},
		{"bob", "secret", "other"},
		{"ann", "secret", ""},
		{"bob", "", ""},
		{"", "", ""},
		{"other/bob", "secret", ""},
		{"eve", "same", ""}, // of two tenants
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.SetBasicAuth(test.name, test.password)
		if tenant, ok := s.tenant(r); ok != (test.want != "") || ok && tenant != test.want {
			t.Errorf("%s, %s: %q, %v", test.name, test.password, tenant, ok)
		}
	}
}
