package handlers

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"greengate/instance"
)

func TestABusyServerSaysWhenToTryAgain(t *testing.T) {
	gin.SetMode(gin.TestMode)
	recorder := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(recorder)
	c.Request = httptest.NewRequestWithContext(t.Context(), "POST", "/waInstance1/setProfilePicture/secret", nil)
	writeError(c, &instance.Error{Kind: instance.KindBusy, Detail: "too many pictures at once", RetryAfter: 1500 * time.Millisecond})
	if recorder.Code != 503 || recorder.Header().Get("Retry-After") != "2" {
		t.Errorf("%d, Retry-After %q: %s", recorder.Code, recorder.Header().Get("Retry-After"), recorder.Body)
	}
}

func TestPathsOfErrorsMaskTheToken(t *testing.T) {
	gin.SetMode(gin.TestMode)
	for path, want := range map[string]string{
		"/waInstance1/getSettings/secret":          "/waInstance1/getSettings/***",
		"/WAINSTANCE1/getSettings/secret":          "/WAINSTANCE1/getSettings/***",
		"/waInstance1/deleteNotification/secret/5": "/waInstance1/deleteNotification/***/5",
		"/waInstance1/secret":                      "/waInstance1/***",
		"/partner/getInstances/secret":             "/partner/getInstances/***",
		"/Partner/getInstances/secret":             "/Partner/getInstances/***",
		"/x/0123456789abcdef0123456789abcdef":      "/x/***",
		"/healthz":                                 "/healthz",
	} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
		if got := maskedPath(c); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}
