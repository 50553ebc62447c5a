package instance

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"greengate/store"
)

// shownOutbox is how many entries showMessagesQueue lists (docs/api/queues/ShowMessagesQueue).
const shownOutbox = 500

// clearEvery is how often clearWebhooksQueue works (docs/api/queues/ClearWebhooksQueue).
const clearEvery = time.Minute

// Queued is one entry of the outbox as showMessagesQueue shows it. Forwards have MessagesIDs instead of MessageID.
type Queued struct {
	MessageID   MessageID       `json:"messageID,omitempty"`
	MessagesIDs []MessageID     `json:"messagesIDs,omitempty"`
	Type        string          `json:"type"`
	Body        json.RawMessage `json:"body"`
}

// Outbox lists what is accepted and not yet sent, oldest first, 500 at most.
func (i *Instance) Outbox(ctx context.Context) ([]Queued, error) {
	rows, err := i.store.Outbox(ctx, int64(i.ID), shownOutbox)
	list := make([]Queued, 0, len(rows))
	for _, row := range rows {
		entry := Queued{MessageID: row.MessageID, Type: row.Kind, Body: json.RawMessage(row.Body)}
		if row.Kind == kindForward {
			entry.MessageID, entry.MessagesIDs = "", []MessageID{row.MessageID}
		}
		list = append(list, entry)
	}
	return list, err
}

// OutboxSize counts what is accepted and not yet sent.
func (i *Instance) OutboxSize(ctx context.Context) (int, error) {
	return i.store.OutboxSize(ctx, int64(i.ID))
}

// ClearOutbox drops what is not yet sent, but for what is on its way to WhatsApp at this moment. The journal shows it as failed.
func (i *Instance) ClearOutbox(ctx context.Context) error {
	return i.sending.take(func(but int64) error {
		return i.store.Update(ctx, func(tx *store.Tx) error { return tx.ClearOutbox(int64(i.ID), but) })
	})
}

// NotificationCount counts the undelivered notifications.
func (i *Instance) NotificationCount(ctx context.Context) (int, error) {
	return i.store.NotificationCount(ctx, int64(i.ID), time.Now().Add(-notificationLife))
}

// ClearNotifications drops the undelivered notifications, at most once a minute: KindRateOverLimit before.
func (i *Instance) ClearNotifications(ctx context.Context) error {
	now := time.Now()
	i.mu.Lock()
	left := i.notificationsCleared.Add(clearEvery).Sub(now)
	if left <= 0 {
		i.notificationsCleared = now
	}
	i.mu.Unlock()
	if left > 0 {
		return &Error{Kind: KindRateOverLimit, Detail: "Too many requests", RetryAfter: left, Err: errors.New("queue was cleared just now")}
	}
	return i.store.RemoveNotifications(ctx, int64(i.ID), now.Add(time.Hour))
}
