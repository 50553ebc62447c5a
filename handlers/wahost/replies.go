package wahost

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"greengate/instance"
)

// reply is how the dialect renders a kind of error. An empty message is filled with the error's detail.
type reply struct {
	status        int
	code, message string
}

// Error makes a reply an error, for what the core has no kind for.
func (r reply) Error() string { return r.message }

func replyTo(kind instance.Kind) reply {
	switch kind {
	case instance.KindInvalid, instance.KindFileEmpty, instance.KindUnsupportedMedia, instance.KindTooLarge:
		return reply{http.StatusBadRequest, "validation_error", ""}
	case instance.KindUnknownInstance, instance.KindDeleted:
		return reply{http.StatusNotFound, "not_found", "no such session"}
	case instance.KindNotFound, instance.KindForbidden: // one must not learn that something is there, but hidden
		return reply{http.StatusNotFound, "not_found", "not found, or not accessible to this account"}
	case instance.KindNotAuthorized, instance.KindStarting, instance.KindSuspended:
		return reply{http.StatusNotImplemented, "not_implemented", "the session is not connected"}
	case instance.KindAlreadyAuthorized, instance.KindPasskeyRequired:
		return reply{http.StatusConflict, "conflict", ""}
	case instance.KindRateOverLimit:
		return reply{http.StatusTooManyRequests, "rate_limited", "too many requests"}
	case instance.KindBusy:
		return reply{http.StatusServiceUnavailable, "unavailable", ""}
	case instance.KindTimeout:
		return reply{http.StatusGatewayTimeout, "timeout", "WhatsApp did not answer in time"}
	case instance.KindNotAcceptable, instance.KindRefused:
		return reply{http.StatusBadGateway, "refused", ""}
	case instance.KindInternal, instance.KindUnchanged, instance.KindPushed: // the latter two are never asked for here
	}
	return reply{http.StatusInternalServerError, "internal", "internal error"}
}

// Failure is the body of every error. Details is an empty object.
type Failure struct {
	Error struct {
		Code    string   `json:"code"`
		Message string   `json:"message"`
		Details struct{} `json:"details"`
	} `json:"error"`
}

// writeError answers an error of any kind.
func (s *server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := instance.AsError(err)
	var answer reply
	if !errors.As(err, &answer) {
		answer = replyTo(e.Kind)
	}
	if answer.message == "" {
		answer.message = e.Detail
	}
	switch answer.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusInternalServerError:
		s.log.ErrorContext(r.Context(), "request failed", "error", instance.MaskNumbers(err.Error()))
	}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	var failure Failure
	failure.Error.Code, failure.Error.Message = answer.code, answer.message
	s.writeJSON(w, r, answer.status, failure)
}

// writeJSON writes compact JSON without HTML escaping, since addresses of pictures contain &.
func (s *server) writeJSON(w http.ResponseWriter, r *http.Request, status int, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		s.log.ErrorContext(r.Context(), "answer not encoded", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n"))) // the caller is gone
}
