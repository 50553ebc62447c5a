package instance

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
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
)

type instanceData struct {
	IDInstance   ID     `json:"idInstance"`
	Wid          ChatID `json:"wid"`
	TypeInstance string `json:"typeInstance"`
}

type messageHook struct {
	TypeWebhook  string         `json:"typeWebhook"`
	InstanceData instanceData   `json:"instanceData"`
	Timestamp    int64          `json:"timestamp"`
	IDMessage    MessageID      `json:"idMessage"`
	SenderData   senderData     `json:"senderData"`
	MessageData  map[string]any `json:"messageData"`
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
	body, err := json.Marshal(hook)
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
func (i *Instance) messageData(ctx context.Context, m store.Message, message *waE2E.Message) map[string]any {
	c := i.contentOf(m, message)
	data := map[string]any{"typeMessage": c.typ}
	switch {
	case c.reply:
		data["extendedTextMessageData"] = map[string]any{
			"text": c.text.Text, "stanzaId": c.context.GetStanzaID(), "participant": i.chatIDOfText(ctx, c.context.GetParticipant()),
			"forwardingScore": c.text.ForwardingScore, "isForwarded": c.text.IsForwarded,
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
	}
	maps.Copy(data, c.rest)
	if quoted := i.quotedMessage(ctx, m.ChatID, quotedBy(message, c)); quoted != nil {
		data["quotedMessage"] = quoted
	}
	return data
}

// statusNotification renders what became of an outgoing message; empty when the settings do not ask for it. noAccount and failed are
// always told.
func (i *Instance) statusNotification(m store.Message, at time.Time, description string) (string, error) {
	return i.statusNotifications()(m, at, description)
}

// statusNotifications is statusNotification as of now, for use within a transaction: that must not wait for i.mu, under which others write.
func (i *Instance) statusNotifications() func(m store.Message, at time.Time, description string) (string, error) {
	wanted, data := bool(i.Settings().OutgoingWebhook), i.instanceData()
	return func(m store.Message, at time.Time, description string) (string, error) {
		status := MessageStatus(m.Status)
		always := status == StatusNoAccount || status == StatusFailed
		if ChatID(m.ChatID) == storyChat || status == StatusPending || !always && !wanted {
			return "", nil
		}
		body, err := json.Marshal(statusHook{hookStatus, ChatID(m.ChatID), data, at.Unix(), m.ID, status, description, m.ByAPI})
		return string(body), err
	}
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
