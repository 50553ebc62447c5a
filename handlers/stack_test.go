package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greengate/handlers"
	"greengate/handlers/wahost"
	"greengate/instance"
	"greengate/instance/egress/egresstest"
	"greengate/media"
	"greengate/media/files"
	"greengate/sandbox"
	"greengate/store"
	"greengate/store/storetest"
)

const (
	ownNumber   = "15550001111"
	otherNumber = "15550002222"
	partner     = "gac.0123456789abcdef0123456789abcdef0123456789abcdef01"
)

// stack is the whole of greengate against a sandbox network, all in memory but for SQLite, made to live in a synctest bubble.
type stack struct {
	t       *testing.T
	world   *sandbox.World
	phone   *sandbox.Phone // of ownNumber
	store   *store.Store
	manager *instance.Manager
	outside *egresstest.Internet
	client  *http.Client
	hooks   *receiver
	logs    *logBuffer
	dsn     string
	folder  string // of files

	webhookRetry, webhookTimeout time.Duration // 0: the defaults
	correspondents               int           // chats in a month

	id    instance.ID
	token string
	names map[string]string                                                    // placeholders of golden exchanges
	dial  func(ctx context.Context, network, address string) (net.Conn, error) // to WhatsApp; nil for the straight way
	stop  func()
}

// inBubble runs a test with virtual time and a fresh stack; an instance exists and is not linked.
func inBubble(t *testing.T, test func(*stack)) {
	t.Helper()
	t.Parallel()
	dsn := storetest.Ready(t)
	synctest.Test(t, func(t *testing.T) {
		s := &stack{t: t, logs: &logBuffer{}, names: wutsTokens(), dsn: dsn, folder: t.TempDir()}
		world, err := sandbox.New(sandbox.Options{FewPreKeys: true})
		s.must(err)
		s.world, s.outside, s.hooks = world, egresstest.New(t), newReceiver()
		s.outside.Name("receiver.example", "203.0.114.8")
		s.outside.Serve("203.0.114.8", s.hooks)
		t.Cleanup(s.end)
		s.phone = s.addPhone(ownNumber, "Ann")
		s.start()
		answer := s.post("/partner/createInstance/"+partner, `{"name":"Shop"}`)
		var created struct {
			IDInstance       instance.ID
			APITokenInstance string
		}
		s.must(json.Unmarshal([]byte(answer.body), &created))
		s.id, s.token = created.IDInstance, created.APITokenInstance
		test(s)
	})
}

// logBuffer is a log that whatsmeow's goroutines may still write to while it is read.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// end stops everything and looks at what every test must leave behind: no stanza unknown to the sandbox, no secret in the log.
func (s *stack) end() {
	if s.stop != nil {
		s.stop()
	}
	<-time.After(2 * time.Minute) // so long whatsmeow waits for more history, whatever was stopped
	for _, stanza := range s.world.Unknown() {
		s.t.Errorf("the sandbox does not know: %s", stanza)
	}
	s.world.Close()
	s.noSecretsInLogs()
	if s.t.Failed() {
		s.t.Log(s.logs)
	}
}

func (s *stack) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stack) addPhone(number, name string) *sandbox.Phone {
	s.t.Helper()
	phone, err := s.world.AddPhone(number, name)
	s.must(err)
	return phone
}

