package instance

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow/types/events"

	"greengate/store"
)

const (
	heldFor  = 10 * time.Minute // between tries in a chat that WhatsApp does not let the account begin
	holdLook = time.Minute      // between looks at what is held
)

const heldReason = "WhatsApp does not let the account write to new people for some time (463); what is queued for them waits"

// holdChat lets what is queued for a chat wait, since WhatsApp does not let the account begin it, and the rest go on. The state stays
// yellowCard, over restarts too, until the last such wait is over.
func (i *Instance) holdChat(ctx context.Context, row store.Outgoing) error {
	err := i.store.Update(ctx, func(tx *store.Tx) error { return tx.Hold(row.InstanceID, row.ChatID, time.Now().Add(heldFor)) })
	if err == nil {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.setStatus(Status{State: StateYellowCard, Reason: heldReason})
	}
	return err
}

// endHolds ends yellowCard once nothing is held any more.
func (i *Instance) endHolds(ctx context.Context) {
	if i.Status().State != StateYellowCard {
		return
	}
	left := 0
	err := i.store.Update(ctx, func(tx *store.Tx) (err error) {
		left, err = tx.EndHolds(int64(i.ID), time.Now())
		return err
	})
	if err != nil {
		i.log.Error("held chats not readable", "error", err)
	} else if left == 0 {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.status.State == StateYellowCard {
			i.setStatus(Status{State: StateAuthorized})
		}
	}
}

// lockChanged follows WhatsApp's word that the account may not write to new people until some time, or may again.
func (i *Instance) lockChanged(ctx context.Context, e *events.NotifyAccountReachoutTimelock) error {
	until := e.TimeEnforcementEnds.Time
	err := i.store.Update(ctx, func(tx *store.Tx) error {
		if e.IsActive && until.After(time.Now()) {
			return tx.Hold(int64(i.ID), "", until)
		}
		return tx.RemoveHolds(int64(i.ID))
	})
	if err != nil {
		return err
	}
	i.mu.Lock()
	if i.link.phase == phaseConnected {
		i.setStatus(i.connectedStatus())
	}
	i.mu.Unlock()
	i.kickOutbox()
	return nil
}

// connectedStatus is the state of an account that WhatsApp has let in.
func (i *Instance) connectedStatus() Status {
	held, err := i.store.Holds(i.ctx, int64(i.ID))
	if err != nil {
		i.log.Error("held chats not readable", "error", err)
	}
	if held > 0 {
		return Status{State: StateYellowCard, Reason: heldReason}
	}
	return Status{State: StateAuthorized}
}

// releaseHeld lets what is held be tried at once, as reboot promises, and with another account.
func (i *Instance) releaseHeld() {
	if err := i.store.Update(context.WithoutCancel(i.ctx), func(tx *store.Tx) error { return tx.RemoveHolds(int64(i.ID)) }); err != nil {
		i.log.Error("held chats not released", "error", err)
	}
	i.kickOutbox()
}
