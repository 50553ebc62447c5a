package instance

import (
	"errors"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

// applyChange carries an edit or a deletion out on the message it means, if that is known. The content of a deleted message stays.
func applyChange(tx *store.Tx, row store.Message, message *waE2E.Message) error {
	typ, change := MessageType(row.Type), message.GetProtocolMessage()
	if typ != TypeDeleted && typ != TypeEdited {
		return nil
	}
	target, err := tx.Message(row.InstanceID, row.ChatID, change.GetKey().GetID())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	switch {
	case !mayChange(row, target):
		return nil
	case typ == TypeDeleted:
		target.DeletedID = row.ID
	default:
		if err := edit(&target, change.GetEditedMessage()); err != nil {
			return err
		}
		target.EditedID = row.ID
	}
	return tx.UpdateMessage(target)
}

// mayChange tells whether the author of a change may make it: everybody their own, and the admins of a group, which WhatsApp checks, may
// delete those of others. What the API does was looked at before.
func mayChange(row, target store.Message) bool {
	own := row.Outgoing == target.Outgoing && row.SenderID == target.SenderID
	return own || row.ByAPI || MessageType(row.Type) == TypeDeleted && isGroup(ChatID(row.ChatID))
}

// edit puts new words into a stored message: texts are replaced, files keep all but their caption.
func edit(target *store.Message, edited *waE2E.Message) error {
	message := &waE2E.Message{}
	if err := proto.Unmarshal(target.Content, message); err != nil {
		return err
	}
	c := contentOf(edited)
	switch {
	case c.file != nil && message.ImageMessage != nil:
		message.ImageMessage.Caption = &c.file.Caption
	case c.file != nil && message.VideoMessage != nil:
		message.VideoMessage.Caption = &c.file.Caption
	case c.file != nil && message.DocumentMessage != nil:
		message.DocumentMessage.Caption = &c.file.Caption
	case c.text != nil && message.ExtendedTextMessage != nil:
		message.ExtendedTextMessage.Text = &c.text.Text
	default:
		message = edited
	}
	content, err := proto.Marshal(message)
	target.Content, target.Type = content, string(contentOf(message).typ)
	return err
}

// changed renders an edit's new words: of a text, or the caption of a file.
func changed(p *waE2E.ProtocolMessage) map[string]string {
	data := map[string]string{"stanzaId": p.GetKey().GetID()}
	if c := contentOf(p.GetEditedMessage()); c.file != nil {
		data["caption"] = c.file.Caption
	} else if c.text != nil {
		data["textMessage"] = c.text.Text
	}
	return data
}
