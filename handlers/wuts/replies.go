package wuts

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"greengate/instance"
)

// failure is an error as WUTS tells it. Clients branch on the status and the code.
type failure struct {
	status     int
	code       string
	text       string
	validation []Complaint
}

func (f failure) Error() string { return f.text }

// Complaint names one field that is wrong. Value is what was sent, where it is short.
type Complaint struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Value   string `json:"value"`
}

const (
	codeValidation = "VALIDATION_ERROR"
	codeForbidden  = "FORBIDDEN"
	codeNotFound   = "NOT_FOUND"
	codeNotReady   = "DEVICE_NOT_READY"
)

var (
	errUnauthorized  = failure{status: http.StatusUnauthorized, code: "UNAUTHORIZED", text: "unauthorized"}
	errRole          = failure{status: http.StatusForbidden, code: codeForbidden, text: "this needs the role manager or admin"}
	errForeignDevice = failure{status: http.StatusForbidden, code: codeForbidden, text: "the device belongs to another tenant"}
	errNoDevice      = failure{status: http.StatusNotFound, code: "DEVICE_NOT_FOUND", text: "device not found"}
	errNoRoute       = failure{status: http.StatusNotFound, code: codeNotFound, text: "no such route"}
	errNotConnected  = failure{status: http.StatusBadRequest, code: codeNotReady, text: "session is not connected"}
	errNotPaired     = failure{status: http.StatusBadRequest, code: codeNotReady, text: "the device is not paired; use /qr or /paircode"}
)

func invalid(field, message, value string) failure {
	const longest = 100
	if len(value) > longest {
		value = ""
	}
	return failure{http.StatusBadRequest, codeValidation, message, []Complaint{{field, message, value}}}
}

// replyTo is the table from what went wrong to what is told. An empty text is filled with the error's detail.
func replyTo(kind instance.Kind) failure {
	switch kind {
	case instance.KindInvalid, instance.KindUnsupportedMedia, instance.KindTooLarge, instance.KindFileEmpty:
		return failure{status: http.StatusBadRequest, code: codeValidation}
	case instance.KindUnknownInstance, instance.KindDeleted:
		return errNoDevice
	case instance.KindNotAuthorized, instance.KindStarting:
		return errNotConnected
	case instance.KindSuspended:
		return failure{status: http.StatusForbidden, code: "ACCOUNT_SUSPENDED"}
	case instance.KindAlreadyAuthorized:
		return failure{status: http.StatusBadRequest, code: "ALREADY_CONNECTED", text: "already connected"}
	case instance.KindPasskeyRequired:
		return failure{status: http.StatusBadRequest, code: "PASSKEY_REQUIRED"}
	case instance.KindBusy:
		return failure{status: http.StatusServiceUnavailable, code: "SERVICE_BUSY"}
	case instance.KindRateOverLimit:
		return failure{status: http.StatusTooManyRequests, code: "RATE_LIMITED", text: "too many changes, try again later"}
	case instance.KindNotAcceptable:
		return failure{status: http.StatusBadRequest, code: "NOT_ACCEPTABLE", text: "WhatsApp does not accept this"}
	case instance.KindForbidden:
		return failure{status: http.StatusForbidden, code: codeForbidden, text: "WhatsApp does not allow this account to do or see that"}
	case instance.KindNotFound:
		return failure{status: http.StatusNotFound, code: codeNotFound}
	case instance.KindTimeout:
		return failure{status: http.StatusGatewayTimeout, code: "TIMEOUT"}
	case instance.KindRefused:
		return failure{status: http.StatusBadGateway, code: "WHATSAPP_ERROR"}
	case instance.KindInternal, instance.KindPushed, instance.KindUnchanged: // the last is an answer, see contactPicture
	}
	return failure{status: http.StatusInternalServerError, code: "INTERNAL_ERROR", text: "internal error"}
}

// failureBody is WUTS's envelope of errors.
type failureBody struct {
	Success    bool        `json:"success"`
	Error      string      `json:"error"`
	ErrorCode  string      `json:"error_code" doc:"upper-case, for programs"`
	Timestamp  string      `json:"timestamp" format:"date-time"`
	Validation []Complaint `json:"validation,omitempty"`
}

func (s *server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	f := s.failure(w, r, err)
	writeJSON(w, f.status, failureBody{
		Error: f.text, ErrorCode: f.code, Timestamp: time.Now().UTC().Format(time.RFC3339), Validation: f.validation,
	})
}

// writeOlderError answers in the form that WUTS had before it knew codes, with that form's few texts.
func (s *server) writeOlderError(w http.ResponseWriter, r *http.Request, err error) {
	f := s.failure(w, r, err)
	switch f.code {
	case errNotConnected.code, errNoDevice.code:
		f.status, f.text = http.StatusNotFound, "device not found or not connected"
	case errUnauthorized.code, codeForbidden, codeValidation:
	default:
		f.text = "failed to disconnect device"
	}
	writeJSON(w, f.status, struct {
		Success bool   `json:"success"`
		Error   string `json:"error"`
	}{false, f.text})
}

// failure finds the words for an error and logs what is our own fault.
func (s *server) failure(w http.ResponseWriter, r *http.Request, err error) failure {
	var f failure
	if errors.As(err, &f) {
		return f
	}
	e := instance.AsError(err)
	if f = replyTo(e.Kind); f.text == "" {
		f.text = e.Detail
	}
	if f.status == http.StatusInternalServerError {
		s.log.ErrorContext(r.Context(), "request failed", "dialect", "wuts", "error", instance.MaskNumbers(err.Error()))
	}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	return f
}

// writeJSON answers compact JSON; status 0 stands for 200.
func writeJSON(w http.ResponseWriter, status int, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(max(status, http.StatusOK))
	_, _ = w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}
