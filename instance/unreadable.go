package instance

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

// A message that cannot be read is asked for again at once, by whatsmeow: of its sender and of the account's phone. Nearly always it comes
// within seconds, so nothing is said of it at first. If it has not come within ten minutes, GREEN-API's marker takes its place, in the
// journal and in a notification. If it comes later still, it takes its place in the journal, without a second notification under its id.

const (
	sweepEvery    = time.Hour
	giveUpAfter   = 10 * time.Minute
	markerMissing = "{{SWE001}}" // it never came
	markerBroken  = "{{SWE003}}" // it came again and could not be read either
)

// noteUnreadable remembers a message to be waited for. What is not shown to people when it cannot be read, such as a reaction, is not
// waited for.
func (i *Instance) noteUnreadable(ctx context.Context, e *events.UndecryptableMessage) error {
	row := i.envelope(ctx, &e.Info)
	if !forPeople(&e.Info) || e.Info.IsFromMe || ChatID(row.ChatID) == storyChat || e.DecryptFailMode == events.DecryptFailHide {
		return nil
	}
	err := i.store.Update(ctx, func(tx *store.Tx) error {
		return tx.AddUnreadable(store.Unreadable{
			InstanceID: row.InstanceID, ChatID: row.ChatID, MessageID: row.ID, SenderID: row.SenderID, SenderName: row.SenderName,
			SentAt: row.SentAt, GiveUpAt: time.Now().Add(giveUpAfter),
		})
	})
	kick(i.unread)
	return err
}

// giveUp puts markers in the place of what was waited for long enough, and returns when to look again, the zero time for never.
func (i *Instance) giveUp(ctx context.Context) (time.Time, error) {
	list, err := i.store.Unreadable(ctx, int64(i.ID))
	if err != nil {
		return time.Time{}, err
	}
	for _, u := range list {
		if u.GiveUpAt.After(time.Now()) {
			return u.GiveUpAt, nil
		}
		if err := i.mark(ctx, u); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, nil
}

// mark puts a marker in the place of a message, unless it has come meanwhile.
func (i *Instance) mark(ctx context.Context, u store.Unreadable) error {
	marker := markerMissing
	if u.Times > 1 {
		marker = markerBroken
	}
	message := &waE2E.Message{Conversation: &marker}
	content, err := proto.Marshal(message)
	if err != nil {
		return fmt.Errorf("marker: %w", err)
	}
	row := store.Message{
		InstanceID: u.InstanceID, ChatID: u.ChatID, ID: u.MessageID, SenderID: u.SenderID, SenderName: u.SenderName, SentAt: u.SentAt,
		Type: string(TypeText), Content: content, Detail: marker,
	}
	notification, err := i.messageNotification(ctx, row, message)
	if err != nil {
		return err
	}
	err = i.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.RemoveUnreadable(u.InstanceID, u.ChatID, u.MessageID); err != nil {
			return err
		}
		if fresh, err := tx.AddMessage(row); err != nil || !fresh {
			return err
		}
		return i.notifyUser(tx, notification)
	})
	if err == nil {
		i.kickNotifications()
	}
	return err
}

// replaceMarker puts a message that comes after all into the place of its marker; a message that is there is left alone.
func replaceMarker(tx *store.Tx, row store.Message) error {
	there, err := tx.Message(row.InstanceID, row.ChatID, row.ID)
	if err != nil || there.Detail != markerMissing && there.Detail != markerBroken {
		return err
	}
	there.Type, there.Content, there.Detail = row.Type, row.Content, row.Detail
	return tx.UpdateMessage(there)
}

// runSweeper removes what nobody has fetched in a day, and gives up what has not come in time, until ctx ends.
func (i *Instance) runSweeper(ctx context.Context) {
	var swept time.Time
	for ctx.Err() == nil {
		if time.Since(swept) >= sweepEvery {
			swept = time.Now()
			if err := i.sweep(ctx, swept); err != nil && ctx.Err() == nil {
				i.log.Error("what is old was not removed", "error", err)
			}
		}
		next, err := i.giveUp(ctx)
		if err != nil && ctx.Err() == nil {
			i.log.Error("unreadable messages not looked at", "error", err)
		}
		until := time.Until(swept.Add(sweepEvery))
		if !next.IsZero() {
			until = min(until, time.Until(next))
		}
		wait(ctx, max(until, time.Second), i.unread)
	}
}
