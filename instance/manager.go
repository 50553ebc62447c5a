package instance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"greengate/instance/egress"
	"greengate/media"
	"greengate/media/attachment"
	"greengate/media/files"
	"greengate/store"
)

const (
	firstID          = 1101000001
	defaultDials     = 8
	defaultPictureIn = 10 * time.Second

	defaultWebhookRetry   = 60 * time.Second
	defaultWebhookTimeout = 180 * time.Second
)

// Options are what a Manager needs. Store, Pictures, Files and Log must be set.
type Options struct {
	Store           *store.Store
	Pictures        *media.Pictures
	Files           *files.Files
	Network         Network
	Log             *slog.Logger
	PartnerToken    Token          // tokens of instances are derived from it; empty for random ones
	PictureInterval time.Duration  // between two changes of a profile picture, 10 s by default
	Dials           int            // how many instances connect at the same time, 8 by default
	MinDelay        time.Duration  // the shortest delaySendMessagesMilliseconds
	Correspondents  int            // chats of an instance in a calendar month; 0 for any number
	PublicURL       string         // how clients reach this server, for links in notifications and journals
	Egress          *egress.Egress // calls the URLs that users gave; nil for one that refuses all private addresses
	Webhooks        caller         // delivers notifications; nil for Egress
	WebhookRetry    time.Duration  // between two attempts to deliver a notification, 60 s by default as GREEN-API
	WebhookTimeout  time.Duration  // of one attempt, 180 s by default as GREEN-API
}

// caller makes HTTP requests.
type caller interface {
	Do(request *http.Request) (*http.Response, error)
}

// shared is what all instances of a Manager have in common.
type shared struct {
	store           *store.Store
	pictures        *media.Pictures
	inspector       *attachment.Inspector
	files           *files.Files
	network         Network
	log             *slog.Logger
	partner         Token
	pictureInterval time.Duration
	dials           chan struct{}
	histories       chan struct{} // taken by whoever has a piece of history in memory
	minDelay        time.Duration
	correspondents  int
	publicURL       string
	linkKey         func() ([]byte, error)
	egress          *egress.Egress
	webhooks        caller
	webhookRetry    time.Duration
	webhookTimeout  time.Duration
	ctx             context.Context // ends when the Manager stops
}

// Manager holds the instances of this process.
type Manager struct {
	*shared
	stop context.CancelFunc

	mu        sync.RWMutex
	instances map[ID]*Instance
	kept      chan struct{} // closed when housekeep has ended; nil before Start
}

// NewManager returns a Manager that holds nothing yet; Start loads and starts the stored instances.
func NewManager(o Options) *Manager {
	if o.Dials <= 0 {
		o.Dials = defaultDials
	}
	if o.PictureInterval <= 0 {
		o.PictureInterval = defaultPictureIn
	}
	o.Egress = cmp.Or(o.Egress, egress.New(egress.Policy{}))
	if o.Webhooks == nil {
		o.Webhooks = o.Egress
	}
	o.Network.trust()
	ctx, stop := context.WithCancel(context.Background())
	m := &Manager{
		shared: &shared{
			store: o.Store, pictures: o.Pictures, network: o.Network, log: o.Log,
			partner: o.PartnerToken, pictureInterval: o.PictureInterval, dials: make(chan struct{}, o.Dials), ctx: ctx,
			histories: make(chan struct{}, maxHistories),
			inspector: attachment.New(o.Pictures), files: o.Files, minDelay: o.MinDelay, correspondents: o.Correspondents,
			publicURL: o.PublicURL, egress: o.Egress, webhooks: o.Webhooks,
			webhookRetry: cmp.Or(o.WebhookRetry, defaultWebhookRetry), webhookTimeout: cmp.Or(o.WebhookTimeout, defaultWebhookTimeout),
		},
		stop:      stop,
		instances: map[ID]*Instance{},
	}
	m.linkKey = sync.OnceValues(m.loadLinkKey)
	return m
}

// housekeep removes what has expired, every hour until the Manager stops.
func (m *Manager) housekeep() {
	defer close(m.kept)
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-m.ctx.Done():
			return
		case now := <-ticker.C:
			if err := m.files.Sweep(now); err != nil {
				m.log.Error("expired files not removed", "error", err)
			}
		}
	}
}

// Start loads all instances and starts the living ones, a bounded number connecting at a time. It does not wait for them.
func (m *Manager) Start(ctx context.Context) error {
	rows, err := m.store.Instances(ctx)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = make(chan struct{})
	go m.housekeep()
	for _, row := range rows {
		if _, err := m.take(row); err != nil {
			return err
		}
	}
	return nil
}

