package handlers

import (
	"context"
	"net/http"

	"greengate/instance"
)

func editMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "editMessage", Verb: http.MethodPost, Rate: 1,
			Summary: "Change the text of a message, or the caption of a file, that the account has sent within the last 20 minutes",
			Example: `{"chatId":"{{chatId}}","idMessage":"{{idMessage}}","message":"Hello again"}`, Answer: answerID,
		}, editMessage),
		forInstance(Method{
			Name: "deleteMessage", Verb: http.MethodPost, Rate: 10,
			Summary: "Take a message back for everybody, or delete it for the account itself",
			Example: `{"chatId":"{{chatId}}","idMessage":"{{idMessage}}"}`,
		}, deleteMessage),
	}
}

// ChangeRequest names the message that something happens to.
type ChangeRequest struct {
	Chat
	IDMessage instance.MessageID `json:"idMessage" check:"required"`
}

const minMessageID = 16 // characters

func (r *ChangeRequest) validate() error {
	if len(r.IDMessage) < minMessageID {
		return invalid("message id must be at least %d symbols", minMessageID)
	}
	return nil
}

// changed words the errors of changes: what is unknown or deleted, and what cannot be done with a message of that kind.
func changed(err error) error {
	if err != nil && instance.AsError(err).Kind == instance.KindNotAcceptable {
		return reply{http.StatusBadRequest, true, instance.AsError(err).Detail}
	}
	return notFoundAs(err, "Message by id not found")
}

// EditMessageRequest has a text of up to 20 000 characters.
type EditMessageRequest struct {
	ChangeRequest
	Message string `json:"message" check:"required"`
}

func (r *EditMessageRequest) validate() error {
	if err := r.ChangeRequest.validate(); err != nil {
		return err
	}
	return tooLong("message", r.Message, maxText)
}

func editMessage(ctx context.Context, i *instance.Instance, r EditMessageRequest) (SendResponse, error) {
	jid, err := r.jid(formatsOfAnybody)
	if err != nil {
		return SendResponse{}, err
	}
	id, err := i.EditMessage(ctx, instance.Edit{
		ChatID: instance.ChatIDOf(jid), IDMessage: r.IDMessage, Message: r.Message, LinkPreview: bool(i.Settings().LinkPreview),
	})
	return SendResponse{id}, changed(err)
}

// DeleteMessageRequest says whether the message goes for everybody or, with onlySenderDelete, for the account itself only.
type DeleteMessageRequest struct {
	ChangeRequest
	OnlySenderDelete bool `json:"onlySenderDelete"`
}

func deleteMessage(ctx context.Context, i *instance.Instance, r DeleteMessageRequest) (empty, error) {
	jid, err := r.jid(formatsOfAnybody)
	if err != nil {
		return empty{}, err
	}
	return empty{}, changed(i.DeleteMessage(ctx, jid, r.IDMessage, r.OnlySenderDelete))
}
