package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"greengate/instance"
)

func chatMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "getChats", Verb: http.MethodGet, Rate: 1,
			Summary: "List the chats, those with the newest messages first",
			Answer: `[{"archive":false,"id":"15550002222@c.us","ephemeralExpiration":0,"ephemeralSettingTimestamp":0,"name":"Bob","type":"user",` +
				`"unreadCount":1}]`,
		}, getChats),
		forInstance(Method{
			Name: "archiveChat", Verb: http.MethodPost, Rate: 10,
			Summary: "Move a chat to the archive",
			Example: `{"chatId":"{{chatId}}"}`,
		}, archiveChat),
		forInstance(Method{
			Name: "unarchiveChat", Verb: http.MethodPost, Rate: 10,
			Summary: "Move a chat out of the archive",
			Example: `{"chatId":"{{chatId}}"}`,
		}, unarchiveChat),
		forInstance(Method{
			Name: "setDisappearingChat", Verb: http.MethodPost, Rate: 1,
			Summary: "Let messages of a chat disappear after a time",
			Example: `{"chatId":"{{chatId}}","ephemeralExpiration":86400}`,
			Answer:  `{"chatId":"15550002222@c.us","disappearingMessagesInChat":true,"ephemeralExpiration":86400}`,
		}, setDisappearingChat),
		forInstance(Method{
			Name: "sendTyping", Verb: http.MethodPost, Rate: 1,
			Summary: "Show that the account writes, or records, in a chat",
			Example: `{"chatId":"{{chatId}}","typingTime":2000}`,
		}, sendTyping),
		forInstance(Method{
			Name: "readChat", Verb: http.MethodPost, Rate: 10,
			Summary: "Mark one message, or all of a chat, as read",
			Example: `{"chatId":"{{chatId}}"}`, Answer: `{"setRead":true}`,
		}, readChat),
	}
}

// GetChatsRequest limits the list; absent for all chats.
type GetChatsRequest struct {
	Count *int `json:"count"`
}

func (r *GetChatsRequest) validate() error { return countsUp(r.Count) }

// ListedChat is a chat with a person (type user) or of a group. Expiration is in seconds, 0 for none, the time of its setting in Unix
// seconds, 0 when it is not known. UnreadCount counts messages that neither this account nor one of its devices has read.
type ListedChat struct {
	Archive                   bool            `json:"archive"`
	ID                        instance.ChatID `json:"id"`
	EphemeralExpiration       int64           `json:"ephemeralExpiration"`
	EphemeralSettingTimestamp int64           `json:"ephemeralSettingTimestamp"`
	Name                      string          `json:"name"`
	Type                      string          `json:"type"`
	UnreadCount               int             `json:"unreadCount"`
}

func getChats(ctx context.Context, i *instance.Instance, r GetChatsRequest) ([]ListedChat, error) {
	chats, err := i.Chats(ctx)
	list := make([]ListedChat, 0, len(chats))
	for _, c := range first(chats, r.Count) {
		entry := ListedChat{
			Archive: c.Archived, ID: c.ID, EphemeralExpiration: c.Expiration, Name: c.Name, Type: typeUser, UnreadCount: c.Unread,
		}
		if strings.HasSuffix(string(c.ID), "@g.us") {
			entry.Type = typeGroup
		}
		if !c.ExpiresSince.IsZero() {
			entry.EphemeralSettingTimestamp = c.ExpiresSince.Unix()
		}
		list = append(list, entry)
	}
	return list, err
}

func archiveChat(ctx context.Context, i *instance.Instance, chat Chat) (empty, error) {
	return setArchived(ctx, i, chat, true, "ArchiveChatError: cannot archive chat cause last message not found in chat")
}

func unarchiveChat(ctx context.Context, i *instance.Instance, chat Chat) (empty, error) {
	return setArchived(ctx, i, chat, false, "UnarchiveChatError: cannot unarchive chat cause last message not found in chat")
}

func setArchived(ctx context.Context, i *instance.Instance, chat Chat, archived bool, noMessage string) (empty, error) {
	jid, err := chat.jid(formatsOfAnybody)
	if err != nil {
		return empty{}, err
	}
	return empty{}, notFoundAs(i.Archive(ctx, jid, archived), noMessage)
}

// SetDisappearingChatRequest has the life of messages in seconds: one of those that WhatsApp offers, or 0 for ever.
type SetDisappearingChatRequest struct {
	Chat
	EphemeralExpiration *int64 `json:"ephemeralExpiration"`
}

func (r *SetDisappearingChatRequest) validate() error {
	switch {
	case r.EphemeralExpiration == nil, r.ChatID == "" && r.PhoneNumber == "":
		return invalid("'value' must have at least 2 keys")
	case !slices.Contains([]int64{0, 86400, 604800, 7776000}, *r.EphemeralExpiration):
		return invalid("'ephemeralExpiration' must be one of [0, 86400, 604800, 7776000]")
	}
	return nil
}

// SetDisappearingChatResponse repeats what is set now.
type SetDisappearingChatResponse struct {
	ChatID                     instance.ChatID `json:"chatId"`
	DisappearingMessagesInChat bool            `json:"disappearingMessagesInChat"`
	EphemeralExpiration        int64           `json:"ephemeralExpiration"`
}

func setDisappearingChat(ctx context.Context, i *instance.Instance, r SetDisappearingChatRequest) (SetDisappearingChatResponse, error) {
	jid, err := r.jid(formatsOfAnybody)
	if err != nil {
		return SetDisappearingChatResponse{}, err
	}
	seconds := *r.EphemeralExpiration
	return SetDisappearingChatResponse{instance.ChatIDOf(jid), seconds > 0, seconds}, i.SetExpiration(ctx, jid, seconds)
}

// SendTypingRequest has a time in milliseconds, 1000 by default, and the type recording or none.
type SendTypingRequest struct {
	Chat
	TypingTime typing `json:"typingTime"`
	TypingType string `json:"typingType"`
}

func (r *SendTypingRequest) validate() error {
	if r.TypingType != "" && r.TypingType != "recording" {
		return invalid("'typingType' must be one of [recording]")
	}
	return nil
}

func sendTyping(ctx context.Context, i *instance.Instance, r SendTypingRequest) (empty, error) {
	jid, err := r.jid(formatsOfAnybody)
	if err != nil {
		return empty{}, err
	}
	ms := max(int(r.TypingTime), minTyping)
	return empty{}, i.SendTyping(ctx, instance.Address{ChatID: instance.ChatIDOf(jid), TypingTime: &ms, TypingType: r.TypingType})
}

// ReadChatRequest names one message, or none for all of the chat.
type ReadChatRequest struct {
	Chat
	IDMessage instance.MessageID `json:"idMessage"`
}

// ReadChatResponse is false when there was nothing to mark.
type ReadChatResponse struct {
	SetRead bool `json:"setRead"`
}

func readChat(ctx context.Context, i *instance.Instance, r ReadChatRequest) (ReadChatResponse, error) {
	jid, err := r.jid(formatsOfAnybody)
	if err != nil {
		return ReadChatResponse{}, err
	}
	marked, err := i.ReadChat(ctx, jid, r.IDMessage)
	return ReadChatResponse{marked}, err
}
