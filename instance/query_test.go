package instance

import (
	"context"
	"log/slog"
	"testing"
	"time"

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

func TestAPanicOfWhatsmeowEndsItsCallAlone(t *testing.T) {
	i := &Instance{client: &whatsmeow.Client{}, log: slog.New(slog.DiscardHandler)}
	i.link.phase = phaseOpen
	_, err := query(t.Context(), i, time.Minute, false, func(context.Context, *whatsmeow.Client) (bool, error) { panic("no such stanza") })
	if AsError(err).Kind != KindInternal {
		t.Error(err)
	}
	i.endQueries()
}
