package sandbox

import "context"

// feed is a list that only grows and whose next entry can be waited for. It is used under World.mu.
type feed[T any] struct {
	all   []T
	taken int
	grown chan struct{} // closed by the next add; nil while nobody waits
}

func (f *feed[T]) add(entry T) {
	f.all = append(f.all, entry)
	if f.grown != nil {
		close(f.grown)
		f.grown = nil
	}
}

// next takes the oldest entry that was not taken before, waiting for one if need be. It expects the mutex not to be held.
func next[T any](ctx context.Context, w *World, f *feed[T]) (entry T, err error) {
	for {
		w.mu.Lock()
		if f.taken < len(f.all) {
			entry = f.all[f.taken]
			f.taken++
			w.mu.Unlock()
			return entry, nil
		}
		if f.grown == nil {
			f.grown = make(chan struct{})
		}
		grown := f.grown
		w.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
			return entry, ctx.Err()
		case <-w.ctx.Done():
			return entry, errClosed
		}
	}
}
