package gowa

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"greengate/instance"
)

const (
	codeSuccess    = "SUCCESS"
	codeInternal   = "INTERNAL_SERVER_ERROR"
	codeValidation = "VALIDATION_ERROR"
	codeAuth       = "AUTHENTICATION_ERROR"
)

// reply is a failure as GOWA tells it. An empty text is filled with the error's detail. GOWA itself answers 500 to the ones that are
// marked; status and code then stand only under Config.RightCodes.
type reply struct {
	status   int
	code     string
	text     string
	gowa500  bool
	deviceID *string // results.device_id, where there is one
}

// Error makes a reply an error, for routes that have failures of their own.
func (r reply) Error() string { return r.text }

func invalid(text string) error {
	return reply{status: http.StatusBadRequest, code: codeValidation, text: text}
}

func errNoSuchPage(r *http.Request) error {
	return reply{status: http.StatusNotFound, code: "NOT_FOUND", text: "Cannot " + r.Method + " " + r.URL.Path}
}

func replyTo(kind instance.Kind) reply {
	switch kind {
	case instance.KindInvalid, instance.KindFileEmpty:
		return reply{status: http.StatusBadRequest, code: codeValidation}
	case instance.KindUnsupportedMedia:
		return reply{status: http.StatusBadRequest, code: codeValidation, text: "not a JPEG, PNG or WebP picture, or a broken one"}
	case instance.KindTooLarge:
		return reply{status: http.StatusBadRequest, code: codeValidation, text: "the picture is too large"}
	case instance.KindUnknownInstance, instance.KindDeleted:
		return reply{status: http.StatusNotFound, code: "DEVICE_NOT_FOUND"}
	case instance.KindNotAuthorized, instance.KindStarting, instance.KindSuspended:
		return reply{status: http.StatusUnauthorized, code: codeAuth, text: "not connected to WhatsApp; log in or reconnect"}
	case instance.KindPasskeyRequired:
		return reply{status: http.StatusUnauthorized, code: codeAuth}
	case instance.KindAlreadyAuthorized:
		return reply{status: http.StatusBadRequest, code: "ALREADY_LOGGED_IN", text: "the device is logged in already"}
	case instance.KindTimeout:
		return reply{status: http.StatusGatewayTimeout, code: "GATEWAY_TIMEOUT", text: "WhatsApp did not answer in time"}
	case instance.KindNotFound:
		return reply{status: http.StatusNotFound, code: "NOT_FOUND", gowa500: true}
	case instance.KindForbidden:
		return reply{status: http.StatusForbidden, code: "FORBIDDEN", text: "hidden, or not allowed to this account", gowa500: true}
	case instance.KindRateOverLimit:
		return reply{status: http.StatusTooManyRequests, code: "RATE_OVERLIMIT", gowa500: true}
	case instance.KindNotAcceptable:
		return reply{status: http.StatusBadRequest, code: codeValidation, gowa500: true}
	case instance.KindBusy:
		return reply{status: http.StatusServiceUnavailable, code: "SERVICE_UNAVAILABLE", gowa500: true}
	case instance.KindRefused:
		return reply{status: http.StatusBadGateway, code: "BAD_GATEWAY", gowa500: true}
	case instance.KindInternal, instance.KindUnchanged, instance.KindPushed: // the latter two are never asked for here
	}
	return reply{status: http.StatusInternalServerError, code: codeInternal, text: "internal server error"}
}

// replyToError finds the reply to an error of any kind. A call that has used up its time says so, wherever it was.
func replyToError(ctx context.Context, err error) (r reply) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return replyTo(instance.KindTimeout)
	}
	if errors.As(err, &r) {
		return r
	}
	e := instance.AsError(err)
	if r = replyTo(e.Kind); r.text == "" {
		r.text = e.Detail
	}
	return r
}

// failure is GOWA's error body.
type failure struct {
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Results *deviceResults `json:"results,omitempty"`
}

type deviceResults struct {
	DeviceID string `json:"device_id"`
}

func (s *server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	answer, e := replyToError(r.Context(), err), instance.AsError(err)
	if answer.status >= http.StatusInternalServerError {
		s.log.Error("request failed", "dialect", "gowa", "error", instance.MaskNumbers(e.Error()))
	}
	if answer.gowa500 && !s.config.RightCodes {
		answer.status, answer.code = http.StatusInternalServerError, codeInternal
	}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	body := failure{Code: answer.code, Message: answer.text}
	if answer.deviceID != nil {
		body.Results = &deviceResults{*answer.deviceID}
	}
	writeJSON(w, answer.status, body)
}

// writeJSON writes compact JSON without HTML escaping.
func writeJSON(w http.ResponseWriter, status int, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		http.Error(w, `{"code":"`+codeInternal+`","message":"internal server error"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}
