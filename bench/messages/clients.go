package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite" // the database/sql driver "sqlite"

	"greengate/bench/servers"
	"greengate/sandbox"
)

// order makes the plain clients of one kind send: account k the texts k, k+Accounts and so on below Texts, one after the other.
type order struct {
	Kind     string
	Accounts int
	Texts    int
	Tag      string
}

// outcome is the answer to an order, and the first word of the process. CPU is in seconds.
type outcome struct {
	CPU   float64
	Error string
}

// plain are unmodified whatsmeow clients with a store of one kind each, in a process that does nothing else.
type plain struct {
	control string
	network sandbox.Network
	caller  *servers.Caller
	clients map[string][]*whatsmeow.Client
}

// servePlain links accounts of each kind, says so, and then carries out the orders it reads until they end.
func servePlain(ctx context.Context, control, folder string, accounts int, in io.Reader, out io.Writer) error {
	network, err := sandbox.Reach(ctx, control)
	if err != nil {
		return err
	}
	whatsmeow.WACertPubKey = network.RootKey
	p := &plain{control, network, servers.NewCaller(), map[string][]*whatsmeow.Client{}}
	if err := p.linkAll(ctx, folder, accounts); err != nil {
		return err
	}
	answers, orders := json.NewEncoder(out), json.NewDecoder(in)
	if err := answers.Encode(outcome{}); err != nil {
		return err
	}
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(p.carryOut(ctx, o)); err != nil {
			return err
		}
	}
}

func (p *plain) linkAll(ctx context.Context, folder string, accounts int) error {
	known := newLIDs()
	container, err := openContainer(ctx, filepath.Join(folder, "plain.db"))
	if err != nil {
		return err
	}
	for kind, device := range map[string]func() *store.Device{
		inMemory: func() *store.Device { return newMemoryDevice(known) },
		onSQLite: container.NewDevice,
	} {
		p.clients[kind] = make([]*whatsmeow.Client, accounts)
		var all errgroup.Group // with a context of its own, the connections would end with it
		all.SetLimit(pairers)
		for k := range accounts {
			all.Go(func() error { return p.link(ctx, kind, k, device()) })
		}
		if err := all.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// openContainer opens whatsmeow's own store as its users do, with the settings that greengate gives SQLite.
func openContainer(ctx context.Context, path string) (*sqlstore.Container, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"+
		"&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	container := sqlstore.NewWithDB(db, "sqlite3", nil)
	return container, container.Upgrade(ctx)
}

// link links account k by QR code and exchanges a text with its friend, so that both have sessions and know each other's devices.
func (p *plain) link(ctx context.Context, kind string, k int, device *store.Device) error {
	number, friend := numberOf(kind, k), numberOf(friends, k)
	client := whatsmeow.NewClient(device, nil)
	transport := p.network.HTTPClient()
	client.SetPreLoginHTTPClient(transport)
	client.SetWebsocketHTTPClient(transport)
	client.SetMediaHTTPClient(transport)
	codes, connected, greeted := make(chan string, 1), make(chan struct{}, 1), make(chan struct{}, 1)
	client.AddEventHandler(func(event any) {
		switch e := event.(type) {
		case *events.QR:
			offer(codes, e.Codes[0])
		case *events.Connected:
			offer(connected, struct{}{})
		case *events.Message:
			if e.Message.GetConversation() == greeting {
				offer(greeted, struct{}{})
			}
		}
	})
	p.clients[kind][k] = client
	if err := p.post(ctx, "/phones", servers.Object{"number": number, "name": "Plain"}); err != nil {
		return err
	}
	if err := client.ConnectContext(ctx); err != nil {
		return err
	}
	code, err := await(ctx, codes)
	if err == nil {
		err = p.post(ctx, "/phones/"+number+"/scan", servers.Object{"qr": code})
	}
	if err == nil {
		_, err = await(ctx, connected)
	}
	if err == nil {
		err = p.post(ctx, "/phones/"+friend+"/messages", servers.Object{"to": number, "text": greeting})
	}
	if err == nil {
		_, err = await(ctx, greeted)
	}
	if err == nil {
		err = p.send(ctx, client, k, greeting)
	}
	return err
}

func (p *plain) post(ctx context.Context, path string, body servers.Object) error {
	return p.caller.Exchange(ctx, http.MethodPost, p.control+path, body, nil)
}

// offer puts a value into a channel with room for one, unless there is one already.
func offer[T any](c chan T, value T) {
	select {
	case c <- value:
	default:
	}
}

func await[T any](ctx context.Context, c <-chan T) (value T, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case value = <-c:
		return value, nil
	case <-ctx.Done():
		return value, ctx.Err()
	}
}

// carryOut sends the texts of an order, all accounts at the same time.
func (p *plain) carryOut(ctx context.Context, o order) outcome {
	before := processorTime()
	failures := make([]error, o.Accounts)
	var all sync.WaitGroup
	for k := range o.Accounts {
		all.Go(func() {
			for n := k; n < o.Texts && failures[k] == nil; n += o.Accounts {
				failures[k] = p.send(ctx, p.clients[o.Kind][k], k, textOf(o.Tag, n))
			}
		})
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		return outcome{Error: err.Error()}
	}
	return outcome{CPU: processorTime() - before}
}

// send sends a text to the friend of account k in the form in which greengate sends texts.
func (p *plain) send(ctx context.Context, client *whatsmeow.Client, k int, text string) error {
	_, err := client.SendMessage(ctx, types.NewJID(numberOf(friends, k), types.DefaultUserServer), &waE2E.Message{
		ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: &text, PreviewType: waE2E.ExtendedTextMessage_NONE.Enum()},
	})
	return err
}

// processorTime is what this process has used so far, in seconds.
func processorTime() float64 {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	families, _ := registry.Gather() // an error means nothing was collected
	for _, family := range families {
		if family.GetName() == cpuMetric {
			return family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return 0
}
