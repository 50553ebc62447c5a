package instance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const (
	outboxLife   = 24 * time.Hour // GREEN-API keeps what cannot be sent for a day (docs/api/send-messages-delay)
	maxAttempts  = 8              // for what does not fail for want of a connection
	retryFirst   = time.Second
	retryLongest = time.Minute
	outboxAhead  = 16 // entries that are read at once
)

// outgoing is something to send, of one of the kinds that showMessagesQueue names. Its JSON is the body shown there.
type outgoing interface {
	// kind is the name in showMessagesQueue.
	kind() string
	// address tells where it goes, and what goes before it.
	address() *Address
	// draft is the message as far as it is known at once; nil for what is not a message. What must be the same in every attempt, such as
	// a poll's secret, stands in it.
	draft(ctx context.Context, i *Instance) (*waE2E.Message, error)
}

// composer is an outgoing whose draft has to be completed before it can be sent: a file is uploaded, a link looked up.
type composer interface {
	compose(ctx context.Context, i *Instance, client *whatsmeow.Client, draft *waE2E.Message) (*waE2E.Message, error)
}

// doer is an outgoing that is not one message of a chat but something else to be done in its turn.
type doer interface {
	do(ctx context.Context, i *Instance, client *whatsmeow.Client, id MessageID) error
}

// Address is what all bodies have in common.
type Address struct {
	ChatID          ChatID    `json:"chatId"`
	QuotedMessageID MessageID `json:"quotedMessageId,omitempty"`
	TypingTime      *int      `json:"typingTime"` // milliseconds; nil for none
	TypingType      string    `json:"typingType,omitempty"`
}

func (a *Address) address() *Address { return a }

func newMessageID() MessageID {
	id := make([]byte, 9)
	_, _ = rand.Read(id) // never fails
	return whatsmeow.WebMessageIDPrefix + strings.ToUpper(hex.EncodeToString(id))
}

