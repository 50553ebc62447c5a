package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"greengate/instance"
)

func receivingMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "receiveNotification", Verb: http.MethodGet, Rate: 100,
			Summary: "Get the oldest notification, and wait for one; the answer is null when none comes",
			Answer: `{"receiptId":17,"body":{"typeWebhook":"stateInstanceChanged","instanceData":{"idInstance":1101000001,` +
				`"wid":"15550001111@c.us","typeInstance":"whatsapp"},"timestamp":1790000000,"stateInstance":"authorized"}}`,
		}, receiveNotification),
		forInstance(Method{
			Name: "deleteNotification", Verb: http.MethodDelete, Rate: 100, Tail: "receiptId",
			Summary: "Take a notification that was dealt with out of the queue", Answer: `{"result":true,"reason":""}`,
		}, deleteNotification),
		downloadFileMethod(),
	}
}

const (
	pushed = "Message cannot be received because custom webhook url is set. Go to cabinet, clear webhook url for instance: %d " +
		"and wait for about 1 minute for another attempt"
	defaultReceive = 5  // seconds
	maxReceive     = 60 // seconds
)

// ReceiveNotificationRequest says how many seconds to wait, 5 by default, 60 at most. Less than GREEN-API's least of 5 is taken too, for
// its own Go chatbot asks for 2.
type ReceiveNotificationRequest struct {
	ReceiveTimeout int `json:"receiveTimeout"`
}

func receiveNotification(ctx context.Context, i *instance.Instance, r ReceiveNotificationRequest) (*instance.Notification, error) {
	seconds := min(r.ReceiveTimeout, maxReceive)
	if seconds <= 0 {
		seconds = defaultReceive
	}
	n, err := i.ReceiveNotification(ctx, time.Duration(seconds)*time.Second)
	return n, withoutWebhook(i, err)
}

// withoutWebhook words the refusal of an instance whose notifications are pushed.
func withoutWebhook(i *instance.Instance, err error) error {
	if err != nil && instance.AsError(err).Kind == instance.KindPushed {
		return reply{http.StatusBadRequest, false, strings.Replace(pushed, "%d", strconv.FormatInt(int64(i.ID), 10), 1)}
	}
	return err
}

// DeleteNotificationRequest takes the id from the path, or from a body that is the bare number as the asynchronous Python client sends it.
type DeleteNotificationRequest struct {
	ReceiptID *receiptID `json:"receiptId"`
}

// receiptID is a number, or its digits.
type receiptID int64

var errNoReceiptID = reply{http.StatusBadRequest, true, "Parameter receiptId must be a Number"}

func (r *receiptID) UnmarshalJSON(data []byte) error {
	id, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err != nil {
		return errNoReceiptID
	}
	*r = receiptID(id)
	return nil
}

// DeleteNotificationResponse says false when there was no such notification.
type DeleteNotificationResponse struct {
	Result bool   `json:"result"`
	Reason string `json:"reason"`
}

func deleteNotification(ctx context.Context, i *instance.Instance, r DeleteNotificationRequest) (DeleteNotificationResponse, error) {
	if r.ReceiptID == nil {
		return DeleteNotificationResponse{}, errNoReceiptID
	}
	there, err := i.DeleteNotification(ctx, int64(*r.ReceiptID))
	if err == nil && !there {
		return DeleteNotificationResponse{false, "notification not found"}, nil
	}
	return DeleteNotificationResponse{there, ""}, err
}
