package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"greengate/sandbox"
	"greengate/store/storetest"
)

const (
	kills       = 50
	killNumber  = "15550001111"
	killPartner = "gac.0123456789abcdef0123456789abcdef0123456789abcdef01"
)

// victim is a server that is killed and started again while it is used, and what its users know.
type victim struct {
	t       *testing.T
	world   *sandbox.World
	phone   *sandbox.Phone   // of the linked account
	friends []*sandbox.Phone // who write and are written to
	args    []string
	process *process
	base    string
	id      int64
	token   string

	mu       sync.Mutex
	accepted map[string]int // outgoing messages by id: their number
	written  []string       // ids of incoming ones, in order per friend
	receipts map[string]int64
	arrivals []string // ids of incoming ones, in the order of their notifications
	deleted  map[int64]bool
}

// TestNothingIsLostWhenKilled kills the server with SIGKILL at random moments while messages go both ways: what was accepted arrives
// exactly once, and what arrives is told exactly once, in order.
func TestNothingIsLostWhenKilled(t *testing.T) {
	var s setting
	s.controlListen, s.log = "127.0.0.1:0", slog.New(slog.DiscardHandler)
	err := s.withWorld(t.Context(), func(w *sandbox.World, controlURL string) error {
		v := &victim{t: t, world: w, accepted: map[string]int{}, receipts: map[string]int64{}, deleted: map[int64]bool{}}
		v.args = []string{
			"serve", "--network=sandbox", "--sandbox.control_url=" + controlURL, "--listen=127.0.0.1:0", "--partner_token=" + killPartner,
			"--store.dsn=" + storetest.DSN(t), "--files.dir=" + t.TempDir(), "--limits.method_rates=false", "--limits.send_delay=0s", "--log.level=info",
		}
		v.prepare()
		v.run()
		v.judge()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func (v *victim) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// prepare starts the server and links an account.
func (v *victim) prepare() {
	var err error
	v.phone, err = v.world.AddPhone(killNumber, "Ann")
	v.must(err)
	for n, name := range []string{"Bob", "Cleo"} {
		friend, err := v.world.AddPhone(fmt.Sprintf("1555000200%d", n), name)
		v.must(err)
		v.friends = append(v.friends, friend)
	}
	v.start()
	var created struct {
		IDInstance       int64
		APITokenInstance string
	}
	v.must(v.call(v.t.Context(), "POST", v.base+"/partner/createInstance/"+killPartner,
		`{"incomingWebhook":"yes","delaySendMessagesMilliseconds":0}`, &created))
	v.id, v.token = created.IDInstance, created.APITokenInstance
	var code struct{ Code string }
	v.must(v.call(v.t.Context(), "POST", v.url("getAuthorizationCode"), `{"phoneNumber":`+killNumber+`}`, &code))
	v.must(v.phone.EnterCode(code.Code))
	v.until("the account is authorized", func() bool {
		var state struct{ StateInstance string }
		return v.call(v.t.Context(), "GET", v.url("getStateInstance"), "", &state) == nil && state.StateInstance == "authorized"
	})
}

func (v *victim) start() {
	v.process = start(v.t, nil, v.args...)
	v.base = "http://" + v.process.until(`msg=listening address=(\S+)`)
	go func(p *process) { // an unread pipe would block the server
		for p.log.Scan() {
		}
	}(v.process)
}

func (v *victim) kill() {
	v.must(v.process.Process.Signal(syscall.SIGKILL))
	_ = v.process.Wait() // tells that it was killed
}

func (v *victim) url(method string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return fmt.Sprintf("%s/waInstance%d/%s/%s", v.base, v.id, method, v.token)
}

// call makes a request that may be cut off.
func (v *victim) call(ctx context.Context, verb, url, body string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, verb, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, data)
	}
	return json.Unmarshal(bytes.TrimSpace(data), answer)
}

// until waits for something, and fails when it takes more than a minute.
func (v *victim) until(what string, done func() bool) {
	v.t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-ticker.C:
		case <-deadline:
			v.t.Fatalf("still not: %s", what)
		}
	}
}

// run lets messages go both ways while the server is killed again and again, and then until all have arrived.
func (v *victim) run() {
	ctx, stop := context.WithCancel(v.t.Context())
	var traffic, poller sync.WaitGroup
	var last atomic.Int64
	traffic.Go(func() { v.write(ctx, &last) })
	traffic.Go(func() { v.beWrittenTo(ctx) })
	polling, end := context.WithCancel(v.t.Context())
	poller.Go(func() { v.poll(polling) })
	for range kills {
		<-time.After(100*time.Millisecond + rand.N(600*time.Millisecond))
		v.kill()
		v.mu.Lock()
		v.start()
		v.mu.Unlock()
	}
	stop()
	traffic.Wait()
	v.until("everything sent and told", func() bool {
		var count struct{ Count int }
		v.mu.Lock()
		told := len(v.receipts) >= len(v.written)
		v.mu.Unlock()
		return told && v.call(v.t.Context(), "GET", v.url("getMessagesCount"), "", &count) == nil && count.Count == 0
	})
	end()
	poller.Wait()
	v.kill()
}

