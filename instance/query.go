package instance

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"go.mau.fi/whatsmeow"
)

// reconnectWithin is how long a query waits for a connection that was just lost.
const reconnectWithin = 5 * time.Second

// ask runs one call of whatsmeow for a linked account within a deadline of our own, since whatsmeow waits 75 s for an answer, and can
// wait longer for its socket lock. The call goes on in the background when the deadline comes first; its result is dropped then. Errors
// leave as *Error.
func ask[T any](ctx context.Context, i *Instance, within time.Duration, call func(context.Context, *whatsmeow.Client) (T, error)) (T, error) {
	return query(ctx, i, within, true, call)
}

// query is ask for an account that is linked, or for none. The client of the one is of no use for calls of the other: whatsmeow panics.
func query[T any](ctx context.Context, i *Instance, within time.Duration, linked bool, call func(context.Context, *whatsmeow.Client) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	client, err := i.beginQuery(ctx, linked)
	if err != nil {
		return none, err
	}
	answered := make(chan answer, 1)
	go func() {
		defer i.queries.Done()
		value, err := contain(i.log, func() (T, error) { return call(ctx, client) })
		answered <- answer{value, err}
	}()
	select {
	case a := <-answered:
		return a.value, fromWhatsApp(a.err)
	case <-ctx.Done():
		return none, fromWhatsApp(ctx.Err())
	}
}

// contain makes a panic an error: an answer that whatsmeow does not expect must not end all the other accounts.
func contain[T any](log *slog.Logger, call func() (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %s", MaskNumbers(fmt.Sprint(p)))
			log.Error("a call of whatsmeow failed", "error", err, "stack", string(debug.Stack()))
		}
	}()
	return call()
}

// beginQuery returns the client once it can be asked, and counts the query until queries.Done. A linked account that is just
// reconnecting is waited for, as long as whatsmeow itself waits before it gives a query up.
func (i *Instance) beginQuery(ctx context.Context, linked bool) (*whatsmeow.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, reconnectWithin)
	defer cancel()
	for {
		client, changed := i.usableClient(linked)
		if client != nil {
			return client, nil
		} else if changed == nil {
			return nil, fail(KindStarting, "not connected to WhatsApp")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fail(KindStarting, "not connected to WhatsApp")
		}
	}
}

// usableClient returns the client if it can be asked now, and otherwise what to wait for, nil if waiting is of no use.
func (i *Instance) usableClient(linked bool) (*whatsmeow.Client, <-chan struct{}) {
	i.mu.Lock()
	defer i.mu.Unlock()
	paired := !i.deviceJID.IsEmpty()
	switch {
	case i.ended || i.client == nil || paired != linked:
		return nil, nil
	case i.link.usable(paired):
		i.queries.Add(1)
		return i.client, nil
	case paired && i.status.State == StateAuthorized:
		return nil, i.changed
	}
	return nil, nil
}

// endQueries refuses further queries and waits for those under way.
func (i *Instance) endQueries() {
	i.mu.Lock()
	i.ended = true
	i.mu.Unlock()
	i.queries.Wait()
}
