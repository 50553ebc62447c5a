package handlers

import (
	"context"
	"encoding/json"
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
	Chat
	IDMessage instance.MessageID `json:"idMessage" check:"required"`
	Reaction  string             `json:"reaction"`
}

const maxReaction = 16 // characters: emoji of families have many

func (r *SendReactionRequest) check(values map[string]json.RawMessage) error {
	if err := checkMessageID(r.IDMessage); err != nil {
		return err
	}
	if err := present("reaction", values); err != nil {
		return err
	}
	return tooLong("reaction", r.Reaction, maxReaction)
}

// present complains of a field that was not sent; what is empty means something in these.
func present(name string, values map[string]json.RawMessage) error {
	if raw, ok := values[name]; !ok || string(raw) == "null" {
		return invalid("'%s' is required", name)
	}
	return nil
}

func sendReaction(ctx context.Context, i *instance.Instance, r SendReactionRequest) (SendResponse, error) {
	jid, err := r.jid(formatsOfAnybody)
	if err != nil {
		return SendResponse{}, err
	}
	id, err := i.SendReaction(ctx, instance.Reaction{ChatID: instance.ChatIDOf(jid), IDMessage: r.IDMessage, Reaction: r.Reaction})
	return SendResponse{id}, changed(err)
}
