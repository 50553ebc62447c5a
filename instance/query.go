package instance

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow"
)

// ask runs one call of whatsmeow within a deadline of our own, since whatsmeow waits 75 s for an answer, and can wait longer for
// its socket lock. The call goes on in the background when the deadline comes first; its result is dropped then. Errors leave as
// *Error.
func ask[T any](ctx context.Context, i *Instance, within time.Duration, call func(context.Context, *whatsmeow.Client) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	i.mu.Lock()
	client := i.client
	if !i.link.usable(!i.deviceJID.IsEmpty()) || client == nil || i.ended {
		i.mu.Unlock()
		return none, fail(KindStarting, "not connected to WhatsApp")
	}
	i.queries.Add(1)
	i.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answered := make(chan answer, 1)
	go func() {
		defer i.queries.Done()
		value, err := call(ctx, client)
		answered <- answer{value, err}
	}()
	select {
	case a := <-answered:
		return a.value, fromWhatsApp(a.err)
	case <-ctx.Done():
		return none, fromWhatsApp(ctx.Err())
	}
}

// endQueries refuses further queries and waits for those under way.
func (i *Instance) endQueries() {
	i.mu.Lock()
	i.ended = true
	i.mu.Unlock()
	i.queries.Wait()
}