// start opens the store and serves, as the binary does; it is called again for restarts.
func (s *stack) start() {
	s.t.Helper()
	log := slog.New(slog.NewTextHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	s.store, err = store.Open(context.Background(), s.dsn, instance.NewWALogger(context.Background(), log))
	s.must(err)
	kept, err := files.Open(s.folder, files.Limits{})
	s.must(err)
	network := s.world.Network()
	if s.dial == nil {
		s.dial = network.DialContext
	}
	s.manager = instance.NewManager(instance.Options{
		Store: s.store, Files: kept, Pictures: media.NewPictures(media.Limits{}), Log: log, PartnerToken: partner,
		MinDelay: 500 * time.Millisecond, Correspondents: s.correspondents, PublicURL: "http://greengate",
		Egress: s.outside.Egress(), WebhookRetry: s.webhookRetry, WebhookTimeout: s.webhookTimeout,
		Network: instance.Network{RootKey: &network.RootKey, DialContext: s.dial, RootCAs: network.CertPool},
	})
	s.must(s.manager.Start(context.Background()))
	listener := newPipeListener()
	server := &http.Server{Handler: handlers.New(handlers.Options{
		Manager: s.manager, Log: log, PartnerToken: partner,
		Mounts: []handlers.Mount{
			{Prefix: "/gowa", Handler: s.gowa(log, false)},
			{Prefix: "/gowa-right", Handler: s.gowa(log, true)},
			{Prefix: "/wahost", Handler: wahost.New(wahostConfig(s.t), s.manager, log)},
			{Prefix: "/wuts", Handler: s.wuts(log)},
		},
	})}
	go func() { _ = server.Serve(listener) }()
	s.client = &http.Client{Transport: &http.Transport{DialContext: listener.dial}}
	s.stop = func() {
		synctest.Wait() // a frame that arrives during a disconnect leaves a goroutine of whatsmeow behind
		s.client.CloseIdleConnections()
		s.must(server.Shutdown(context.Background()))
		s.must(s.manager.Stop(context.Background()))
		s.must(s.store.Close())
		s.must(kept.Close())
	}
}

// restart is a clean stop and a new start on the same database.
func (s *stack) restart() {
	s.t.Helper()
	s.stop()
	s.start()
}

// noSecretsInLogs fails when a log line carries the token or a whole number.
func (s *stack) noSecretsInLogs() {
	s.t.Helper()
	secrets := slices.Concat([]string{s.token, partner, gowaPassword, ownNumber, otherNumber}, slices.Collect(maps.Values(wutsTokens())))
	for _, secret := range secrets {
		if secret != "" && strings.Contains(s.logs.String(), secret) {
			s.t.Errorf("the log carries %q", secret)
		}
	}
}

// link pairs the instance by QR over HTTP and waits until it is authorized.
func (s *stack) link() {
	s.t.Helper()
	i := s.instance()
	code, err := i.QR(s.t.Context())
	s.must(err)
	s.must(s.phone.ScanQR(code.Text))
	s.await(instance.StateAuthorized)
	synctest.Wait()
}

func (s *stack) instance() *instance.Instance {
	s.t.Helper()
	i, err := s.manager.Instance(s.id)
	s.must(err)
	return i
}

// await waits, in virtual time, for a state, and until all that arrives with it has settled: what tests do next may end the connection.
func (s *stack) await(state instance.State) {
	s.t.Helper()
	i := s.instance()
	deadline := time.After(5 * time.Minute)
	for {
		changed := i.Changed()
		if i.Status().State == state {
			synctest.Wait()
			return
		}
		select {
		case <-changed:
		case <-deadline:
			s.t.Fatalf("state is %q, not %q", i.Status().State, state)
		}
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (s *stack) do(verb, path string, header http.Header, body io.Reader) answer {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), verb, "http://greengate"+path, body)
	s.must(err)
	request.Header = header
	response, err := s.client.Do(request)
	s.must(err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	s.must(err)
	return answer{response.StatusCode, response.Header, string(data)}
}

func (s *stack) get(path string) answer { s.t.Helper(); return s.do("GET", path, http.Header{}, nil) }

func (s *stack) post(path, json string) answer {
	s.t.Helper()
	return s.do("POST", path, http.Header{"Content-Type": {"application/json"}}, strings.NewReader(json))
}

// path is that of a method of the instance.
func (s *stack) method(name string) string {
	return fmt.Sprintf("/waInstance%d/%s/%s", s.id, name, s.token)
}

// upload posts bytes as the part file of a multipart body, labelled as the Python SDK does whatever they are.
func (s *stack) upload(method string, data []byte) answer {
	s.t.Helper()
	body, contentType := multipartFile(s.t, "file", "avatar.jpg", data)
	return s.do("POST", s.method(method), http.Header{"Content-Type": {contentType}}, body)
}

func multipartFile(t *testing.T, part, name string, data []byte) (io.Reader, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	addFile(t, form, part, name, data)
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return &body, form.FormDataContentType()
}

func addFile(t *testing.T, form *multipart.Writer, part, name string, data []byte) {
	t.Helper()
	file, err := form.CreateFormFile(part, name)
	if err == nil {
		_, err = file.Write(data)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// multipartWords makes a multipart body of the words of a golden request.
func multipartWords(t *testing.T, words []string) (io.Reader, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for n := 0; n < len(words); n++ {
		if words[n] == "@file" && n+2 < len(words) {
			addFile(t, form, words[n+1], words[n+2], testFile(t, words[n+2]))
			n += 2
			continue
		}
		name, value, _ := strings.Cut(words[n], "=")
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return &body, form.FormDataContentType()
}

// samplePhoto is the photo of the demo, with all that a phone's has.
func samplePhoto(t *testing.T) []byte {
	t.Helper()
	return media.Sample()
}

// smallPhoto is a photo that costs little under the race detector.
func smallPhoto(t *testing.T) []byte {
	t.Helper()
	return drawing(t, 320, 240)
}

func drawing(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for n := range img.Y {
		img.Y[n] = uint8(n % width)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pipeListener accepts in-memory connections.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{make(chan net.Conn), make(chan struct{})}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.done); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
