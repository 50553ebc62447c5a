package instance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"greengate/store"
)

const (
	maxWebhookReply = 64 << 10 // read of an answer, so that its connection can be used again
	drainWithin     = 5 * time.Second
)

// runWebhook delivers notifications to webhookUrl, in order and one at a time, until ctx ends. The head of the queue is sent again until
// the receiver answers 200 or a day is over (docs/api/receiving/technology-webhook-endpoint).
func (i *Instance) runWebhook(ctx context.Context) {
	for ctx.Err() == nil {
		changed := i.queued.next()
		settings := i.Settings()
		if settings.WebhookURL == "" {
			wait(ctx, 0, changed)
			continue
		}
		head, err := i.firstNotification(ctx)
		switch {
		case errors.Is(err, store.ErrNotFound):
			wait(ctx, 0, changed)
		case err != nil:
			i.log.Error("notifications not readable", "error", err)
			wait(ctx, i.webhookRetry, nil)
		case !i.push(ctx, settings, head):
			i.awaitRetry(ctx, settings)
		}
	}
}

// sweep removes what is not kept any longer.
func (i *Instance) sweep(ctx context.Context, now time.Time) error {
	return errors.Join(
		i.store.RemoveNotifications(ctx, int64(i.ID), now.Add(-notificationLife)),
		i.store.RemoveStatuses(ctx, int64(i.ID), now.Add(-statusLife)),
	)
}

// push delivers one notification and removes it; false when it has to be sent again.
func (i *Instance) push(ctx context.Context, settings Settings, head store.Notification) bool {
	started := time.Now()
	status, err := i.post(ctx, settings, head.Body)
	log := i.log.With("receipt", head.ReceiptID, "status", status, "took", time.Since(started).Round(time.Millisecond))
	if err != nil || status != http.StatusOK {
		log.Warn("webhook not delivered", "error", err)
		return false
	}
	log.Info("webhook delivered")
	if _, err := i.DeleteNotification(ctx, head.ReceiptID); err != nil {
		i.log.Error("delivered notification not removed", "error", err)
		return false
	}
	return true
}

// post makes one attempt and returns the status of the answer, as soon as there is one.
func (i *Instance) post(ctx context.Context, settings Settings, body string) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, i.webhookTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, settings.WebhookURL, strings.NewReader(body))
	if err != nil {
		return 0, errors.New("webhookUrl is not usable")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	if token := settings.WebhookURLToken; token != "" {
		if !strings.HasPrefix(token, "Bearer ") && !strings.HasPrefix(token, "Basic ") {
			token = "Bearer " + token
		}
		request.Header.Set("Authorization", token)
	}
	response, err := i.webhooks.Do(request)
	if err != nil {
		return 0, fmt.Errorf("receiver not reached: %w", err)
	}
	defer response.Body.Close()
	defer time.AfterFunc(drainWithin, cancel).Stop()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxWebhookReply))
	return response.StatusCode, nil
}

// awaitRetry waits for the time of the next attempt, or until the settings name another receiver.
func (i *Instance) awaitRetry(ctx context.Context, tried Settings) {
	ctx, cancel := context.WithTimeout(ctx, i.webhookRetry)
	defer cancel()
	for ctx.Err() == nil {
		changed := i.queued.next()
		if now := i.Settings(); now.WebhookURL != tried.WebhookURL || now.WebhookURLToken != tried.WebhookURLToken {
			return
		}
		wait(ctx, 0, changed)
	}
}
