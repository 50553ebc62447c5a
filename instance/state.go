package instance

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"greengate/store"
)

// State is the state of an instance in GREEN-API's words (docs/api/account/GetStateInstance).
type State string

// The states. A linked account is starting until WhatsApp has let it in, and again when the connection stays away.
const (
	StateNotAuthorized State = "notAuthorized" // no account is linked
	StateStarting      State = "starting"      // linked, not connected
	StateAuthorized    State = "authorized"    // linked and connected, or just reconnecting
	StateSleepMode     State = "sleepMode"     // linked, but another program has taken the session over
	StateYellowCard    State = "yellowCard"    // as authorized, but WhatsApp does not let the account write to new people
	StateBlocked       State = "blocked"       // banned by WhatsApp
	StateSuspended     State = "suspended"     // banned for some time
)

// allowedMoves lists which states may follow which. Everything may become notAuthorized: logout and unlinking always work.
var allowedMoves = map[State][]State{
	StateNotAuthorized: {StateStarting},
	StateStarting:      {StateAuthorized, StateSleepMode, StateYellowCard, StateBlocked, StateSuspended},
	StateAuthorized:    {StateStarting, StateSleepMode, StateYellowCard, StateBlocked, StateSuspended},
	StateSleepMode:     {StateStarting},
	StateYellowCard:    {StateStarting, StateAuthorized, StateSleepMode, StateBlocked, StateSuspended},
	StateBlocked:       {StateStarting},
	StateSuspended:     {StateStarting, StateAuthorized, StateYellowCard, StateBlocked},
}

func (s State) mayBecome(next State) bool {
	if next == StateNotAuthorized || next == s {
		return true
	}
	for _, allowed := range allowedMoves[s] {
		if allowed == next {
			return true
		}
	}
	return false
}

// inHistory tells whether GREEN-API lists a state in getStateInstanceHistory.
func (s State) inHistory() bool {
	return s == StateNotAuthorized || s == StateAuthorized || s == StateBlocked
}

// Status is an instance's state with the reason a person is told, empty when there is nothing to say.
type Status struct {
	State          State
	Reason         string
	SuspendedUntil time.Time // zero unless suspended
}

// Status returns the present state.
func (i *Instance) Status() Status {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.status
}

// setStatus moves to a state, stores it and wakes whoever waits for a change. The caller holds i.mu. A move that is not allowed is
// dropped and logged: it comes from an event that was overtaken by another.
func (i *Instance) setStatus(next Status) {
	if next == i.status {
		return
	}
	if !i.status.State.mayBecome(next.State) {
		i.log.Warn("state change refused", "from", i.status.State, "to", next.State)
		return
	}
	moved := next.State != i.status.State
	var change *store.StateChange
	if moved && next.State.inHistory() {
		change = &store.StateChange{State: string(next.State), Phone: i.phone(), At: time.Now()}
	}
	i.log.Info("state", "from", i.status.State, "to", next.State, "reason", next.Reason)
	hooks := i.stateNotifications(i.status.State, next.State)
	i.status = next
	i.notify()
	err := i.store.Update(context.Background(), func(tx *store.Tx) error {
		err := tx.SetState(int64(i.ID), string(next.State), next.Reason, next.SuspendedUntil, change)
		return errors.Join(err, i.notifyUser(tx, hooks...))
	})
	if err != nil {
		i.log.Error("state not stored", "error", err)
	}
	i.kickNotifications()
}

// stateNotifications renders what the settings ask for of a move between states. An account counts as online through a short drop of the
// connection, as the state does. The caller holds i.mu.
func (i *Instance) stateNotifications(from, to State) (bodies []string) {
	add := func(wanted YesNo, hook any) {
		if wanted {
			body, _ := json.Marshal(hook) // plain strings and numbers always have a JSON form
			bodies = append(bodies, string(body))
		}
	}
	about, now := instanceData{i.ID, i.account.ChatID, "whatsapp"}, time.Now().Unix()
	if from != to {
		add(i.settings.StateWebhook, stateHook{hookState, about, now, to})
	}
	switch {
	case from.online() == to.online():
	case to.online():
		add(i.settings.StatusInstanceWebhook, onlineHook{hookOnline, about, now, "online"})
		add(i.settings.DeviceWebhook, deviceHook{hookDevice, about, now, deviceData{Platform: i.account.Platform}})
	default:
		add(i.settings.StatusInstanceWebhook, onlineHook{hookOnline, about, now, "offline"})
	}
	return bodies
}

func (s State) online() bool { return s == StateAuthorized || s == StateYellowCard }

// StateHistory lists the newest changes between notAuthorized, authorized and blocked, newest first.
func (i *Instance) StateHistory(ctx context.Context, count int) ([]store.StateChange, error) {
	return i.store.StateHistory(ctx, int64(i.ID), count)
}

// LastChanges tells when the instance last came into notAuthorized, authorized and blocked, as far as it ever did.
func (i *Instance) LastChanges(ctx context.Context) (map[State]time.Time, error) {
	stored, err := i.store.LastChanges(ctx, int64(i.ID))
	changes := make(map[State]time.Time, len(stored))
	for state, at := range stored {
		changes[State(state)] = at
	}
	return changes, err
}

// requireAuthorized returns nil when WhatsApp can be asked, and otherwise the error a caller is given.
func (i *Instance) requireAuthorized() error {
	status := i.Status()
	switch status.State {
	case StateAuthorized, StateYellowCard:
		return nil
	case StateNotAuthorized:
		return fail(KindNotAuthorized, status.Reason)
	case StateBlocked, StateSuspended:
		return fail(KindSuspended, status.Reason)
	default:
		return fail(KindStarting, status.Reason)
	}
}
