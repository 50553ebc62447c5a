package sandbox

import (
	"cmp"
	"strings"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The network tells messages apart without reading them: by what the sender's device writes beside the ciphertext.

// mediaTypes are the words for what a message shows, by the name of its body.
var mediaTypes = map[protoreflect.Name]string{
	"imageMessage": "image", "videoMessage": "video", "ptvMessage": "ptv", "audioMessage": "audio", "documentMessage": "document",
	"stickerMessage": "sticker", "contactMessage": "vcard", "contactsArrayMessage": "contact_array", "locationMessage": "location",
	"liveLocationMessage": "livelocation", "listMessage": "list", "listResponseMessage": "list_response",
	"buttonsResponseMessage": "buttons_response", "orderMessage": "order", "productMessage": "product",
	"interactiveResponseMessage": "native_flow_response",
}

// unwrap takes a message out of what is put around it, but an edit, which is a message of its own.
func unwrap(m *waE2E.Message) *waE2E.Message {
	for {
		inner := cmp.Or(
			m.GetEphemeralMessage(), m.GetViewOnceMessage(), m.GetViewOnceMessageV2(), m.GetViewOnceMessageV2Extension(),
			m.GetDocumentWithCaptionMessage(), m.GetLottieStickerMessage(), m.GetPollCreationMessageV4(),
		).GetMessage()
		if inner == nil {
			return m
		}
		m = inner
	}
}

// body finds the part that makes a message what it is, and its name; nil for a bare text.
func body(m *waE2E.Message) (name protoreflect.Name, part protoreflect.Message) {
	m.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Message() == nil || f.Name() == "messageContextInfo" || f.Name() == "senderKeyDistributionMessage" {
			return true
		}
		name, part = f.Name(), v.Message()
		return false
	})
	return name, part
}

// isViewOnce tells whether a message can be looked at once, on phones only.
func isViewOnce(m *waE2E.Message) bool {
	return cmp.Or(m.GetViewOnceMessage(), m.GetViewOnceMessageV2(), m.GetViewOnceMessageV2Extension()) != nil
}

// viewedOnce tells the same of a message that has been taken out of its wrapping.
func viewedOnce(m *waE2E.Message) bool {
	return m.GetImageMessage().GetViewOnce() || m.GetVideoMessage().GetViewOnce() || m.GetAudioMessage().GetViewOnce()
}

// mediaType is the word for what a message shows; empty for what has none, such as a text without a link.
func mediaType(m *waE2E.Message) string {
	m = unwrap(m)
	name, _ := body(m)
	switch {
	case m.GetAudioMessage().GetPTT():
		return "ptt"
	case m.GetVideoMessage().GetGifPlayback():
		return "gif"
	case m.GetExtendedTextMessage().GetTitle() != "":
		return "url"
	}
	return mediaTypes[name]
}

// stanzaKind makes the attributes of a message's stanza.
func stanzaKind(m *waE2E.Message) waBinary.Attrs {
	attrs := waBinary.Attrs{"type": stanzaType(m)}
	if edit := editKind(m); edit != types.EditAttributeEmpty {
		attrs["edit"] = string(edit)
	}
	return attrs
}

func stanzaType(m *waE2E.Message) string {
	m = unwrap(m)
	name, _ := body(m)
	switch {
	case name == "reactionMessage", name == "encReactionMessage":
		return "reaction"
	case isPoll(m), name == "pollUpdateMessage":
		return "poll"
	case name == "eventMessage":
		return "event"
	case name == "", name == "protocolMessage", name == "editedMessage", name == "extendedTextMessage" && mediaType(m) == "":
		return "text"
	}
	return "media"
}

func isPoll(m *waE2E.Message) bool {
	name, _ := body(m)
	return strings.HasPrefix(string(name), "pollCreationMessage")
}

// editKind tells what a message does to an earlier one.
func editKind(m *waE2E.Message) types.EditAttribute {
	p := cmp.Or(m.GetProtocolMessage(), m.GetEditedMessage().GetMessage().GetProtocolMessage())
	switch {
	case p != nil && p.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT:
		return types.EditAttributeMessageEdit
	case p != nil && p.GetType() == waE2E.ProtocolMessage_REVOKE && p.GetKey().GetFromMe():
		return types.EditAttributeSenderRevoke
	case p != nil && p.GetType() == waE2E.ProtocolMessage_REVOKE:
		return types.EditAttributeAdminRevoke
	case m.ReactionMessage != nil && m.ReactionMessage.GetText() == "":
		return types.EditAttributeSenderRevoke
	case m.PinInChatMessage != nil:
		return types.EditAttributePinInChat
	}
	return types.EditAttributeEmpty
}

// encKind makes the attributes beside a message's ciphertext: what it shows, and that nobody need know of it if it cannot be read.
func encKind(m *waE2E.Message) waBinary.Attrs {
	if inner := m.GetDeviceSentMessage().GetMessage(); inner != nil {
		m = inner
	}
	attrs := waBinary.Attrs{}
	if kind := mediaType(m); kind != "" {
		attrs["mediatype"] = kind
	}
	if editKind(m) != types.EditAttributeEmpty || m.ReactionMessage != nil || m.PollUpdateMessage != nil {
		attrs["decrypt-fail"] = string(events.DecryptFailHide)
	}
	return attrs
}

// metaOf is what a stanza tells about a poll or a vote.
func metaOf(m *waE2E.Message) []waBinary.Node {
	kind := "creation"
	switch m = unwrap(m); {
	case m.PollUpdateMessage != nil:
		kind = "vote"
	case !isPoll(m):
		return nil
	}
	return []waBinary.Node{{Tag: "meta", Attrs: waBinary.Attrs{"polltype": kind}}}
}
