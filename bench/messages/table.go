package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"slices"
	"strings"
	"time"
)

// column holds the samples of one number of instances, by variant and round.
type column struct {
	size    int
	samples map[string][]sample
}

const (
	ofGreengate = "greengate"
	ofWebhook   = "webhook"
	ofPoller    = "poller"
)

// column measures every variant once in each round, so that what disturbs the machine disturbs all of them. Each round begins with
// another one.
func (b *bench) column(ctx context.Context, size, texts, rounds int) (column, error) {
	variants := map[string]variant{
		inMemory: b.plainSends(inMemory), onSQLite: b.plainSends(onSQLite), ofGreengate: b.sends, ofWebhook: b.pushed, ofPoller: b.polled,
	}
	order := []string{inMemory, ofGreengate, onSQLite, ofWebhook, ofPoller}
	c := column{size, map[string][]sample{}}
	for round := range rounds {
		log.Printf("%d instances, round %d of %d", size, round+1, rounds)
		for n := range order {
			name := order[(n+round)%len(order)]
			s, err := variants[name](ctx, size, texts, fmt.Sprintf("%d of %s with %d", round, name, size))
			if err != nil {
				return c, fmt.Errorf("%s, %d instances: %w", name, size, err)
			}
			c.samples[name] = append(c.samples[name], s)
		}
	}
	return c, nil
}

// row is one line of the table.
type row struct {
	what string
	cell func(column) string
}

func rows() []row {
	return []row{
		{"texts accepted, 8 connections", func(c column) string {
			return perSecondOf(c, ofGreengate, func(s sample) float64 { return s.accepted }) + ", " +
				percentiles(c, ofGreengate, func(s sample) []time.Duration { return s.calls })
		}},
		{"texts sent end to end", func(c column) string { return perSecondOf(c, ofGreengate, rate) }},
		{"from the call to the other phone, at a quarter of that pace", func(c column) string { return percentiles(c, ofGreengate, ways) }},
		{"whatsmeow alone, keys in memory", func(c column) string { return perSecondOf(c, inMemory, rate) }},
		{"whatsmeow alone, keys in SQLite", func(c column) string { return perSecondOf(c, onSQLite, rate) }},
		{"greengate to whatsmeow in memory, end to end", func(c column) string { return ratio(c, inMemory) }},
		{"greengate to whatsmeow in SQLite, end to end", func(c column) string { return ratio(c, onSQLite) }},
		{"processor time of a text: greengate, whatsmeow in memory, in SQLite", func(c column) string {
			return fmt.Sprintf("%.2f, %.2f, %.2f ms", cpu(c, ofGreengate), cpu(c, inMemory), cpu(c, onSQLite))
		}},
		{"notifications pushed", func(c column) string { return perSecondOf(c, ofWebhook, rate) }},
		{"from the phone to the receiver, at a quarter of that pace", func(c column) string { return percentiles(c, ofWebhook, ways) }},
		{"notifications polled and deleted", func(c column) string { return perSecondOf(c, ofPoller, rate) }},
		{"from the phone to the poller, at a quarter of that pace", func(c column) string { return percentiles(c, ofPoller, ways) }},
	}
}

func printTable(out io.Writer, columns []column) {
	head, line := "| what |", "| --- |"
	for _, c := range columns {
		head += fmt.Sprintf(" instances: %d |", c.size)
		line += " --- |"
	}
	fmt.Fprintln(out, head)
	fmt.Fprintln(out, line)
	for _, r := range rows() {
		cells := []string{r.what}
		for _, c := range columns {
			cells = append(cells, r.cell(c))
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
	}
}

func rate(s sample) float64         { return s.rate }
func ways(s sample) []time.Duration { return s.ways }

func perSecondOf(c column, name string, of func(sample) float64) string {
	return fmt.Sprintf("%.0f/s", median(c.samples[name], of))
}

// ratio compares greengate with plain clients, round by round.
func ratio(c column, name string) string {
	var ratios []float64
	for round, s := range c.samples[ofGreengate] {
		ratios = append(ratios, s.rate/c.samples[name][round].rate)
	}
	return fmt.Sprintf("%.2f", median(ratios, func(r float64) float64 { return r }))
}

func cpu(c column, name string) float64 {
	return 1000 * median(c.samples[name], func(s sample) float64 { return s.cpu })
}

// percentiles are those of all rounds together.
func percentiles(c column, name string, of func(sample) []time.Duration) string {
	var all []time.Duration
	for _, s := range c.samples[name] {
		all = append(all, of(s)...)
	}
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("p50 %.1f ms, p99 %.1f ms", ms(all[len(all)/2]), ms(all[len(all)*99/100]))
}

func median[T any](samples []T, of func(T) float64) float64 {
	values := make([]float64, len(samples))
	for n, s := range samples {
		values[n] = of(s)
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}
