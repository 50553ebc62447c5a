package instance

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"greengate/store"
)

// notificationLife is how long GREEN-API keeps what is not delivered (docs/api/receiving).
const notificationLife = 24 * time.Hour

// Notification is the head of the queue. Body is a JSON object.
type Notification struct {
	ReceiptID int64           `json:"receiptId"`
	Body      json.RawMessage `json:"body"`
}

// ReceiveNotification returns the oldest notification and leaves it in the queue. It waits for one, not longer than within, and returns
// nil when none comes. KindPushed while the instance has a webhookUrl.
func (i *Instance) ReceiveNotification(ctx context.Context, within time.Duration) (*Notification, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		changed := i.queued.next()
		if i.Settings().WebhookURL != "" {
			return nil, fail(KindPushed, "notifications are pushed to webhookUrl")
		}
		head, err := i.firstNotification(context.WithoutCancel(ctx))
		if err == nil {
			return &Notification{head.ReceiptID, json.RawMessage(head.Body)}, nil
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil
		}
	}
}

func (i *Instance) firstNotification(ctx context.Context) (store.Notification, error) {
	return i.store.FirstNotification(ctx, int64(i.ID), time.Now().Add(-notificationLife))
}

// DeleteNotification takes a notification out of the queue; false when it is not there (any more).
func (i *Instance) DeleteNotification(ctx context.Context, receipt int64) (bool, error) {
	return i.store.RemoveNotification(ctx, int64(i.ID), receipt)
}

// announcement wakes everybody who waits for something new.
type announcement struct {
	mu sync.Mutex
	c  chan struct{}
}

// next returns a channel that is closed at the next announcement. Take it before looking.
func (a *announcement) next() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.c == nil {
		a.c = make(chan struct{})
	}
	return a.c
}

func (a *announcement) announce() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.c != nil {
		close(a.c)
		a.c = nil
	}
}
