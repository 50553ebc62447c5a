package main

import (
	"context"
	"fmt"
	"time"

	"greengate/bench/servers"
)

// reading is what the server's process takes at a moment.
type reading struct{ rss, goroutines float64 }

func (r reading) String() string {
	return fmt.Sprintf("%.0f MiB RSS, %.0f goroutines", r.rss/(1<<20), r.goroutines)
}

func (r reading) each(empty reading, n int) string {
	return fmt.Sprintf("%.0f KiB, %.1f goroutines", (r.rss-empty.rss)/1024/float64(n), (r.goroutines-empty.goroutines)/float64(n))
}

// take takes resident memory and goroutines from the server's own metrics, after a minute of idleness, in which the garbage of pairing
// is mostly collected.
func take(ctx context.Context, s *servers.Servers) (reading, error) {
	s.CloseIdleConnections()
	if len(s.Instances) > 0 {
		select {
		case <-time.After(time.Minute):
		case <-ctx.Done():
			return reading{}, ctx.Err()
		}
	}
	metrics, err := s.Metrics(ctx)
	return reading{metrics["process_resident_memory_bytes"], metrics["go_goroutines"]}, err
}
