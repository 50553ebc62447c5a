package instance

import (
	"testing"

	"go.mau.fi/whatsmeow"
)

// A client that waits to be linked lacks the stores that whatsmeow's calls need.
func TestOnlyTheClientOfALinkedAccountIsAsked(t *testing.T) {
	i := &Instance{client: &whatsmeow.Client{}}
	i.link.phase = phaseOpen
	if client, _ := i.usableClient(true); client != nil {
		t.Error("an unlinked client is handed out for a linked account")
	}
	if client, _ := i.usableClient(false); client == nil {
		t.Error("an open client cannot be linked")
	}
}