// enqueue accepts things to send, all or none: once it returns without an error they will be sent, also after a crash, under the ids it
// returns.
func (i *Instance) enqueue(ctx context.Context, list ...outgoing) ([]MessageID, error) {
	if status := i.Status(); status.State == StateBlocked || status.State == StateSuspended {
		return nil, fail(KindSuspended, status.Reason)
	}
	var ids []MessageID
	var all []store.Outgoing
	for _, o := range list {
		one, err := i.accept(ctx, o)
		if err != nil {
			return nil, err
		}
		ids, all = append(ids, one.MessageID), append(all, one)
	}
	if err := i.requireQuota(ctx, all); err != nil {
		return nil, err
	}
	err := i.store.Update(ctx, func(tx *store.Tx) error {
		for _, one := range all {
			if err := tx.AddOutgoing(one); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	i.kickOutbox()
	return ids, nil
}

// enqueueOne is enqueue for one thing.
func (i *Instance) enqueueOne(ctx context.Context, o outgoing) (MessageID, error) {
	ids, err := i.enqueue(ctx, o)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// accept prepares the rows of something to send.
func (i *Instance) accept(ctx context.Context, o outgoing) (store.Outgoing, error) {
	chat := string(o.address().ChatID)
	if jid, ok := ParseChatID(chat); ok {
		chat = string(i.chatOf(ctx, jid))
	}
	body, err := encode(o)
	if err != nil {
		return store.Outgoing{}, err
	}
	draft, err := o.draft(ctx, i)
	if err != nil {
		return store.Outgoing{}, err
	}
	id, now := newMessageID(), time.Now()
	one := store.Outgoing{InstanceID: int64(i.ID), ChatID: chat, MessageID: id, Kind: o.kind(), Body: string(body), AcceptedAt: now}
	if draft == nil {
		return one, nil
	}
	row, err := i.outgoingRow(chat, id, draft, now)
	one.Message = &row
	return one, err
}

// outgoingRow is the journal's row of something that the account says in a chat through the API.
func (i *Instance) outgoingRow(chat string, id MessageID, draft *waE2E.Message, now time.Time) (store.Message, error) {
	content, err := proto.Marshal(draft)
	return store.Message{
		InstanceID: int64(i.ID), ChatID: chat, ID: id, SenderID: string(i.own()), SenderName: i.Account().PushName, Outgoing: true,
		ByAPI: true, SentAt: now, Type: string(contentOf(draft).typ), Status: string(StatusPending), Content: content,
	}, err
}

func (i *Instance) kickOutbox()        { kick(i.outbox) }
func (i *Instance) kickNotifications() { i.queued.announce() }

// kick leaves a note for a worker that there is something to do.
func kick(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// wait returns after d, or without end when it is 0, or earlier when there is a note or ctx ends.
func wait(ctx context.Context, d time.Duration, note <-chan struct{}) {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-timer:
	case <-note:
	case <-ctx.Done():
	}
}

// runOutbox sends what is queued until ctx ends: one at a time, in order but for the chats that are held.
func (i *Instance) runOutbox(ctx context.Context) {
	if last, err := i.store.LastSent(ctx, int64(i.ID)); err == nil {
		i.noteSent(last)
	}
	var queue []store.Outgoing // what was read ahead
	var head MessageID         // the entry that failed last
	attempts := 0              // how often in a row
	for ctx.Err() == nil {
		var err error
		if len(queue) == 0 || i.Status().State == StateYellowCard {
			if queue, err = i.nextOutgoing(ctx); err == nil && len(queue) == 0 {
				i.awaitOutgoing(ctx)
				continue
			}
		}
		if err == nil {
			row := queue[0]
			queue = queue[1:]
			if row.MessageID != head {
				head, attempts = row.MessageID, 0
			}
			err = i.dispatch(ctx, row, attempts)
		}
		if err != nil && ctx.Err() == nil {
			queue = nil
			pause := min(retryFirst<<min(attempts, 10), retryLongest)
			attempts++
			i.log.Warn("sending will be tried again", "error", MaskNumbers(err.Error()), "in", pause)
			wait(ctx, pause, nil)
		}
	}
}

func (i *Instance) nextOutgoing(ctx context.Context) ([]store.Outgoing, error) {
	i.endHolds(ctx)
	i.sending.readAhead()
	now := time.Now()
	return i.store.NextOutgoing(ctx, int64(i.ID), now, now.Add(-outboxLife), outboxAhead)
}

// awaitOutgoing waits until there may be something to send.
func (i *Instance) awaitOutgoing(ctx context.Context) {
	if i.Status().State == StateYellowCard {
		wait(ctx, holdLook, i.outbox)
	} else {
		wait(ctx, 0, i.outbox)
	}
}

// dispatch sends one entry and takes it out of the queue, whatever becomes of it. An error means that it stays and is to be tried again;
// attempts counts how often it was.
func (i *Instance) dispatch(ctx context.Context, row store.Outgoing, attempts int) error {
	o, err := parseOutgoing(row)
	if err != nil {
		return i.conclude(ctx, row, outcome{status: StatusFailed, description: err.Error()})
	}
	alive, cancel := context.WithDeadline(ctx, row.AcceptedAt.Add(outboxLife))
	defer cancel()
	if !i.AwaitOnline(alive) || !i.pace(alive, o, attempts == 0) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return i.conclude(ctx, row, outcome{status: StatusFailed, description: "not sent within 24 hours"})
	}
	claimed, err := i.sending.claim(ctx, i.store, row)
	if err != nil || !claimed {
		return err
	}
	defer i.sending.release()
	result, err := i.send(alive, row, o)
	if err == nil {
		return i.conclude(ctx, row, result)
	}
	v := verdictOn(err, ChatID(row.ChatID))
	switch {
	case v.held:
		return i.holdChat(ctx, row)
	case v.status == "" && (v.patient || attempts < maxAttempts):
		return err
	case v.status == "":
		v.status = StatusFailed
	}
	return i.conclude(ctx, row, outcome{status: v.status, description: v.description})
}

// parseOutgoing reads a queued entry back.
func parseOutgoing(row store.Outgoing) (outgoing, error) {
	o := newOutgoing(row.Kind)
	if o == nil {
		return nil, fmt.Errorf("unknown kind %q", row.Kind)
	}
	return o, json.Unmarshal([]byte(row.Body), o)
}
