package sandbox

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types/events"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"
)

func TestMain(m *testing.M) {
	whatsmeow.WACertPubKey = *noiseRoot().Pub
	code := m.Run()
	// The library leaves a goroutine behind when it disconnects while a frame arrives; see settle.
	left := goleak.IgnoreTopFunction("go.mau.fi/whatsmeow/socket.(*FrameSocket).frameComplete")
	if err := goleak.Find(left); code == 0 && err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		code = 1
	}
	os.Exit(code)
}

// newWorld makes a network that must understand every stanza of the test.
func newWorld(t testing.TB) *World {
	t.Helper()
	w, err := New(Options{FewPreKeys: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.Close()
		for _, kind := range w.Unknown() {
			t.Errorf("not understood: %s", kind)
		}
	})
	return w
}

func addPhone(t testing.TB, w *World, number string) *Phone {
	t.Helper()
	p, err := w.AddPhone(number, "Phone "+number)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// client is an unmodified whatsmeow client with its events in order.
type client struct {
	*whatsmeow.Client
	t     testing.TB
	phone *Phone
	wake  chan struct{}

	mu      sync.Mutex
	events  []any
	history bool // has come
}

// newClient adds a phone, links a client to it by QR code and waits until it is connected.
func newClient(t testing.TB, w *World, number string) *client {
	t.Helper()
	return linkClient(t, w, addPhone(t, w, number))
}

// linkClient links a further client to a phone.
func linkClient(t testing.TB, w *World, p *Phone) *client {
	t.Helper()
	c := newUnlinked(t, w)
	c.phone = p
	c.connect()
	if err := p.ScanQR(await[*events.QR](c).Codes[0]); err != nil {
		t.Fatal(err)
	}
	await[*events.PairSuccess](c)
	await[*events.Connected](c)
	return c
}

// newUnlinked makes a client with an empty store that is not connected yet.
func newUnlinked(t testing.TB, w *World) *client {
	t.Helper()
	ctx := context.Background()
	file := url.URL{Path: filepath.Join(t.TempDir(), "client.db")} // the names of subtests may have a "#"
	db, err := sql.Open("sqlite", "file:"+file.EscapedPath()+
		"?_pragma=foreign_keys(1)&_pragma=journal_mode(wal)&_pragma=synchronous(off)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	container := sqlstore.NewWithDB(db, "sqlite3", nil)
	if err := container.Upgrade(ctx); err != nil {
		t.Fatal(err)
	}
	c := &client{Client: whatsmeow.NewClient(container.NewDevice(), nil), t: t, wake: make(chan struct{}, 1)}
	c.SynchronousAck = true
	transport := c.use(w.Network())
	c.AddEventHandler(c.collect)
	t.Cleanup(func() {
		settle()
		c.Disconnect()
		if c.history {
			pass(2 * time.Minute) // the library waits so long for more
		}
		transport.CloseIdleConnections()
		_ = container.Close()
	})
	return c
}

// settle waits until nothing more is on its way, if the test runs in a bubble, whose clock begins in the year 2000. A client that
// disconnects while a frame arrives leaves a goroutine behind that holds the frame for ever, which no bubble forgives.
func settle() {
	if time.Now().Year() < 2020 {
		synctest.Wait()
	}
}

func (c *client) use(n Network) *http.Client {
	h := n.HTTPClient()
	c.SetPreLoginHTTPClient(h)
	c.SetWebsocketHTTPClient(h)
	c.SetMediaHTTPClient(h)
	return h
}

func (c *client) connect() {
	c.t.Helper()
	if err := c.Connect(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) collect(event any) {
	c.mu.Lock()
	c.events = append(c.events, event)
	if _, ok := event.(*events.HistorySync); ok {
		c.history = true
	}
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// forget drops the events that nobody has taken.
func (c *client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = nil
}

// await takes the client's first event of a type, waiting for it if there is none yet. One goroutine may wait at a time.
func await[E any](c *client) E {
	c.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		if event, ok := takeEvent[E](c); ok {
			return event
		}
		select {
		case <-c.wake:
		case <-timeout:
			c.t.Fatalf("no %T within 20 s", *new(E))
		}
	}
}

// takeEvent takes the client's first event of a type, if there is one.
func takeEvent[E any](c *client) (event E, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.events {
		if event, ok = c.events[i].(E); ok {
			c.events = slices.Delete(c.events, i, i+1)
			return event, true
		}
	}
	return event, false
}
