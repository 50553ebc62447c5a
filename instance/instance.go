// Package instance is the core: one WhatsApp account an Instance, on one whatsmeow client, and a Manager that holds them all. It
// knows nothing of HTTP; what goes wrong leaves it as *Error with a Kind.
//
// Goroutines: each instance has a supervisor, a worker that sends what is queued and one that delivers notifications, started by run and
// awaited by it. The supervisor alone connects and disconnects, since whatsmeow's Connect can hold the client's locks for 20 s when a
// server hangs. For the same reason a query to WhatsApp runs in a goroutine of its own, awaited too, so that the caller's deadline holds
// whatever the socket does. Everything else happens in the caller's goroutine or in whatsmeow's event handler.
//
// Nothing is lost: what is accepted to be sent is committed before the caller is answered, and WhatsApp is told that a message has
// arrived only after its row and its notification are committed. Every step can be done twice: sending again uses the same message id,
// and a message that is in the journal is not taken again.
package instance

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.mau.fi/whatsmeow"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"

	"greengate/store"
)

// ID is GREEN-API's idInstance, up to ten digits.
type ID int64

// Instance is one account. Its methods are safe for concurrent use.
type Instance struct {
	ID ID
	*shared

	devices  *store.Devices
	log      *slog.Logger
	lastRead atomic.Int64 // when the socket last received bytes, Unix nanoseconds
	wake     chan struct{}
	outbox   chan struct{} // a note that there is something to send
	queued   announcement  // of notifications, and of settings that concern them
	cleared  atomic.Int64  // how often the outbox was cleared
	failed   atomic.Bool   // something was not stored, so that WhatsApp has to deliver it again
	groups   groupNames
	queries  sync.WaitGroup
	done     chan struct{}
	cancel   context.CancelFunc

	mu        sync.Mutex
	name      string
	owner     string
	createdAt time.Time
	deletedAt time.Time
	tokenHash []byte
	tokenSalt []byte
	settings  Settings
	status    Status
	client    *whatsmeow.Client // nil until first needed
	deviceJID types.JID         // the paired device, empty for none
	account   Account
	link      link
	ended     bool // no more queries: the supervisor is ending
	pairing   pairing
	picture   ownPicture
	lastSent  time.Time
	heldUntil time.Time // WhatsApp lets nothing through until then
	sending   sending

	notificationsCleared time.Time

	changed chan struct{} // closed and replaced at every change of state or pairing
}

func newInstance(s *shared, row store.Instance) (*Instance, error) {
	i := &Instance{
		ID:        ID(row.ID),
		shared:    s,
		log:       s.log.With("instance", row.ID),
		wake:      make(chan struct{}, 1),
		outbox:    make(chan struct{}, 1),
		done:      make(chan struct{}),
		name:      row.Name,
		owner:     row.Owner,
		createdAt: row.CreatedAt,
		deletedAt: row.DeletedAt,
		tokenHash: row.TokenHash,
		tokenSalt: row.TokenSalt,
		settings:  DefaultSettings(),
		status:    Status{State: State(row.State), Reason: row.StateReason, SuspendedUntil: row.SuspendedUntil},
		picture:   ownPicture{changedAt: row.PictureChangedAt},
		changed:   make(chan struct{}),
	}
	i.devices = s.store.Devices(row.ID, i.storeFailed)
	if err := json.Unmarshal([]byte(row.Settings), &i.settings); err != nil {
		return nil, fmt.Errorf("instance %d: stored settings: %w", row.ID, err)
	}
	if row.DeviceJID != "" {
		var err error
		if i.deviceJID, err = types.ParseJID(row.DeviceJID); err != nil {
			return nil, fmt.Errorf("instance %d: stored device: %w", row.ID, err)
		}
	}
	return i, nil
}

// Name is the name given at creation.
func (i *Instance) Name() string { return i.name }

// Owner is the tenant the instance belongs to in dialects with tenants; empty for none.
func (i *Instance) Owner() string { return i.owner }

// CreatedAt is the time of creation.
func (i *Instance) CreatedAt() time.Time { return i.createdAt }

// DeletedAt is zero while the instance lives.
func (i *Instance) DeletedAt() time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.deletedAt
}

// Authenticate reports whether token is this instance's, in constant time.
func (i *Instance) Authenticate(token Token) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return token.matches(i.tokenHash)
}

// UpdateToken issues a new API token; the old one is refused from now on.
func (i *Instance) UpdateToken(ctx context.Context) (Token, error) {
	token, salt := newToken(i.partner)
	if err := i.store.SetToken(ctx, int64(i.ID), token.hash(), salt); err != nil {
		return "", err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.tokenHash, i.tokenSalt = token.hash(), salt
	return token, nil
}

// Token returns the API token again when it was derived from the partner token of this server; otherwise it is empty.
func (i *Instance) Token() Token {
	i.mu.Lock()
	defer i.mu.Unlock()
	if token := deriveToken(i.partner, i.tokenSalt); i.partner != "" && token.matches(i.tokenHash) {
		return token
	}
	return ""
}

// Settings returns the present settings.
func (i *Instance) Settings() Settings {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.settings
}

// SetSettings changes what the patch holds and stores it. It takes effect at once, without a restart of the connection.
func (i *Instance) SetSettings(ctx context.Context, patch SettingsPatch) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	settings, err := i.settings.With(patch)
	if err != nil {
		return err
	}
	data, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	if err := i.store.SetSettings(ctx, int64(i.ID), string(data)); err != nil {
		return err
	}
	i.settings = settings
	i.queued.announce()
	return nil
}

// Account is the linked WhatsApp account; all fields are empty while none is linked.
type Account struct {
	ChatID   ChatID // <digits>@c.us
	LID      ChatID // <digits>@lid
	Phone    string // digits
	Device   string // <digits>:<n>@s.whatsapp.net
	PushName string
	Platform string // of the phone, such as "android"
}

// Account returns the linked account.
func (i *Instance) Account() Account {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.account
}

// setAccount takes the account's data from whatsmeow's device, which is only safe to read in its event handlers and before it
// connects. The caller holds i.mu.
func (i *Instance) setAccount(device *waStore.Device) {
	i.account = Account{
		ChatID:   ChatIDOf(i.deviceJID),
		LID:      ChatIDOf(device.GetLID()),
		Phone:    i.phone(),
		Device:   i.deviceJID.String(),
		PushName: device.PushName,
		Platform: device.Platform,
	}
}

// phone returns the digits of the linked number. The caller holds i.mu.
func (i *Instance) phone() string { return i.deviceJID.User }

// Changed returns a channel that is closed at the next change of state or pairing. Take it before reading what may change.
func (i *Instance) Changed() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.changed
}

// run does everything that an instance does by itself, until ctx ends.
func (i *Instance) run(ctx context.Context) {
	defer close(i.done)
	var workers sync.WaitGroup
	workers.Go(func() { i.runOutbox(ctx) })
	workers.Go(func() { i.runWebhook(ctx) })
	i.supervise(ctx)
	workers.Wait()
}

// background does something that nobody waits for, but that is awaited when the instance ends.
func (i *Instance) background(do func(context.Context)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ended {
		return
	}
	i.queries.Add(1)
	go func() {
		defer i.queries.Done()
		do(i.ctx)
	}()
}

// notify wakes the waiters of Changed and the supervisor. The caller holds i.mu.
func (i *Instance) notify() {
	close(i.changed)
	i.changed = make(chan struct{})
	select {
	case i.wake <- struct{}{}:
	default:
	}
}
