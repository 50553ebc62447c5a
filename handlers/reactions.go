package handlers

import (
	"context"
	"net/http"

	"greengate/instance"
)

func reactionMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "sendReaction", Verb: http.MethodPost, Rate: 50,
			Summary: "Answer a message with an emoji, or take it back with an empty one; not in GREEN-API",
			Example: `{"chatId":"{{chatId}}","idMessage":"{{idMessage}}","reaction":"👍"}`, Answer: answerID,
		}, sendReaction),
	}
}

// SendReactionRequest has one emoji, or an empty text to take the reaction back.
type SendReactionRequest struct {
	ChangeRequest
	Reaction *string `json:"reaction"`
}

const maxReaction = 16 // characters: emoji of families have many

func (r *SendReactionRequest) validate() error {
	if err := r.ChangeRequest.validate(); err != nil {
		return err
	}
	if r.Reaction == nil {
		return invalid("'reaction' is required")
	}
	return tooLong("reaction", *r.Reaction, maxReaction)
}

func sendReaction(ctx context.Context, i *instance.Instance, r SendReactionRequest) (SendResponse, error) {
	jid, err := r.jid(formatsOfAnybody)
	if err != nil {
		return SendResponse{}, err
	}
	id, err := i.SendReaction(ctx, instance.Reaction{ChatID: instance.ChatIDOf(jid), IDMessage: r.IDMessage, Reaction: *r.Reaction})
	return SendResponse{id}, changed(err)
}
