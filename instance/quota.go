package instance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greengate/store"
)

// Quota tells that a chat is one too many for the calendar month, in UTC (docs/api/466-error-example-body). The chats that count are
// those with messages in the journal, those of the account's other devices among them, and the first ones of the month are within.
type Quota struct {
	Method      string `json:"method"`
	Used        int    `json:"used"`
	Total       int    `json:"total"`
	Status      string `json:"status"` // CORRESPONDENTS_QUOTA_EXCEEDED; GREEN-API writes QUOTE in answers
	Description string `json:"description"`
}

func (q *Quota) Error() string { return q.Description }

type quotaHook struct {
	TypeWebhook  string       `json:"typeWebhook"`
	InstanceData instanceData `json:"instanceData"`
	QuotaData    *Quota       `json:"quotaData"`
}

// quotaExceeded returns what a chat is beyond; nil when it is not.
func (i *Instance) quotaExceeded(ctx context.Context, chat string) (*Quota, error) {
	total := i.correspondents
	if total <= 0 || ChatID(chat) == storyChat {
		return nil, nil
	}
	now := time.Now().UTC()
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	chats, err := i.store.ChatsSince(ctx, int64(i.ID), month, total)
	if err != nil || len(chats) < total || slices.Contains(chats, chat) {
		return nil, err
	}
	return &Quota{
		Method: "correspondents", Used: len(chats), Total: total, Status: "CORRESPONDENTS_QUOTA_EXCEEDED",
		Description: fmt.Sprintf("Monthly quota has been exceeded. This instance corresponds with %s until the end of %s.",
			strings.Join(chats, ", "), month.Month()),
	}, nil
}

// quotaNotification renders the notification of it; empty when the settings do not ask for it.
func (i *Instance) quotaNotification(q *Quota) (string, error) {
	if !i.Settings().IncomingBlockWebhook {
		return "", nil
	}
	body, err := encode(quotaHook{hookQuota, i.instanceData(), q})
	return string(body), err
}

// requireQuota returns KindForbidden with a Quota, and tells the user, when one of the entries is for a chat beyond it.
func (i *Instance) requireQuota(ctx context.Context, entries []store.Outgoing) error {
	for _, entry := range entries {
		q, err := i.quotaExceeded(ctx, entry.ChatID)
		if err != nil {
			return err
		} else if q == nil {
			continue
		}
		body, err := i.quotaNotification(q)
		if err == nil {
			err = i.store.Update(ctx, func(tx *store.Tx) error { return i.notifyUser(tx, body) })
		}
		if err != nil {
			return err
		}
		i.kickNotifications()
		return &Error{Kind: KindForbidden, Detail: q.Description, Err: q}
	}
	return nil
}
