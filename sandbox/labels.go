package sandbox

import (
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/types"
)

// Label is a coloured mark that a business account puts on chats.
type Label struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Color int    `json:"color"` // index into WhatsApp's palette
}

// Labels lists the account's labels, whichever device has made them.
func (p *Phone) Labels() []Label {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var labels []Label
	for _, s := range p.settingsOf(appstate.IndexLabelEdit) {
		if edit := s.value.GetLabelEditAction(); len(s.index) > 1 && !edit.GetDeleted() {
			labels = append(labels, Label{s.index[1], edit.GetName(), int(edit.GetColor())})
		}
	}
	return labels
}

// EditLabel makes or changes a label.
func (p *Phone) EditLabel(l Label) error {
	return p.set(appstate.BuildLabelEdit(l.ID, l.Name, int32(l.Color), false))
}

// DeleteLabel removes a label; chats keep their marks of it, as at WhatsApp.
func (p *Phone) DeleteLabel(l Label) error {
	return p.set(appstate.BuildLabelEdit(l.ID, l.Name, int32(l.Color), true))
}

// LabelChat puts a label on a chat or takes it off.
func (p *Phone) LabelChat(labelID string, chat types.JID, labeled bool) error {
	return p.set(appstate.BuildLabelChat(chat, labelID, labeled))
}

// ChatLabels lists the ids of the labels on a chat.
func (p *Phone) ChatLabels(chat types.JID) []string {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	var ids []string
	for _, s := range p.settingsOf(appstate.IndexLabelAssociationChat) {
		if len(s.index) > 2 && s.index[2] == chat.String() && s.value.GetLabelAssociationAction().GetLabeled() {
			ids = append(ids, s.index[1])
		}
	}
	return ids
}

// SetPushName changes the name that others see.
func (p *Phone) SetPushName(name string) error { return p.set(appstate.BuildSettingPushName(name)) }

func (p *Phone) set(patch appstate.PatchInfo) error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.apply(patch)
}
