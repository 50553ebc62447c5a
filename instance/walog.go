package instance

import (
	"fmt"
	"log/slog"
	"regexp"

	waLog "go.mau.fi/whatsmeow/util/log"
)

// NewWALogger hands whatsmeow's log to slog. Its debug lines hold whole stanzas with texts, so they are dropped; of numbers in the
// others only the last three digits are kept.
func NewWALogger(log *slog.Logger) waLog.Logger { return waLogger{log} }

type waLogger struct{ log *slog.Logger }

var longNumber = regexp.MustCompile(`\d{4,}(\d{3})`)

// MaskNumbers keeps only the last three digits of long numbers, for logs.
func MaskNumbers(s string) string { return longNumber.ReplaceAllString(s, "…$1") }

func said(msg string, args []any) slog.Attr {
	return slog.String("said", MaskNumbers(fmt.Sprintf(msg, args...)))
}

func (l waLogger) Errorf(msg string, args ...any) { l.log.Error("whatsmeow", said(msg, args)) }
func (l waLogger) Warnf(msg string, args ...any)  { l.log.Warn("whatsmeow", said(msg, args)) }
func (l waLogger) Infof(msg string, args ...any)  { l.log.Debug("whatsmeow", said(msg, args)) }
func (waLogger) Debugf(string, ...any)            {}
func (l waLogger) Sub(module string) waLog.Logger { return waLogger{l.log.With("module", module)} }
