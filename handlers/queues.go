package handlers

import (
	"context"
	"math"
	"net/http"

	"greengate/instance"
)

func queueMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "showMessagesQueue", Verb: http.MethodGet, Rate: 1,
			Summary: "List what is accepted and not yet sent, oldest first",
			Answer: `[{"messageID":"3EB0A1B2C3D4E5F60718AA","type":"sendMessage","body":{"chatId":"15550002222@c.us","typingTime":null,` +
				`"message":"Hello","linkPreview":true,"typePreview":"small"}}]`,
		}, showMessagesQueue),
		forInstance(Method{
			Name: "clearMessagesQueue", Verb: http.MethodGet, Rate: 1,
			Summary: "Drop what is accepted and not yet sent", Answer: `{"isCleared":true}`,
		}, clearMessagesQueue),
		forInstance(Method{
			Name: "getMessagesCount", Verb: http.MethodGet, Rate: 1,
			Summary: "Count what is accepted and not yet sent", Answer: `{"count":0}`,
		}, getMessagesCount),
		forInstance(Method{
			Name: "getWebhooksCount", Verb: http.MethodGet, Rate: 1,
			Summary: "Count the undelivered notifications", Answer: `{"count":0}`,
		}, getWebhooksCount),
		forInstance(Method{
			Name: "clearWebhooksQueue", Verb: http.MethodDelete, alsoVerb: http.MethodGet, Rate: 1,
			Summary: "Drop the undelivered notifications, at most once a minute", Answer: `{"isCleared":true,"reason":""}`,
		}, clearWebhooksQueue),
	}
}

func showMessagesQueue(ctx context.Context, i *instance.Instance, _ none) ([]instance.Queued, error) {
	return i.Outbox(ctx)
}

// ClearMessagesQueueResponse confirms that nothing is left to be sent.
type ClearMessagesQueueResponse struct {
	IsCleared bool `json:"isCleared"`
}

func clearMessagesQueue(ctx context.Context, i *instance.Instance, _ none) (ClearMessagesQueueResponse, error) {
	err := i.ClearOutbox(ctx)
	return ClearMessagesQueueResponse{err == nil}, err
}

// CountResponse is the length of a queue.
type CountResponse struct {
	Count int `json:"count"`
}

func getMessagesCount(ctx context.Context, i *instance.Instance, _ none) (CountResponse, error) {
	n, err := i.OutboxSize(ctx)
	return CountResponse{n}, err
}

func getWebhooksCount(ctx context.Context, i *instance.Instance, _ none) (CountResponse, error) {
	n, err := i.NotificationCount(ctx)
	return CountResponse{n}, err
}

// ClearWebhooksQueueResponse tells how many seconds are left when it is too early.
type ClearWebhooksQueueResponse struct {
	IsCleared bool   `json:"isCleared"`
	Reason    string `json:"reason"`
	LeftTime  int    `json:"leftTime,omitempty"`
}

func clearWebhooksQueue(ctx context.Context, i *instance.Instance, _ none) (ClearWebhooksQueueResponse, error) {
	err := i.ClearNotifications(ctx)
	if err != nil && instance.AsError(err).Kind == instance.KindRateOverLimit {
		left := instance.AsError(err).RetryAfter
		return ClearWebhooksQueueResponse{Reason: "Too many requests", LeftTime: int(math.Ceil(left.Seconds()))}, nil
	}
	return ClearWebhooksQueueResponse{IsCleared: err == nil}, err
}
