package instance

import (
	"context"
	"math/rand/v2"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const (
	connectedWithin = 20 * time.Second // from the socket to Connected, else the connection is given up
	graceOffline    = 30 * time.Second // a drop shorter than this does not change the state
	quietAfter      = 75 * time.Second // no bytes for this long, over two pings, is not online
	retireAfter     = 10 * time.Second // a server that ends a session closes its connection; this is for one that does not
	cutWithin       = time.Second      // from cutting a connection to its end
	minBackoff      = time.Second
	maxBackoff      = time.Minute
)

type phase int

const (
	phaseIdle phase = iota
	phaseOpen       // the socket is up, WhatsApp has not let us in yet
	phaseConnected
)

// link is what the supervisor knows of the connection. Guarded by Instance.mu.
type link struct {
	phase      phase
	since      time.Time          // of the phase
	lostAt     time.Time          // when the last connection ended
	attempts   int                // failed ones in a row
	notBefore  time.Time          // of the next attempt
	restart    bool               // drop the connection and make a new one
	restartAt  time.Time          // the same, then; zero for never
	held       bool               // stay away until reboot, pairing or logout
	generation int                // counts lost connections, so that a query notices a drop
	untaken    int                // events in a row that could not be stored
	hungUp     chan struct{}      // closed when a connection that we have cut has ended; nil for none
	stalled    map[types.JID]bool // chats of which this connection has brought a message that could not be stored
}

// redeliverSoon sets the time of the next login, at which WhatsApp delivers again what was not stored.
func (l *link) redeliverSoon(now time.Time) {
	if l.restartAt.IsZero() {
		l.restartAt = now.Add(min(redeliverFirst<<min(l.untaken, 8), redeliverLast))
		l.untaken++
	}
}

// stall keeps a chat's messages from overtaking one that could not be stored.
func (l *link) stall(chat types.JID) {
	if l.stalled == nil {
		l.stalled = map[types.JID]bool{}
	}
	l.stalled[chat] = true
}

func (l *link) enter(p phase) {
	now := time.Now()
	if l.phase == phaseConnected {
		l.lostAt = now
		l.generation++
	}
	l.phase, l.since = p, now
	if p == phaseConnected {
		l.attempts = 0
	}
}

// usable tells whether queries can be sent: a linked device must have been let in, another needs only the socket.
func (l *link) usable(paired bool) bool {
	return l.phase == phaseConnected || l.phase == phaseOpen && !paired
}

// backOff schedules the next attempt: at once, then after 1 s doubling to 60 s, a fifth more or less.
func (l *link) backOff() {
	l.enter(phaseIdle)
	delay := min(minBackoff<<min(l.attempts, 10), maxBackoff)
	if l.attempts > 0 {
		l.notBefore = time.Now().Add(delay*4/5 + rand.N(delay*2/5))
	}
	l.attempts++
}

type action int

const (
	actionNone action = iota
	actionConnect
	actionDisconnect
)

// supervise makes the connection what it should be until ctx ends. It is the only caller of Connect and, but for logout, of
// Disconnect.
func (i *Instance) supervise(ctx context.Context) {
	defer i.endQueries()
	defer i.disconnect()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-i.wake:
		case <-timer.C:
		}
		next, at := i.plan(time.Now())
		switch next {
		case actionConnect:
			i.connect(ctx)
			timer.Reset(0)
		case actionDisconnect:
			i.disconnect()
			timer.Reset(0)
		case actionNone:
			timer.Stop()
			if !at.IsZero() {
				timer.Reset(time.Until(at))
			}
		}
	}
}

// plan decides what to do now and, when that is nothing, when to look again; a zero time means at the next wake.
func (i *Instance) plan(now time.Time) (action, time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	l := &i.link
	if i.failed.Swap(false) {
		l.redeliverSoon(now)
	}
	if l.restart || !l.restartAt.IsZero() && !now.Before(l.restartAt) {
		l.restart, l.restartAt = false, time.Time{}
		return actionDisconnect, time.Time{}
	}
	paired := !i.deviceJID.IsEmpty()
	wanted := !l.held && (paired || now.Before(i.pairing.until))
	graceEnds := i.noteOffline(now)
	switch {
	case l.phase == phaseIdle && !wanted:
		return actionNone, time.Time{}
	case l.phase == phaseIdle && !now.Before(l.notBefore):
		return actionConnect, time.Time{}
	case l.phase == phaseIdle:
		return actionNone, earlier(l.notBefore, graceEnds)
	case !wanted:
		return actionDisconnect, time.Time{}
	case l.phase == phaseConnected:
		return actionNone, l.restartAt
	case !paired:
		return actionNone, i.pairing.until
	case now.Before(l.since.Add(connectedWithin)):
		return actionNone, earlier(l.since.Add(connectedWithin), graceEnds)
	}
	i.log.Warn("not let in in time, reconnecting")
	l.backOff()
	return actionDisconnect, time.Time{}
}

// noteOffline lets the state follow a drop that outlasts the grace, and returns when that will be; zero when it does not apply. The
// caller holds i.mu.
func (i *Instance) noteOffline(now time.Time) time.Time {
	state := i.status.State
	if i.link.phase == phaseConnected || state != StateAuthorized && state != StateYellowCard {
		return time.Time{}
	}
	end := i.link.lostAt.Add(graceOffline)
	if now.Before(end) {
		return end
	}
	i.setStatus(Status{State: StateStarting, Reason: "the connection to WhatsApp is lost; reconnecting"})
	return time.Time{}
}

