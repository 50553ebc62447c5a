package instance

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"

	"greengate/store"
)

// Notification types (docs/api/receiving/notifications-format).
const (
	hookIncoming    = "incomingMessageReceived"
	hookOutgoing    = "outgoingMessageReceived"
	hookOutgoingAPI = "outgoingAPIMessageReceived"
	hookStatus      = "outgoingMessageStatus"
	hookState       = "stateInstanceChanged"
	hookOnline      = "statusInstanceChanged"
	hookDevice      = "deviceInfo"
	hookBlock       = "incomingBlock"
	hookQuota       = "quotaExceeded"

	hookIncomingCall = "incomingCall" // also typeMessage in the call journals
	hookOutgoingCall = "outgoingCall"
)

type instanceData struct {
	IDInstance   ID     `json:"idInstance"`
	Wid          ChatID `json:"wid"`
	TypeInstance string `json:"typeInstance"`
}

type messageHook struct {
	TypeWebhook  string       `json:"typeWebhook"`
	InstanceData instanceData `json:"instanceData"`
	Timestamp    int64        `json:"timestamp"`
	IDMessage    MessageID    `json:"idMessage"`
	SenderData   senderData   `json:"senderData"`
	MessageData  messageData  `json:"messageData"`
}

// messageData is what a message says; its keys depend on its type.
type messageData struct {
	Type MessageType `json:"typeMessage"`
	keys map[string]any
}

func (m messageData) MarshalJSON() ([]byte, error) {
	type common messageData
	return encodeWith(common(m), m.keys)
}

type senderData struct {
	ChatID            ChatID `json:"chatId"`
	ChatName          string `json:"chatName"`
	Sender            ChatID `json:"sender"`
	SenderName        string `json:"senderName"`
	SenderContactName string `json:"senderContactName"`
}

type statusHook struct {
	TypeWebhook  string        `json:"typeWebhook"`
	ChatID       ChatID        `json:"chatId"`
	InstanceData instanceData  `json:"instanceData"`
	Timestamp    int64         `json:"timestamp"`
	IDMessage    MessageID     `json:"idMessage"`
	Status       MessageStatus `json:"status"`
	Description  string        `json:"description,omitempty"`
	SendByAPI    bool          `json:"sendByApi"`
}

type stateHook struct {
	TypeWebhook   string       `json:"typeWebhook"`
	InstanceData  instanceData `json:"instanceData"`
	Timestamp     int64        `json:"timestamp"`
	StateInstance State        `json:"stateInstance"`
}

// onlineHook is archived by GREEN-API, as the two below. StatusInstance is online or offline.
type onlineHook struct {
	TypeWebhook    string       `json:"typeWebhook"`
	InstanceData   instanceData `json:"instanceData"`
	Timestamp      int64        `json:"timestamp"`
	StatusInstance string       `json:"statusInstance"`
}

type deviceHook struct {
	TypeWebhook  string       `json:"typeWebhook"`
	InstanceData instanceData `json:"instanceData"`
	Timestamp    int64        `json:"timestamp"`
	DeviceData   deviceData   `json:"deviceData"`
}

// deviceData describes the phone. WhatsApp tells linked devices the platform alone.
type deviceData struct {
	Platform           string `json:"platform"`
	DeviceManufacturer string `json:"deviceManufacturer"`
	DeviceModel        string `json:"deviceModel"`
	OSVersion          string `json:"osVersion"`
	WAVersion          string `json:"waVersion"`
	Battery            int    `json:"battery"`
}

// blockHook tells whom the account blocks. ChatState is blocked or unblocked.
type blockHook struct {
	TypeWebhook  string       `json:"typeWebhook"`
	InstanceData instanceData `json:"instanceData"`
	Timestamp    int64        `json:"timestamp"`
	ChatID       ChatID       `json:"chatId"`
	ChatState    string       `json:"chatState"`
}

func (i *Instance) instanceData() instanceData {
	return instanceData{i.ID, i.Account().ChatID, "whatsapp"}
}

// wantsMessage tells whether the settings ask for a message's notification.
func (s Settings) wantsMessage(m store.Message) bool {
	direction := s.IncomingWebhook
	switch {
	case m.ByAPI:
		direction = s.OutgoingAPIMessageWebhook
	case m.Outgoing:
		direction = s.OutgoingMessageWebhook
	}
	switch MessageType(m.Type) {
	case TypePoll, TypePollUpdate:
		return bool(direction && s.PollMessageWebhook)
	case TypeEdited:
		return bool(direction && s.EditedMessageWebhook)
	case TypeDeleted:
		return bool(direction && s.DeletedMessageWebhook)
	}
	return bool(direction)
}

