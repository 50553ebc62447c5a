package instance

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"

	waLog "go.mau.fi/whatsmeow/util/log"
)

// NewWALogger hands whatsmeow's log to slog until ctx ends: its goroutines outlive a client, and complain of the closed store. Its
// debug lines hold whole stanzas with texts, so they are dropped; of numbers in the others only the last three digits are kept.
func NewWALogger(ctx context.Context, log *slog.Logger) waLog.Logger { return waLogger{ctx, log} }

type waLogger struct {
	ctx context.Context
	log *slog.Logger
}

var longNumber = regexp.MustCompile(`\d{4,}(\d{3})`)

// MaskNumbers keeps only the last three digits of long numbers, for logs.
func MaskNumbers(s string) string { return longNumber.ReplaceAllString(s, "…$1") }

func (l waLogger) say(level slog.Level, msg string, args []any) {
	if l.ctx.Err() == nil {
		l.log.LogAttrs(l.ctx, level, "whatsmeow", slog.String("said", MaskNumbers(fmt.Sprintf(msg, args...))))
	}
}

func (l waLogger) Errorf(msg string, args ...any) {
	level := slog.LevelError
	if msg == "Error reading from websocket: %v" { // so every connection ends, and the supervisor tells what that means
		level = slog.LevelDebug
	}
	l.say(level, msg, args)
}
func (l waLogger) Warnf(msg string, args ...any) { l.say(slog.LevelWarn, msg, args) }
func (l waLogger) Infof(msg string, args ...any) { l.say(slog.LevelDebug, msg, args) }
func (waLogger) Debugf(string, ...any)           {}
func (l waLogger) Sub(module string) waLog.Logger {
	return waLogger{l.ctx, l.log.With("module", module)}
}
