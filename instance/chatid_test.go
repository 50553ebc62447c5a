package instance

import (
	"testing"

	"go.mau.fi/whatsmeow/types"
)

func TestParseChatID(t *testing.T) {
	for text, want := range map[string]types.JID{
		"15550001111@c.us":              types.NewJID("15550001111", types.DefaultUserServer),
		"123456789012345@lid":           types.NewJID("123456789012345", types.HiddenUserServer),
		"120363000000000001@g.us":       types.NewJID("120363000000000001", types.GroupServer),
		"15550001111-1500000000@g.us":   types.NewJID("15550001111-1500000000", types.GroupServer),
		"":                              {},
		"15550001111":                   {},
		"@c.us":                         {},
		"+15550001111@c.us":             {},
		"123@c.us":                      {},
		"1234567890123456@c.us":         {},
		"15550001111@s.whatsapp.net":    {},
		"15550001111-1-2@g.us":          {},
		"status@broadcast":              {},
		"15550001111@c.us@g.us":         {},
		"120363000000000001@newsletter": {},
	} {
		got, ok := ParseChatID(text)
		if got != want || ok != !want.IsEmpty() {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
}

func FuzzParseChatID(f *testing.F) {
	for _, seed := range []string{"15550001111@c.us", "1-2@g.us", "x@lid", "@", "1@c.us\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if jid, ok := ParseChatID(text); ok && string(ChatIDOf(jid)) != text {
			t.Errorf("%q reads as %v, which writes as %q", text, jid, ChatIDOf(jid))
		}
	})
}