// messageNotification renders the notification of a message; empty when the settings do not ask for it, or it is a story.
func (i *Instance) messageNotification(ctx context.Context, m store.Message, message *waE2E.Message) (string, error) {
	if ChatID(m.ChatID) == storyChat || m.Type == "" || !i.Settings().wantsMessage(m) {
		return "", nil
	}
	hook := messageHook{
		TypeWebhook: hookIncoming, InstanceData: i.instanceData(), Timestamp: m.SentAt.Unix(), IDMessage: m.ID,
		SenderData: i.senderData(ctx, m), MessageData: i.messageData(ctx, m, message),
	}
	switch {
	case m.ByAPI:
		hook.TypeWebhook = hookOutgoingAPI
	case m.Outgoing:
		hook.TypeWebhook = hookOutgoing
	}
	body, err := encode(hook)
	return string(body), err
}

func (i *Instance) senderData(ctx context.Context, m store.Message) senderData {
	data := senderData{ChatID: ChatID(m.ChatID), ChatName: i.chatName(ctx, ChatID(m.ChatID)), Sender: ChatID(m.SenderID), SenderName: m.SenderName}
	if m.Outgoing {
		data.SenderName = i.Account().PushName
	} else {
		data.SenderContactName = i.contactName(ctx, data.Sender)
		if data.ChatID == data.Sender {
			data.ChatName = cmp.Or(data.SenderContactName, m.SenderName)
		}
	}
	return data
}

// messageData renders what a message says, with the keys of notifications.
func (i *Instance) messageData(ctx context.Context, m store.Message, message *waE2E.Message) messageData {
	c := i.contentOf(m, message)
	data := map[string]any{}
	switch {
	case c.reply:
		data["extendedTextMessageData"] = map[string]any{
			"text": c.text.Text, "stanzaId": c.context.GetStanzaID(), "participant": i.chatIDOfText(ctx, c.context.GetParticipant()),
		}
	case c.typ == TypeText:
		data["textMessageData"] = map[string]any{"textMessage": c.text.Text, "isTemplateMessage": false}
	case c.text != nil:
		data["extendedTextMessageData"] = c.text
	case c.file != nil:
		data["fileMessageData"] = c.file
	case c.location != nil:
		data["locationMessageData"] = c.location
	case c.contact != nil:
		data["contactMessageData"] = c.contact
	case c.contacts != nil:
		data["messageData"] = c.contacts
	case c.poll != nil:
		data["pollMessageData"] = c.poll
	case c.update != nil:
		data["pollMessageData"] = c.update
	}
	maps.Copy(data, c.rest)
	if quoted, _ := i.quotedMessage(ctx, m, quotedBy(message, c)); quoted != nil {
		data["quotedMessage"] = quoted
	}
	return messageData{c.typ, data}
}

// statusTeller renders what became of messages by what was true of the instance at one moment, so that a transaction can use it.
type statusTeller struct {
	instance instanceData
	wanted   bool
}

func (i *Instance) statusTeller() statusTeller {
	return statusTeller{i.instanceData(), bool(i.Settings().OutgoingWebhook)}
}

// body renders what became of an outgoing message; empty when the settings do not ask for it, or it is a story. noAccount is always told.
func (t statusTeller) body(m store.Message, at time.Time, description string) (string, error) {
	status := MessageStatus(m.Status)
	if ChatID(m.ChatID) == storyChat || !t.wanted && status != StatusNoAccount {
		return "", nil
	}
	body, err := encode(statusHook{hookStatus, ChatID(m.ChatID), t.instance, at.Unix(), m.ID, status, description, m.ByAPI})
	return string(body), err
}

// encode writes JSON as clients are used to it: characters of HTML, which addresses are full of, stay themselves.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// encodeWith encodes a struct with more keys behind its own.
func encodeWith(head any, keys map[string]any) ([]byte, error) {
	first, err := encode(head)
	if err != nil || len(keys) == 0 {
		return first, err
	}
	more, err := encode(keys)
	return slices.Concat(first[:len(first)-1], []byte(","), more[min(1, len(more)):]), err
}

// notifyUser adds notifications to the queue in a transaction; empty ones are left out.
func (i *Instance) notifyUser(tx *store.Tx, bodies ...string) error {
	for _, body := range bodies {
		if body == "" {
			continue
		}
		if err := tx.AddNotification(int64(i.ID), body, time.Now()); err != nil {
			return err
		}
	}
	return nil
}
