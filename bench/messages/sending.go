package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"greengate/bench/servers"
)

// sample is one measurement: how many in a second, the processor time that each took, and how long each of some took.
type sample struct {
	accepted float64 // calls of sendMessage a second
	rate     float64 // from end to end
	cpu      float64 // seconds
	calls    []time.Duration
	ways     []time.Duration // from one end to the other, while there is no queue
}

// plainSends lets plain clients send.
func (b *bench) plainSends(kind string) variant {
	return func(ctx context.Context, size, texts int, tag string) (sample, error) {
		began := time.Now()
		done, err := b.plain.ask(order{kind, size, texts, tag})
		if err != nil {
			return sample{}, err
		}
		arrived, err := b.arrivals(ctx, size, texts, tag)
		if err != nil {
			return sample{}, err
		}
		return sample{rate: perSecond(texts, began, last(arrived)), cpu: done.CPU / float64(texts)}, nil
	}
}

// sends lets greengate send as fast as it takes texts, and then at a quarter of the pace that it kept from end to end.
func (b *bench) sends(ctx context.Context, size, texts int, tag string) (sample, error) {
	before, err := b.Metrics(ctx)
	if err != nil {
		return sample{}, err
	}
	fast, err := b.send(ctx, size, texts, tag, 0)
	if err != nil {
		return sample{}, err
	}
	after, err := b.Metrics(ctx)
	if err != nil {
		return sample{}, err
	}
	s := sample{
		accepted: perSecond(texts, fast.began[0].at, fast.accepted), rate: perSecond(texts, fast.began[0].at, last(fast.arrived)),
		cpu: (after[cpuMetric] - before[cpuMetric]) / float64(texts), calls: fast.calls,
	}
	slow, err := b.send(ctx, size, min(texts, unhurried), tag+" unhurried", quarterOf(s.rate))
	s.ways = between(slow.began, slow.arrived)
	return s, err
}

// sent is what became of some texts, by their number.
type sent struct {
	began, arrived []event
	accepted       time.Time // the last one
	calls          []time.Duration
}

// send calls sendMessage, for one instance after the other, and waits until everything has arrived and the queues are empty.
func (b *bench) send(ctx context.Context, size, texts int, tag string, every time.Duration) (sent, error) {
	s := sent{began: make([]event, texts), calls: make([]time.Duration, texts)}
	err := spread(ctx, texts, every, func(ctx context.Context, k int) error {
		s.began[k].at = time.Now()
		var answer struct{ IDMessage string }
		body := servers.Object{"chatId": numberOf(friends, k%size) + "@c.us", "message": textOf(tag, k), "linkPreview": false}
		err := b.Exchange(ctx, http.MethodPost, b.URL(b.Instances[k%size], "sendMessage"), body, &answer)
		s.began[k].id, s.calls[k] = answer.IDMessage, time.Since(s.began[k].at)
		return err
	})
	s.accepted = time.Now()
	if err == nil {
		err = b.awaitEmpty(ctx, size, "getMessagesCount")
	}
	if err == nil {
		s.arrived, err = b.arrivals(ctx, size, texts, tag)
	}
	if err == nil && !slices.EqualFunc(s.began, s.arrived, func(a, b event) bool { return a.id == b.id }) {
		err = errors.New("a text arrived under another id than it was accepted under")
	}
	return s, err
}

// awaitEmpty waits until a queue of each instance is empty, as the method that counts it says.
func (b *bench) awaitEmpty(ctx context.Context, size int, method string) error {
	for _, i := range b.Instances[:size] {
		err := servers.Await(ctx, func() (bool, error) {
			var queue struct{ Count int }
			err := b.Exchange(ctx, http.MethodGet, b.URL(i, method), nil, &queue)
			return queue.Count == 0, err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
	}
	return nil
}

func last(events []event) time.Time {
	return slices.MaxFunc(events, func(a, b event) int { return a.at.Compare(b.at) }).at
}

func perSecond(n int, from, to time.Time) float64 { return float64(n) / to.Sub(from).Seconds() }

// quarterOf is the time between two at a quarter of a rate.
func quarterOf(rate float64) time.Duration { return time.Duration(4 / rate * float64(time.Second)) }

func between(from, to []event) []time.Duration {
	all := make([]time.Duration, len(to))
	for n := range to {
		all[n] = to[n].at.Sub(from[n].at)
	}
	return all
}
