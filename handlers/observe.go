package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"greengate/instance"
)

// observe writes one wide line for each request and counts it. Neither carries a token: a method is named, never a path with one.
func (s *server) observe(c *gin.Context) {
	start := time.Now()
	c.Next()
	took := time.Since(start)
	method, status := c.GetString(methodKey), c.Writer.Status()
	s.metrics.count(method, status, took)
	attrs := []slog.Attr{
		slog.String("verb", c.Request.Method),
		slog.String("path", instance.MaskNumbers(maskedPath(c))),
		slog.Int("status", status),
		slog.Duration("took", took),
		slog.Int64("in", c.Request.ContentLength),
		slog.Int("out", c.Writer.Size()),
		slog.String("client", c.Request.UserAgent()),
	}
	if method != "" {
		attrs = append(attrs, slog.String("method", method))
	}
	if id := c.GetInt64(instanceKey); id != 0 {
		attrs = append(attrs, slog.Int64("instance", id))
	}
	level := slog.LevelInfo
	if last := c.Errors.Last(); last != nil {
		attrs = append(attrs, slog.String("error", instance.MaskNumbers(last.Error())))
	}
	if status >= http.StatusInternalServerError && status != http.StatusNotImplemented { // 501: wahost's word for not connected
		level = slog.LevelError
	}
	s.log.LogAttrs(c.Request.Context(), level, "request", attrs...)
}

// recovery answers a panic with 500 and logs where it came from.
func recovery(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			if reason := recover(); reason != nil {
				log.Error("panic", "reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
				writeEnvelope(c, http.StatusInternalServerError, "Internal Server Error")
				c.Abort()
			}
		}()
		c.Next()
	}
}