// pause keeps the traffic at a pace that two cores stand; false when it is over.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(10 * time.Millisecond):
		return true
	}
}

// write sends numbered texts through the API. What is not answered may have been accepted or not, and gets no second try.
func (v *victim) write(ctx context.Context, last *atomic.Int64) {
	for pause(ctx) {
		n := int(last.Add(1))
		friend := v.friends[n%len(v.friends)]
		var sent struct{ IDMessage string }
		body := fmt.Sprintf(`{"chatId":"%s@c.us","message":"out %d"}`, friend.Number(), n)
		if v.call(v.t.Context(), "POST", v.url("sendMessage"), body, &sent) == nil {
			v.mu.Lock()
			v.accepted[sent.IDMessage] = n
			v.mu.Unlock()
		}
	}
}

// beWrittenTo lets the friends write numbered texts.
func (v *victim) beWrittenTo(ctx context.Context) {
	for n := 1; pause(ctx); n++ {
		id, err := v.friends[n%len(v.friends)].SendText(ctx, v.phone.JID(), fmt.Sprintf("in %d", n))
		if err == nil {
			v.mu.Lock()
			v.written = append(v.written, id)
			v.mu.Unlock()
		} else if !errors.Is(err, context.Canceled) {
			v.t.Error(err)
			return
		}
	}
}

// poll takes notifications and deletes them, as a bot does.
func (v *victim) poll(ctx context.Context) {
	for ctx.Err() == nil {
		var n *struct {
			ReceiptID int64
			Body      struct{ TypeWebhook, IDMessage string }
		}
		if v.call(ctx, "GET", v.url("receiveNotification"), "", &n) != nil {
			pause(ctx)
			continue
		}
		if n == nil {
			continue
		}
		v.take(n.ReceiptID, n.Body.IDMessage)
		var gone struct{ Result bool }
		if v.call(ctx, "DELETE", v.url("deleteNotification")+fmt.Sprintf("/%d", n.ReceiptID), "", &gone) == nil && gone.Result {
			v.mu.Lock()
			v.deleted[n.ReceiptID] = true
			v.mu.Unlock()
		}
	}
}

func (v *victim) take(receipt int64, id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.deleted[receipt] {
		v.t.Errorf("notification %d came again after it was deleted", receipt)
	}
	before, known := v.receipts[id]
	if known && before != receipt {
		v.t.Errorf("message %s has the notifications %d and %d", id, before, receipt)
	}
	if !known {
		v.arrivals = append(v.arrivals, id)
	}
	v.receipts[id] = receipt
}

// judge compares what was accepted and written with what arrived and was told.
func (v *victim) judge() {
	arrived := 0
	for f, friend := range v.friends {
		seen, order := map[string]int{}, 0
		for _, m := range friend.Messages() {
			var n int
			if _, err := fmt.Sscanf(m.Text, "out %d", &n); err != nil {
				continue
			}
			arrived++
			if seen[m.ID]++; seen[m.ID] > 1 {
				v.t.Errorf("%q arrived twice", m.Text)
			}
			if n <= order {
				v.t.Errorf("friend %d got %q after number %d", f, m.Text, order)
			}
			order = n
		}
		for id, n := range v.accepted {
			if v.friends[n%len(v.friends)] == friend && seen[id] != 1 {
				v.t.Errorf("accepted message %d arrived %d times", n, seen[id])
			}
		}
	}
	for f := range v.friends {
		mine := func(list []string) []string {
			return slices.DeleteFunc(slices.Clone(list), func(id string) bool {
				at := slices.Index(v.written, id)
				return at < 0 || (at+1)%len(v.friends) != f
			})
		}
		if written, told := mine(v.written), mine(v.arrivals); !slices.Equal(written, told) {
			v.t.Errorf("friend %d wrote %d messages, told were %d or in another order", f, len(written), len(told))
		}
	}
	if unknown := v.world.Unknown(); len(unknown) > 0 {
		v.t.Errorf("the sandbox does not know %v", unknown)
	}
	v.t.Logf("%d kills; %d sends accepted, %d arrived, %d sent again under the same id; %d messages written, %d told", kills, len(v.accepted),
		arrived, v.world.Repeats(), len(v.written), len(v.arrivals))
}
