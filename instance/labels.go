package instance

import (
	"cmp"
	"context"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/types"
)

// labelWithin is the time for one change of labels: fetching what others changed meanwhile, and the change itself.
const labelWithin = 15 * time.Second

var errNoLabelKeys = &Error{Kind: KindBusy, Detail: "the phone has not shared the keys of its labels yet", RetryAfter: 5 * time.Second}

// Label is a WhatsApp Business label. Color is WhatsApp's index, 0 to 19.
type Label struct {
	ID      string
	Name    string
	Color   int32
	Deleted bool
}

// EditLabel creates, renames, recolours or deletes a label.
func (i *Instance) EditLabel(ctx context.Context, l Label) error {
	return i.changeAppState(ctx, appstate.BuildLabelEdit(l.ID, l.Name, l.Color, l.Deleted))
}

// LabelChat attaches a label to a chat or takes it off.
func (i *Instance) LabelChat(ctx context.Context, labelID string, chat types.JID, attached bool) error {
	return i.changeAppState(ctx, appstate.BuildLabelChat(chat, labelID, attached))
}

func (i *Instance) changeAppState(ctx context.Context, patch appstate.PatchInfo) error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	_, err := ask(ctx, i, labelWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		if key, err := client.Store.AppStateKeys.GetLatestAppStateSyncKeyID(ctx); err != nil || len(key) == 0 {
			return struct{}{}, cmp.Or[error](err, errNoLabelKeys)
		}
		return struct{}{}, client.SendAppState(ctx, patch)
	})
	return err
}
