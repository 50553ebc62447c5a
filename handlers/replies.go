package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"greengate/instance"
)

// reply is how GREEN-API renders a kind of error: bare text, or its JSON envelope with the text as message. An empty text is filled
// with the error's detail.
type reply struct {
	status   int
	envelope bool
	text     string
}

// Error makes a reply an error, for methods that have texts of their own.
func (r reply) Error() string { return r.text }

const validationFailed = "Validation failed. Details: "

func replyTo(kind instance.Kind) reply {
	switch kind {
	case instance.KindInvalid:
		return reply{http.StatusBadRequest, true, ""}
	case instance.KindUnknownInstance:
		return reply{http.StatusForbidden, true, "Forbidden"}
	case instance.KindDeleted:
		return reply{http.StatusBadRequest, false, "Instance is deleted"}
	case instance.KindNotAuthorized:
		return reply{http.StatusBadRequest, false, "instance is starting or not authorized"}
	case instance.KindStarting:
		return reply{http.StatusBadRequest, false, "instance in starting process try later"}
	case instance.KindSuspended:
		return reply{http.StatusForbidden, false, "Your account is suspended"}
	case instance.KindAlreadyAuthorized:
		return reply{http.StatusBadRequest, false, "instance account already authorized"}
	case instance.KindPasskeyRequired, instance.KindTooLarge:
		return reply{http.StatusBadRequest, false, ""}
	case instance.KindFileEmpty:
		return reply{http.StatusBadRequest, false, "File is empty"}
	case instance.KindUnsupportedMedia:
		return reply{http.StatusBadRequest, false, "Unsupported media type"}
	case instance.KindBusy:
		return reply{http.StatusServiceUnavailable, true, ""}
	case instance.KindRateOverLimit:
		return reply{http.StatusTooManyRequests, true, "rate-overlimit"}
	case instance.KindNotAcceptable:
		return reply{http.StatusBadRequest, true, "not-acceptable"}
	case instance.KindForbidden:
		return reply{http.StatusForbidden, true, "Forbidden"}
	case instance.KindNotFound:
		return reply{http.StatusNotFound, true, "Not Found"}
	case instance.KindTimeout:
		return reply{http.StatusGatewayTimeout, true, "WhatsApp did not answer in time"}
	case instance.KindRefused:
		return reply{http.StatusBadGateway, true, ""}
	case instance.KindInternal, instance.KindUnchanged, instance.KindPushed: // the latter two are never asked for, and worded by their method
	}
	return reply{http.StatusInternalServerError, true, "Internal Server Error"}
}

// partnerFailure is GREEN-API's way to say 401 and 404 with status 200 in the partner API (docs/partners).
type partnerFailure struct {
	Code        int    `json:"code"`
	Description string `json:"description"`
}

func (f partnerFailure) Error() string { return f.Description }

// plainFailure is GREEN-API's way to tell a failure with status 200 as a JSON string.
type plainFailure string

func (f plainFailure) Error() string { return string(f) }

// statusQuota is GREEN-API's own.
const statusQuota = 466

// quotaFailure is GREEN-API's body of 466 (docs/api/466-error-example-body).
type quotaFailure struct {
	CorrespondentsStatus instance.Quota `json:"correspondentsStatus"`
}

// writeError answers an error of any kind in GREEN-API's shape for it.
func writeError(c *gin.Context, err error) {
	_ = c.Error(err) // for the request log
	var failure partnerFailure
	var plain plainFailure
	var bare bareMessage
	var quota *instance.Quota
	var r reply
	e := instance.AsError(err)
	switch {
	case errors.As(err, &failure):
		writeJSON(c, http.StatusOK, failure)
		return
	case errors.As(err, &plain):
		writeJSON(c, http.StatusOK, plain)
		return
	case errors.As(err, &bare):
		writeJSON(c, bare.status, bare)
		return
	case errors.As(err, &quota):
		body := quotaFailure{*quota}
		body.CorrespondentsStatus.Status = "CORRESPONDENTS_QUOTE_EXCEEDED" // so in answers, and with an A in notifications
		writeJSON(c, statusQuota, body)
		return
	case !errors.As(err, &r):
		r = replyTo(e.Kind)
	}
	if r.text == "" {
		r.text = e.Detail
	}
	if e.Kind == instance.KindInvalid {
		r.text = validationFailed + r.text
	}
	setRetryAfter(c, e.RetryAfter)
	if r.envelope {
		writeEnvelope(c, r.status, r.text)
	} else {
		c.String(r.status, "%s", r.text)
	}
}

// envelope is GREEN-API's error object.
type envelope struct {
	StatusCode int    `json:"statusCode"`
	Timestamp  string `json:"timestamp" format:"date-time"`
	Path       string `json:"path" doc:"the path, its token masked"`
	Message    string `json:"message"`
}

// writeEnvelope writes the error object. Its path carries the token masked: people paste these bodies into tickets.
func writeEnvelope(c *gin.Context, status int, message string) {
	writeJSON(c, status, envelope{status, time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), maskedPath(c), message})
}

// writeJSON writes compact JSON without HTML escaping and without a trailing newline, which some clients trip over.
func writeJSON(c *gin.Context, status int, value any) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		_ = c.Error(err)
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Data(status, "application/json; charset=utf-8", bytes.TrimSuffix(buffer.Bytes(), []byte("\n")))
}

func setRetryAfter(c *gin.Context, wait time.Duration) {
	if wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

const (
	tokenMask = "***"
	longWord  = 32 // no method is that long: a segment that is, is a token in the wrong place
)

// maskedPath is the request's path with everything that could be a token replaced.
func maskedPath(c *gin.Context) string {
	segments := strings.Split(strings.Trim(c.Request.URL.Path, "/"), "/")
	first := strings.ToLower(segments[0])
	secret := -1
	if len(segments) > 1 && (strings.HasPrefix(first, "wainstance") || first == "partner") {
		secret = min(2, len(segments)-1)
	}
	for n, segment := range segments {
		if n == secret || len(segment) >= longWord {
			segments[n] = tokenMask
		}
	}
	return "/" + strings.Join(segments, "/")
}
