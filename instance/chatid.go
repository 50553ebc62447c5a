package instance

import (
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// ChatID is GREEN-API's name of a chat: <digits>@c.us, <digits>@lid or <id>@g.us (docs/api/chat-id).
type ChatID string

// ParseChatID reads a chat id; ok is false when it has none of the three forms. A person's number has 7 to 15 digits.
func ParseChatID(s string) (jid types.JID, ok bool) {
	user, server, found := strings.Cut(s, "@")
	switch {
	case !found || user == "":
		return jid, false
	case server == "c.us" && allDigits(user) && len(user) >= 7 && len(user) <= 15:
		return types.NewJID(user, types.DefaultUserServer), true
	case server == "lid" && allDigits(user) && len(user) <= 20:
		return types.NewJID(user, types.HiddenUserServer), true
	case server == "g.us" && allDigits(strings.Replace(user, "-", "", 1)) && len(user) <= 32:
		return types.NewJID(user, types.GroupServer), true
	}
	return jid, false
}

// ChatIDOf writes a JID as a chat id, without a device; the empty JID gives the empty id.
func ChatIDOf(jid types.JID) ChatID {
	switch jid.Server {
	case "":
		return ""
	case types.DefaultUserServer:
		return ChatID(jid.User + "@c.us")
	default:
		return ChatID(jid.User + "@" + jid.Server)
	}
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
