package handlers

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"greengate/instance"
)

// limits keeps one token bucket per instance and method. A bucket that is full again equals a new one, so those are swept now and
// then and memory follows the instances in use.
type limits struct {
	mu      sync.Mutex
	buckets map[limitKey]*rate.Limiter
	swept   time.Time
}

type limitKey struct {
	id     instance.ID
	method string
}

const sweepEvery = time.Minute

func newLimits() *limits { return &limits{buckets: map[limitKey]*rate.Limiter{}} }

// take spends one call. It returns how many are left in this moment and, when there was none, how long to wait.
func (l *limits) take(id instance.ID, row *Method) (left int, wait time.Duration) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	key := limitKey{id, row.Name}
	bucket := l.buckets[key]
	if bucket == nil {
		bucket = rate.NewLimiter(rate.Limit(row.Rate), max(1, int(math.Ceil(row.Rate))))
		l.buckets[key] = bucket
	}
	if bucket.AllowN(now, 1) {
		return int(bucket.TokensAt(now)), 0
	}
	return 0, time.Duration((1 - bucket.TokensAt(now)) / row.Rate * float64(time.Second))
}

func (l *limits) sweep(now time.Time) {
	if now.Sub(l.swept) < sweepEvery {
		return
	}
	l.swept = now
	for key, bucket := range l.buckets {
		if bucket.TokensAt(now) >= float64(bucket.Burst()) {
			delete(l.buckets, key)
		}
	}
}
