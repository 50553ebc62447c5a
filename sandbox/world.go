package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// Options shape a World. The zero value is a network with WhatsApp's own limits.
type Options struct {
	Log             *slog.Logger  // nil: silent
	PictureInterval time.Duration // between two changes of one picture; 0: 10 s
	// PictureBaseURL replaces https://pps.whatsapp.net in addresses of pictures, for people whose browsers cannot be brought
	// here. PictureHandler is to be served there.
	PictureBaseURL string
	// FewPreKeys answers 1 instead of 0 when a new device asks how many one-time keys the network holds, so that it uploads
	// its small batch of 50 and not the first one of 812. Pairing is then several times faster.
	FewPreKeys bool
}

// World is one simulated WhatsApp network: its accounts, their phones and devices, and the server they connect to.
// Its methods may be called from any goroutine.
type World struct {
	opts   Options
	log    *slog.Logger
	mux    *http.ServeMux // the HTTPS side: the socket and the media hosts
	server *http.Server
	pipes  *pipeListener
	certs  *certificates
	ctx    context.Context // ends with the World
	cancel context.CancelFunc
	wg     sync.WaitGroup // the HTTP servers and everything they serve, and running timers
	router router
	signer signer

	mu       sync.Mutex
	accounts map[string]*account // by phone number, digits only
	byLID    map[string]*account // by user part of the LID
	groups   map[types.JID]*group
	channels map[types.JID]*channel
	pictures pictureHost
	media    mediaHost
	sessions map[*session]struct{}
	refs     map[string]*pairing // by the reference in a QR or phone code pairing
	timers   map[*time.Timer]struct{}
	faults   []*Fault
	unknown  map[string]int
	sent     map[sentID]time.Time
	repeats  int
	calls    []*call
	outdated bool
	closed   bool
}

// New starts an empty network. Close ends it.
func New(opts Options) (*World, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.PictureInterval == 0 {
		opts.PictureInterval = 10 * time.Second
	}
	silenceSignal()
	certs, err := newCertificates()
	if err != nil {
		return nil, fmt.Errorf("make certificates: %w", err)
	}
	w := &World{
		opts:     opts,
		log:      opts.Log,
		mux:      http.NewServeMux(),
		pipes:    newPipeListener(),
		certs:    certs,
		accounts: make(map[string]*account),
		byLID:    make(map[string]*account),
		groups:   make(map[types.JID]*group),
		channels: make(map[types.JID]*channel),
		pictures: pictureHost{files: make(map[string][]byte)},
		media:    newMediaHost(),
		signer:   newSigner(),
		sessions: make(map[*session]struct{}),
		refs:     make(map[string]*pairing),
		timers:   make(map[*time.Timer]struct{}),
		unknown:  make(map[string]int),
		sent:     make(map[sentID]time.Time),
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.addRoutes()
	w.startServer()
	return w, nil
}

// Close cuts every connection and returns when all goroutines of the network have ended. It may be called twice.
func (w *World) Close() {
	w.mu.Lock()
	w.closed = true
	for t := range w.timers {
		if t.Stop() {
			w.wg.Done()
		}
	}
	clear(w.timers)
	w.mu.Unlock()
	w.cancel()
	w.stopServer()
	w.wg.Wait()
}

var errClosed = errors.New("the sandbox is closed")

// after runs f under the mutex when d has passed, unless the world is closed or stop is called before.
func (w *World) after(d time.Duration, f func()) (stop func()) {
	if w.closed {
		return func() {}
	}
	w.wg.Add(1)
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		defer w.wg.Done()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.timers, t)
		if !w.closed {
			f()
		}
	})
	w.timers[t] = struct{}{}
	return func() {
		if t.Stop() {
			delete(w.timers, t)
			w.wg.Done()
		}
	}
}

func (w *World) locked(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// account finds a user by phone number or LID, with or without a device; nil if there is none.
func (w *World) account(jid types.JID) *account {
	switch jid.Server {
	case types.DefaultUserServer, types.LegacyUserServer:
		return w.accounts[jid.User]
	case types.HiddenUserServer:
		return w.byLID[jid.User]
	}
	return nil
}

// newID makes a stanza or message id that is unique among all worlds.
func (w *World) newID() string {
	id := make([]byte, 12)
	_, _ = rand.Read(id)
	return strings.ToUpper(hex.EncodeToString(id))
}

// now is the network's clock; inside a synctest bubble it is the bubble's.
func (w *World) now() time.Time { return time.Now() }
