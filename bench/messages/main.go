// Command messages measures how fast texts and notifications go through the built binary, beside plain whatsmeow clients that send the
// same texts over the same simulated network. Sandbox, server and plain clients run as processes of their own on loopback; everything is
// bounded and ends by itself. It prints one markdown table; bench/README.md explains it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"greengate/bench/servers"
)

const (
	atATime      = 8   // connections that call sendMessage, and that make phones write
	unhurried    = 100 // texts of a measurement at a quarter of the pace
	pairers      = 4   // pairings at a time
	patience     = time.Minute
	greeting     = "hello"
	cpuMetric    = "process_cpu_seconds_total"
	plainCommand = "plain" // this program as the process of the plain clients
)

func main() {
	log.SetFlags(0)
	sizes := flag.String("instances", "1,8,200", "how many instances write at the same time")
	texts := flag.Int("texts", 1000, "texts of one measurement, but not fewer than five for each instance")
	rounds := flag.Int("rounds", 5, "rounds of measurements")
	dsn := flag.String("dsn", "", "store.dsn of the server, an empty database; without it an SQLite file")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	err := run(ctx, *sizes, *texts, *rounds, *dsn)
	if err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, sizes string, texts, rounds int, dsn string) error {
	if flag.Arg(0) == plainCommand && flag.NArg() == 4 {
		accounts, err := strconv.Atoi(flag.Arg(3))
		if err != nil {
			return err
		}
		return servePlain(ctx, flag.Arg(1), flag.Arg(2), accounts, os.Stdin, os.Stdout)
	}
	var counts []int
	for text := range strings.SplitSeq(sizes, ",") {
		count, err := strconv.Atoi(text)
		if err != nil || count < 1 {
			return fmt.Errorf("-instances: %q is not a number of instances", text)
		}
		counts = append(counts, count)
	}
	if texts < 1 || rounds < 1 {
		return fmt.Errorf("-texts and -rounds are at least 1")
	}
	return measure(ctx, counts, texts, rounds, dsn)
}

// bench is everything that takes part.
type bench struct {
	*servers.Servers
	plain    *plainProcess
	receiver *receiver
}

// variant measures one thing with the first size accounts; its texts carry the tag.
type variant func(ctx context.Context, size, texts int, tag string) (sample, error)

func measure(ctx context.Context, sizes []int, texts, rounds int, dsn string) error {
	flags := []string{"--limits.send_delay=0s", "--egress.allow=127.0.0.0/8"}
	if dsn != "" {
		flags = append(flags, "--store.dsn="+dsn)
	}
	s, err := servers.Start(ctx, flags...)
	if err != nil {
		return err
	}
	defer s.Stop()
	b := &bench{Servers: s}
	if err := b.prepare(ctx, slices.Max(sizes)); err != nil {
		return err
	}
	defer func() { _ = b.plain.stop() }()
	var columns []column
	for _, size := range sizes {
		column, err := b.column(ctx, size, max(texts, 5*size), rounds)
		if err != nil {
			return err
		}
		columns = append(columns, column)
	}
	printTable(os.Stdout, columns)
	return nil
}

// prepare links all accounts and lets each exchange a text with its friend, so that nobody meets anybody for the first time later.
func (b *bench) prepare(ctx context.Context, most int) (err error) {
	log.Printf("linking %d accounts of each kind", most)
	if b.receiver, err = startReceiver(ctx); err != nil {
		return err
	}
	if err := b.addFriends(ctx, most); err != nil {
		return err
	}
	if err := b.LinkUpTo(ctx, most); err != nil {
		return err
	}
	if _, err := b.polled(ctx, most, most, "first"); err != nil {
		return err
	}
	if _, err := b.send(ctx, most, most, "first", 0); err != nil {
		return err
	}
	b.plain, err = startPlain(ctx, b.Control, b.Folder, most)
	return err
}