// earlier returns the earlier of two times; b may be zero for none.
func earlier(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// connect opens the socket; the Connected event follows. Not more instances than the Manager allows dial at the same time.
func (i *Instance) connect(ctx context.Context) {
	select {
	case i.dials <- struct{}{}:
		defer func() { <-i.dials }()
	case <-ctx.Done():
		return
	}
	client, err := i.openClient(ctx)
	i.devices.Recover()
	if err == nil {
		i.mu.Lock()
		i.link.stalled = nil
		i.link.enter(phaseOpen) // before the call: events may overtake its return
		i.mu.Unlock()
		err = i.dial(ctx, client)
	}
	if err != nil && ctx.Err() == nil {
		i.log.Warn("connecting failed", "error", MaskNumbers(err.Error()))
		i.mu.Lock()
		i.link.backOff()
		i.mu.Unlock()
	}
}

// dial connects. whatsmeow closes its socket by itself when its context ends, and races with Disconnect then, so it gets one that
// ends with ours only while it dials.
func (i *Instance) dial(ctx context.Context, client *whatsmeow.Client) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	keep := context.AfterFunc(ctx, end)
	defer keep()
	return client.ConnectContext(life)
}

func (i *Instance) disconnect() {
	i.mu.Lock()
	client := i.client
	if i.link.phase != phaseIdle {
		i.link.enter(phaseIdle)
	}
	i.pairing.clearCodes()
	i.mu.Unlock()
	if client != nil {
		i.hangUp(client)
	}
}

// hangUp ends a client's connection. whatsmeow's own Disconnect leaves a goroutine behind for ever when a frame comes in meanwhile, so
// the connection is cut, as a network would, and whatsmeow left to notice.
func (i *Instance) hangUp(client *whatsmeow.Client) {
	defer client.Disconnect()
	if !client.IsConnected() || client.DangerousInternals().IsExpectedDisconnect() { //nolint:staticcheck // then it will not tell
		return
	}
	ended := make(chan struct{})
	i.mu.Lock()
	i.link.hungUp = ended
	i.mu.Unlock()
	i.way.cut()
	wait(context.Background(), cutWithin, ended)
	i.mu.Lock()
	i.link.hungUp = nil
	i.mu.Unlock()
}

// openClient returns the client of the paired device, or one that can be paired.
func (i *Instance) openClient(ctx context.Context) (*whatsmeow.Client, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.client != nil {
		return i.client, nil
	}
	device := i.devices.NewDevice()
	if !i.deviceJID.IsEmpty() {
		stored, err := i.devices.GetDevice(ctx, i.deviceJID)
		if err != nil {
			return nil, err
		}
		if stored == nil {
			i.unpair(Status{State: StateNotAuthorized, Reason: "the stored session is gone; link the account again"})
		} else {
			device = stored
			i.setAccount(device)
		}
	}
	i.client = i.newClient(device)
	return i.client, nil
}

// unpair forgets the paired device. The caller holds i.mu; the device's rows are deleted by whatsmeow or by the caller.
func (i *Instance) unpair(status Status) {
	if i.client != nil {
		time.AfterFunc(retireAfter, i.client.Disconnect)
	}
	i.deviceJID, i.account, i.client, i.picture.id = types.EmptyJID, Account{}, nil, ""
	i.pairing, i.link = pairing{}, link{}
	if err := i.store.SetDevice(context.Background(), int64(i.ID), ""); err != nil {
		i.log.Error("device not forgotten", "error", err)
	}
	i.releaseHeld() // which concerned this account
	i.setStatus(status)
	i.notify()
}

// Online reports whether the connection to WhatsApp carries traffic: let in, and bytes received within the last two pings.
func (i *Instance) Online() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.link.phase == phaseConnected && time.Since(time.Unix(0, i.lastRead.Load())) < quietAfter
}

// AwaitOnline waits until the account can be used, and returns false when ctx ends first.
func (i *Instance) AwaitOnline(ctx context.Context) bool {
	for {
		changed := i.Changed()
		if i.Online() && i.requireAuthorized() == nil {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// Reboot drops the connection and makes a new one at once. It ends sleepMode, yellowCard and a wait for the next attempt.
func (i *Instance) Reboot() {
	i.releaseHeld()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.link.held, i.link.restart, i.link.notBefore, i.link.attempts = false, true, time.Time{}, 0
	if !i.deviceJID.IsEmpty() {
		i.setStatus(Status{State: StateStarting, Reason: "rebooting"})
	}
	i.notify()
}

// Disconnect drops the connection and keeps the account linked, also across restarts, until Reboot.
func (i *Instance) Disconnect() error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	i.Sleep()
	return nil
}

// Sleep is Disconnect in whatever state: it also ends an attempt to connect or to pair, and leaves alone what is not connected.
func (i *Instance) Sleep() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pairing.until = time.Time{}
	switch i.status.State {
	case StateStarting, StateAuthorized, StateYellowCard:
		i.link.restart = true
		i.hold(Status{State: StateSleepMode, Reason: "disconnected through the API; connect or reboot to go on"})
	}
	i.notify()
}
