package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"greengate/bench/servers"
)

// Kinds of accounts beside greengate's instances. Account k of each kind writes to friend k and is written to by it.
const (
	inMemory = "memory"
	onSQLite = "SQLite"
	friends  = "friends"
)

// numberOf is the phone number of account k of a kind.
func numberOf(kind string, k int) string {
	first := map[string]int{inMemory: 15560000000, onSQLite: 15570000000, friends: 15580000000}[kind]
	return strconv.Itoa(first + k)
}

// textOf is text n of a measurement.
func textOf(tag string, n int) string {
	return fmt.Sprintf("%s, text %d: about as long as what people write to each other", tag, n)
}

func (b *bench) addFriends(ctx context.Context, count int) error {
	for k := range count {
		phone := servers.Object{"number": numberOf(friends, k), "name": "Friend"}
		if err := b.Exchange(ctx, http.MethodPost, b.Control+"/phones", phone, nil); err != nil {
			return err
		}
	}
	return nil
}

// event is something that happened to a message.
type event struct {
	id string
	at time.Time
}

// arrivals waits until the friends have got all texts of a tag, each once, and tells when, by the number of the text.
func (b *bench) arrivals(ctx context.Context, size, texts int, tag string) ([]event, error) {
	all := make([]event, texts)
	for k := range size {
		err := servers.Await(ctx, func() (bool, error) { return b.collect(ctx, k, size, tag, all) })
		if err != nil {
			return nil, fmt.Errorf("texts at friend %d: %w", k, err)
		}
	}
	return all, nil
}

// collect enters what friend k has got so far, and tells whether that is everything.
func (b *bench) collect(ctx context.Context, k, size int, tag string, all []event) (complete bool, err error) {
	var got []struct {
		ID, Text  string
		ArrivedAt int64
	}
	if err := b.Exchange(ctx, http.MethodGet, b.Control+"/phones/"+numberOf(friends, k)+"/messages", nil, &got); err != nil {
		return false, err
	}
	missing := map[string]int{}
	for n := k; n < len(all); n += size {
		missing[textOf(tag, n)] = n
	}
	seen := map[string]bool{}
	for _, m := range got {
		n, expected := missing[m.Text]
		if seen[m.Text] {
			return false, errors.New("one arrived twice")
		}
		if expected {
			all[n], seen[m.Text] = event{m.ID, time.UnixMicro(m.ArrivedAt)}, true
			delete(missing, m.Text)
		}
	}
	return len(missing) == 0, nil
}

// spread does something n times: eight at a time, or, unless every is 0, at that pace.
func spread(ctx context.Context, n int, every time.Duration, do func(ctx context.Context, k int) error) error {
	all, ctx := errgroup.WithContext(ctx)
	var tick <-chan time.Time
	if every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		tick = ticker.C
	} else {
		all.SetLimit(atATime)
	}
	for k := range n {
		if tick != nil {
			select {
			case <-tick:
			case <-ctx.Done():
			}
		}
		all.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(ctx, k)
		})
	}
	return all.Wait()
}
