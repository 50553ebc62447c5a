package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"greengate/bench/servers"
)

// notification is what a receiver looks at.
type notification struct{ TypeWebhook, IDMessage string }

// inbox notes when the notifications of messages came.
type inbox struct {
	mu   sync.Mutex
	at   map[string]time.Time
	want int
	full chan struct{} // closed when all have come, or with err
	err  error
}

func newInbox(want int) *inbox {
	return &inbox{at: map[string]time.Time{}, want: want, full: make(chan struct{})}
}

func (in *inbox) take(n notification) {
	now := time.Now()
	in.mu.Lock()
	defer in.mu.Unlock()
	_, again := in.at[n.IDMessage]
	switch {
	case in.err != nil:
		return
	case again || n.TypeWebhook != "incomingMessageReceived" || len(in.at) == in.want:
		in.err = fmt.Errorf("an unexpected notification of type %q", n.TypeWebhook)
		if len(in.at) < in.want {
			close(in.full)
		}
		return
	}
	if in.at[n.IDMessage] = now; len(in.at) == in.want {
		close(in.full)
	}
}

// compare pairs what was written with its notifications, once all have come.
func (in *inbox) compare(ctx context.Context, written []event) ([]event, error) {
	if _, err := await(ctx, in.full); err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err != nil {
		return nil, in.err
	}
	told := make([]event, len(written))
	for n, w := range written {
		at, ok := in.at[w.id]
		if !ok {
			return nil, errors.New("a message has no notification")
		}
		told[n] = event{w.id, at}
	}
	return told, nil
}

// receiver is a user's program that notifications are pushed to.
type receiver struct {
	url   string
	inbox atomic.Pointer[inbox]
}

// startReceiver serves on loopback until ctx ends.
func startReceiver(ctx context.Context) (*receiver, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{url: "http://" + listener.Addr().String() + "/"}
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		var n notification
		if err := json.NewDecoder(request.Body).Decode(&n); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.inbox.Load().take(n)
	})}
	go func() { _ = server.Serve(listener) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return r, nil
}

// pushed lets the friends write while notifications are pushed.
func (b *bench) pushed(ctx context.Context, size, texts int, tag string) (sample, error) {
	if err := b.setWebhook(ctx, size, b.receiver.url); err != nil {
		return sample{}, err
	}
	return b.receive(ctx, size, texts, tag, func(context.Context, int, *inbox) error { return nil })
}

// polled lets the friends write while each instance has a program that takes and deletes its notifications one by one.
func (b *bench) polled(ctx context.Context, size, texts int, tag string) (sample, error) {
	if err := b.setWebhook(ctx, size, ""); err != nil {
		return sample{}, err
	}
	return b.receive(ctx, size, texts, tag, func(ctx context.Context, texts int, in *inbox) error {
		all, ctx := errgroup.WithContext(ctx)
		for k := range min(size, texts) {
			all.Go(func() error { return b.poll(ctx, b.Instances[k], (texts-k+size-1)/size, in) })
		}
		return all.Wait()
	})
}

func (b *bench) setWebhook(ctx context.Context, size int, url string) error {
	return spread(ctx, size, 0, func(ctx context.Context, k int) error {
		settings := servers.Object{"webhookUrl": url, "incomingWebhook": "yes", "delaySendMessagesMilliseconds": 0}
		return b.Exchange(ctx, http.MethodPost, b.URL(b.Instances[k], "setSettings"), settings, nil)
	})
}

func (b *bench) poll(ctx context.Context, i servers.Instance, count int, in *inbox) error {
	for range count {
		var head *struct {
			ReceiptID int64
			Body      notification
		}
		if err := b.Exchange(ctx, http.MethodGet, b.URL(i, "receiveNotification")+"?receiveTimeout=60", nil, &head); err != nil {
			return err
		}
		if head == nil {
			return errors.New("no notification within a minute")
		}
		in.take(head.Body)
		var gone struct{ Result bool }
		err := b.Exchange(ctx, http.MethodDelete, fmt.Sprintf("%s/%d", b.URL(i, "deleteNotification"), head.ReceiptID), nil, &gone)
		if err == nil && !gone.Result {
			err = errors.New("a notification was gone before it was deleted")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// receive lets the friends write as fast as they can, and then at a quarter of the pace that was kept from end to end. drain gets the
// notifications if nothing pushes them.
func (b *bench) receive(ctx context.Context, size, texts int, tag string, drain func(context.Context, int, *inbox) error) (sample, error) {
	written, told, err := b.write(ctx, size, texts, tag, 0, drain)
	if err != nil {
		return sample{}, err
	}
	s := sample{rate: perSecond(texts, written[0].at, last(told))}
	written, told, err = b.write(ctx, size, min(texts, unhurried), tag, quarterOf(s.rate), drain)
	s.ways = between(written, told)
	return s, err
}

// write lets one friend after the other write to its instance, and waits until everything was told and the queues are empty.
func (b *bench) write(
	ctx context.Context, size, texts int, tag string, every time.Duration, drain func(context.Context, int, *inbox) error,
) (written, told []event, err error) {
	in := newInbox(texts)
	b.receiver.inbox.Store(in)
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return drain(ctx, texts, in) })
	written = make([]event, texts)
	both.Go(func() error {
		return spread(ctx, texts, every, func(ctx context.Context, k int) error {
			written[k].at = time.Now()
			var answer struct{ ID string }
			text := servers.Object{"to": b.Instances[k%size].Number, "text": textOf(tag, k)}
			err := b.Exchange(ctx, http.MethodPost, b.Control+"/phones/"+numberOf(friends, k%size)+"/messages", text, &answer)
			written[k].id = answer.ID
			return err
		})
	})
	if err = both.Wait(); err == nil {
		ctx = context.WithoutCancel(ctx)
		told, err = in.compare(ctx, written)
	}
	if err == nil {
		err = b.awaitEmpty(ctx, size, "getWebhooksCount")
	}
	return written, told, err
}
