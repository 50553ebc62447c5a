package clients

import (
	"os/exec"
	"strings"
	"testing"
)

func TestJavaScriptSDK(t *testing.T) {
	offers, err := exec.CommandContext(t.Context(), "node", "js/methods.mjs").Output()
	if err != nil {
		t.Fatal(err)
	}
	c := exercise(t, "JavaScript SDK", strings.Fields(string(offers))...)
	for _, section := range []string{"account", "sending", "receiving", "webhooks", "groups", "chats"} {
		c.section(section, func(t *testing.T, d demo) { d.run(t, "node", "js/"+section+".mjs") }, loopback)
	}
}
