package instance

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"greengate/store"
)

// maxWrappings bounds how deep a message is looked for in others.
const maxWrappings = 8

// opened returns what a message says, without wrappings, and with what is sealed by the secret of another message opened.
func opened(ctx context.Context, client *whatsmeow.Client, e *events.Message) *waE2E.Message {
	message := unwrapped(e.Message)
	switch {
	case message.EncReactionMessage != nil:
		if reaction, err := client.DecryptReaction(ctx, e); err == nil {
			reaction.Key = message.EncReactionMessage.TargetMessageKey
			return &waE2E.Message{ReactionMessage: reaction}
		}
	case message.EncCommentMessage != nil:
		if comment, err := client.DecryptComment(ctx, e); err == nil {
			return unwrapped(comment)
		}
	case message.SecretEncryptedMessage != nil:
		if inner, err := client.DecryptSecretEncryptedMessage(ctx, e); err == nil {
			return sealedEdit(message.SecretEncryptedMessage, unwrapped(inner))
		}
	}
	return message
}

// sealedEdit makes an edit out of new content that comes alone.
func sealedEdit(sealed *waE2E.SecretEncryptedMessage, inner *waE2E.Message) *waE2E.Message {
	if sealed.GetSecretEncType() != waE2E.SecretEncryptedMessage_MESSAGE_EDIT || inner.ProtocolMessage != nil {
		return inner
	}
	return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: sealed.TargetMessageKey, EditedMessage: inner,
	}}
}

// unwrapped returns a copy of what a message says without the wrappings that WhatsApp puts around it for newer features. whatsmeow takes
// off those that it knows.
func unwrapped(m *waE2E.Message) *waE2E.Message {
	if m == nil {
		return &waE2E.Message{}
	}
	for range maxWrappings {
		var inner *waE2E.Message
		m.ProtoReflect().Range(func(_ protoreflect.FieldDescriptor, part protoreflect.Value) bool {
			if wrapping, ok := part.Interface().(protoreflect.Message); ok {
				if w, ok := wrapping.Interface().(*waE2E.FutureProofMessage); ok {
					inner = w.GetMessage()
				}
			}
			return inner == nil
		})
		if inner == nil {
			break
		}
		m = inner
	}
	return proto.CloneOf(m)
}

// votes renders what a vote chose, as the detail of its row. WhatsApp sends hashes of the answers; the poll tells which they are. A vote
// that cannot be opened, or whose poll is not known, shows no answers.
func (i *Instance) votes(ctx context.Context, client *whatsmeow.Client, row store.Message, e *events.Message) string {
	update := PollUpdate{StanzaID: e.Message.GetPollUpdateMessage().GetPollCreationMessageKey().GetID(), Votes: []PollVotes{}}
	vote, err := client.DecryptPollVote(ctx, e)
	if err != nil {
		i.log.Warn("vote not readable", "error", MaskNumbers(err.Error()))
	} else if poll := i.storedContent(ctx, row.ChatID, update.StanzaID).poll; poll != nil {
		chosen := map[string]bool{}
		for _, hash := range vote.GetSelectedOptions() {
			chosen[string(hash)] = true
		}
		update.Name, update.MultipleAnswers = poll.Name, poll.MultipleAnswers
		for _, option := range poll.Options {
			voters, hash := []ChatID{}, sha256.Sum256([]byte(option.OptionName))
			if chosen[string(hash[:])] {
				voters = append(voters, ChatID(row.SenderID))
			}
			update.Votes = append(update.Votes, PollVotes{option.OptionName, voters})
		}
	}
	detail, _ := json.Marshal(update) // strings and booleans always have a JSON form
	return string(detail)
}

// storedContent reads what a message of the journal says; nothing for one that is not there.
func (i *Instance) storedContent(ctx context.Context, chat string, id MessageID) content {
	row, err := i.store.Message(ctx, int64(i.ID), chat, id)
	message := &waE2E.Message{}
	if err != nil || proto.Unmarshal(row.Content, message) != nil {
		return content{}
	}
	return contentOf(message)
}
