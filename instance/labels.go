package instance

import (
	"cmp"
	"context"
	"slices"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/types"

	"greengate/store"
)

// Label is a WhatsApp Business label. Color is WhatsApp's index, 0 to 19.
type Label struct {
	ID      string
	Name    string
	Color   int32
	Deleted bool
}

// Labels lists the labels of the account, by id, whichever device has made them.
func (i *Instance) Labels(ctx context.Context) ([]Label, error) {
	rows, err := i.store.Labels(ctx, int64(i.ID))
	var labels []Label
	for _, row := range rows {
		if !row.Deleted {
			labels = append(labels, Label(row))
		}
	}
	slices.SortFunc(labels, func(a, b Label) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID)) // they are numbers
	})
	return labels, err
}

// Label finds one label; KindNotFound when there is none.
func (i *Instance) Label(ctx context.Context, id string) (Label, error) {
	labels, err := i.Labels(ctx)
	if err != nil {
		return Label{}, err
	}
	at := slices.IndexFunc(labels, func(l Label) bool { return l.ID == id })
	if at < 0 {
		return Label{}, fail(KindNotFound, "no such label")
	}
	return labels[at], nil
}

// CreateLabel makes a new label and returns it with its id.
func (i *Instance) CreateLabel(ctx context.Context, name string, color int32) (Label, error) {
	if err := i.requireAuthorized(); err != nil {
		return Label{}, err
	}
	row := store.Label{Name: name, Color: color}
	err := i.store.Update(ctx, func(tx *store.Tx) (err error) { // taken first, so that nobody else takes the same id
		row, err = tx.AddLabel(int64(i.ID), row)
		return err
	})
	if err != nil {
		return Label{}, err
	}
	if err := i.EditLabel(ctx, Label(row)); err != nil {
		row.Deleted = true
		i.keepLabel(context.WithoutCancel(ctx), row)
		return Label{}, err
	}
	return Label(row), nil
}

// EditLabel creates, renames, recolours or deletes a label.
func (i *Instance) EditLabel(ctx context.Context, l Label) error {
	err := i.changeAppState(ctx, appstate.BuildLabelEdit(l.ID, l.Name, l.Color, l.Deleted))
	if err == nil {
		i.keepLabel(ctx, store.Label(l)) // the event of our own change comes later
	}
	return err
}

// keepLabel stores what became of a label.
func (i *Instance) keepLabel(ctx context.Context, l store.Label) {
	if err := i.store.Update(ctx, func(tx *store.Tx) error { return tx.PutLabel(int64(i.ID), l) }); err != nil {
		i.log.Error("label not stored", "error", err)
	}
}

// LabelChat attaches a label to a chat or takes it off.
func (i *Instance) LabelChat(ctx context.Context, labelID string, chat types.JID, attached bool) error {
	return i.changeAppState(ctx, appstate.BuildLabelChat(chat, labelID, attached))
}

// LabelMessage attaches a label to one message of a chat or takes it off; KindNotFound when the journal does not have the message.
func (i *Instance) LabelMessage(ctx context.Context, labelID string, chat types.JID, id MessageID, attached bool) error {
	if _, err := i.stored(ctx, chat, id); err != nil {
		return err
	}
	return i.changeAppState(ctx, appstate.BuildLabelMessage(chat, labelID, id, attached))
}
