package sandbox

import (
	"sync"

	"go.mau.fi/libsignal/logger"
)

// silence is a logger for libsignal, which otherwise prints every message that cannot be read to standard output.
type silence struct{}

// Debug drops a line.
func (silence) Debug(string, string) {}

// Info drops a line.
func (silence) Info(string, string) {}

// Warning drops a line.
func (silence) Warning(string, string) {}

// Error drops a line.
func (silence) Error(string, string) {}

// Configure has nothing to configure.
func (silence) Configure(string) {}

// silenceSignal acts once for the whole process: libsignal has one logger, which it would make at its first use and without a lock.
var silenceSignal = sync.OnceFunc(func() {
	var l logger.Loggable = silence{}
	logger.Setup(&l)
})
