package store

import (
	"context"
	"slices"
	"sync"
)

// turns is a lock that is given out in the order of asking. The zero value is free.
type turns struct {
	mu    sync.Mutex
	taken bool
	queue []chan struct{}
}

// take waits for the turn, or for ctx.
func (t *turns) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	mine := t.enqueue()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	if t.dequeue(mine) {
		return ctx.Err()
	}
	return nil // the turn came in the same moment
}

// enqueue returns a channel that is closed when the turn comes.
func (t *turns) enqueue() chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := make(chan struct{})
	if t.taken {
		t.queue = append(t.queue, mine)
	} else {
		t.taken = true
		close(mine)
	}
	return mine
}

// dequeue gives a place in the queue up; false when the turn has come already.
func (t *turns) dequeue(mine chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.queue, mine)
	if i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
	}
	return i >= 0
}

// pass gives the turn to the next in the queue. When there is none, it stays where it is and pass returns false.
func (t *turns) pass() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.toNext()
}

// end gives the turn to the next in the queue, or to whoever comes.
func (t *turns) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken = t.toNext()
}

func (t *turns) toNext() bool {
	if len(t.queue) == 0 {
		return false
	}
	close(t.queue[0])
	t.queue = slices.Delete(t.queue, 0, 1)
	return true
}