// Take loads and starts one stored instance, as Start does with all; KindUnknownInstance when there is none.
func (m *Manager) Take(ctx context.Context, id ID) (*Instance, error) {
	row, err := m.store.Instance(ctx, int64(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && !row.DeletedAt.IsZero() {
		return nil, fail(KindUnknownInstance, "no such instance")
	} else if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.take(row)
}

// take makes an Instance of a row and starts it. The caller holds m.mu.
func (m *Manager) take(row store.Instance) (*Instance, error) {
	i, err := newInstance(m.shared, row)
	if err != nil {
		return nil, err
	}
	if !i.deviceJID.IsEmpty() && i.deletedAt.IsZero() {
		i.mu.Lock()
		i.resume()
		i.mu.Unlock()
	}
	m.add(i)
	return i, nil
}

// resume makes the stored state true again after a restart. The caller holds i.mu.
func (i *Instance) resume() {
	switch i.status.State {
	case StateSuspended:
		i.link.notBefore = i.status.SuspendedUntil
	case StateSleepMode:
		i.link.held = true
	default:
		i.setStatus(Status{State: StateStarting, Reason: "connecting"})
	}
}

// add starts an instance. The caller holds m.mu.
func (m *Manager) add(i *Instance) {
	m.instances[i.ID] = i
	ctx, cancel := context.WithCancel(m.ctx)
	i.cancel = cancel
	if i.deletedAt.IsZero() {
		go i.run(ctx)
	} else {
		close(i.done)
	}
}

// Stop disconnects all instances and waits for them, or for ctx.
func (m *Manager) Stop(ctx context.Context) error {
	m.stop()
	m.mu.RLock()
	kept := m.kept
	m.mu.RUnlock()
	if kept != nil {
		<-kept
	}
	for _, i := range m.Instances() {
		select {
		case <-i.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Instances lists all instances, deleted ones included, by ID.
func (m *Manager) Instances() []*Instance {
	m.mu.RLock()
	defer m.mu.RUnlock()
	list := make([]*Instance, 0, len(m.instances))
	for _, i := range m.instances {
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b *Instance) int { return int(a.ID - b.ID) })
	return list
}

// Owned lists the living instances of an owner, by ID; none for the empty owner.
func (m *Manager) Owned(owner string) []*Instance {
	return slices.DeleteFunc(m.Instances(), func(i *Instance) bool {
		return owner == "" || i.Owner() != owner || !i.DeletedAt().IsZero()
	})
}

// Instance finds one by ID, deleted ones included; KindUnknownInstance when there is none.
func (m *Manager) Instance(id ID) (*Instance, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if i, ok := m.instances[id]; ok {
		return i, nil
	}
	return nil, fail(KindUnknownInstance, "no such instance")
}

// OwnedInstance finds a living instance by ID; KindUnknownInstance when there is none or it has another owner.
func (m *Manager) OwnedInstance(owner string, id ID) (*Instance, error) {
	i, err := m.Instance(id)
	if err == nil && (owner == "" || i.Owner() != owner || !i.DeletedAt().IsZero()) {
		return nil, fail(KindUnknownInstance, "no such instance")
	}
	return i, err
}

// New describes an instance to create. Settings differ from the defaults by the patch.
type New struct {
	Name     string
	Owner    string // tenant; empty for none
	Settings SettingsPatch
}

// Create makes a new instance, not yet linked to an account.
func (m *Manager) Create(ctx context.Context, n New) (*Instance, Token, error) {
	settings := DefaultSettings()
	settings.DelaySendMessagesMilliseconds = int(max(m.minDelay, defaultDelay*time.Millisecond).Milliseconds())
	settings, err := m.change(settings, n.Settings)
	if err != nil {
		return nil, "", err
	}
	data, err := json.Marshal(settings)
	if err != nil {
		return nil, "", err
	}
	token, salt := newToken(m.partner)
	row := store.Instance{
		Name: n.Name, Owner: n.Owner, TokenHash: token.hash(), TokenSalt: salt, Settings: string(data),
		State: string(StateNotAuthorized), CreatedAt: time.Now().UTC().Truncate(time.Second),
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if row.ID, err = m.store.CreateInstance(ctx, row, firstID); err != nil {
		return nil, "", err
	}
	i, err := newInstance(m.shared, row)
	if err != nil {
		return nil, "", err
	}
	m.add(i)
	return i, token, nil
}

// Delete ends an instance and deletes its keys. The device stays linked at WhatsApp: call Logout first to unlink it. A deleted or
// unknown instance gives KindUnknownInstance.
func (m *Manager) Delete(ctx context.Context, id ID) error {
	i, err := m.Instance(id)
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	if err := m.store.DeleteInstance(ctx, int64(id), now); errors.Is(err, store.ErrNotFound) {
		return fail(KindUnknownInstance, "no such instance")
	} else if err != nil {
		return err
	}
	i.mu.Lock()
	i.deletedAt = now
	jid := i.deviceJID
	i.mu.Unlock()
	i.cancel()
	<-i.done
	return i.deleteDevice(context.WithoutCancel(ctx), jid)
}
