package handlers

import (
	"context"
	"encoding/json"
	"net/http"

	"greengate/instance"
)

func journalMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "getChatHistory", Verb: http.MethodPost, Rate: 1,
			Summary: "List the messages of a chat, newest first",
			Example: `{"chatId":"{{chatId}}","count":10}`, Answer: "[" + answerEntry + "]",
		}, getChatHistory),
		forInstance(Method{
			Name: "getMessage", Verb: http.MethodPost, Rate: 10,
			Summary: "Get one message of a chat",
			Example: `{"chatId":"{{chatId}}","idMessage":"{{idMessage}}"}`, Answer: answerEntry,
		}, getMessage),
		forInstance(Method{
			Name: "lastIncomingMessages", Verb: http.MethodGet, Rate: 1,
			Summary: "List the messages of the last minutes that others wrote, newest first", Answer: "[]",
		}, lastIncomingMessages),
		forInstance(Method{
			Name: "lastOutgoingMessages", Verb: http.MethodGet, Rate: 1,
			Summary: "List the messages of the last minutes that the account wrote, newest first", Answer: "[" + answerEntry + "]",
		}, lastOutgoingMessages),
		forInstance(Method{
			Name: "lastIncomingCalls", Verb: http.MethodGet, Rate: 1,
			Summary: "List the calls of the last minutes that the account got, newest first",
			Answer: `[{"type":"incoming","idMessage":"CALL00000000000000000000000001","timestamp":1790000000,"typeMessage":"incomingCall",` +
				`"chatId":"15550002222@c.us","duration":0,"isVideo":false,"status":"declined","isGroup":false}]`,
		}, lastIncomingCalls),
		forInstance(Method{
			Name: "lastOutgoingCalls", Verb: http.MethodGet, Rate: 1,
			Summary: "List the calls of the last minutes that the account's phone made, newest first",
			Answer: `[{"type":"outgoing","idMessage":"CALL00000000000000000000000002","timestamp":1790000000,"typeMessage":"outgoingCall",` +
				`"chatId":"15550002222@c.us","duration":42,"isVideo":false,"status":"pickUp",` +
				`"participants":[{"id":"15550002222@c.us","status":"pickUp"}]}]`,
		}, lastOutgoingCalls),
	}
}

const answerEntry = `{"type":"outgoing","idMessage":"3EB0A1B2C3D4E5F60718AA","timestamp":1790000000,"typeMessage":"extendedTextMessage",` +
	`"chatId":"15550002222@c.us","statusMessage":"read","sendByApi":true,"deletedMessageId":"","editedMessageId":"","isEdited":false,` +
	`"isDeleted":false,"extendedTextMessage":{"text":"Hello","description":"","title":"","previewType":"None","jpegThumbnail":"",` +
	`"forwardingScore":0,"isForwarded":false},"textMessage":"Hello"}`

// GetChatHistoryRequest asks for the newest count messages, 100 by default and for 0.
type GetChatHistoryRequest struct {
	Recipient
	Count count `json:"count"`
}

// count is how many entries are wanted.
type count int32

// UnmarshalJSON words the refusal of anything but a number as the real service does.
func (c *count) UnmarshalJSON(data []byte) error {
	var n int32
	if json.Unmarshal(data, &n) != nil {
		return reply{http.StatusBadRequest, true, `json: cannot unmarshal number " into Go struct field RequestBody.Count of type int32`}
	}
	*c = count(n)
	return nil
}

func (r *GetChatHistoryRequest) validate() error {
	if r.Count < 0 {
		return reply{http.StatusBadRequest, true, "Count must be greater than or equal to 1"}
	}
	return nil
}

func getChatHistory(ctx context.Context, i *instance.Instance, r GetChatHistoryRequest) ([]instance.JournalEntry, error) {
	chat, err := r.jid(formatsOfAnybody)
	if err != nil {
		return nil, err
	}
	return i.ChatHistory(ctx, chat, int(r.Count))
}

// MessageRequest names one message of a chat.
type MessageRequest struct {
	Recipient
	IDMessage instance.MessageID `json:"idMessage" check:"required"`
}

func getMessage(ctx context.Context, i *instance.Instance, r MessageRequest) (instance.JournalEntry, error) {
	chat, err := r.jid(formatsOfAnybody)
	if err != nil {
		return instance.JournalEntry{}, err
	}
	entry, err := i.Message(ctx, chat, r.IDMessage)
	return entry, notFoundInJournal(err)
}

// PeriodRequest asks for the last minutes, 1440 by default.
type PeriodRequest struct {
	Minutes int `json:"minutes"`
}

func (r *PeriodRequest) validate() error {
	if r.Minutes < 0 {
		return invalid("'minutes' must be larger than or equal to 1")
	}
	return nil
}

func lastIncomingMessages(ctx context.Context, i *instance.Instance, r PeriodRequest) ([]instance.JournalEntry, error) {
	return i.MessagesSince(ctx, false, r.Minutes)
}

func lastOutgoingMessages(ctx context.Context, i *instance.Instance, r PeriodRequest) ([]instance.JournalEntry, error) {
	return i.MessagesSince(ctx, true, r.Minutes)
}

func lastIncomingCalls(ctx context.Context, i *instance.Instance, r PeriodRequest) ([]instance.CallEntry, error) {
	return i.CallsSince(ctx, false, r.Minutes)
}

func lastOutgoingCalls(ctx context.Context, i *instance.Instance, r PeriodRequest) ([]instance.CallEntry, error) {
	return i.CallsSince(ctx, true, r.Minutes)
}
