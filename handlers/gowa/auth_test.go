package gowa

import (
	"strings"
	"testing"
)

func TestParseUsersRefuses(t *testing.T) {
	for name, texts := range map[string][]string{
		"no tenant":       {"ann:hunter2"},
		"empty tenant":    {"/ann:hunter2"},
		"no name":         {"acme/:hunter2"},
		"no password":     {"acme/ann:"},
		"no colon":        {"acme/hunter2"},
		"the same name":   {"acme/ann:hunter2", "other/ann:hunter2"},
		"the second only": {"acme/ann:hunter2", "hunter2"},
	} {
		users, err := ParseUsers(texts)
		if err == nil || users != nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, %v", name, users, err)
		}
	}
}

func TestParseUsersTakesColonsAndSlashesInPasswords(t *testing.T) {
	users, err := ParseUsers([]string{"acme/ann:a:b/c"})
	if err != nil || len(users) != 1 || users[0].Tenant != "acme" || users[0].name != "ann" {
		t.Errorf("%v, %v", users, err)
	}
}
