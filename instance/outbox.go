package instance

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const (
	outboxLife   = 24 * time.Hour // GREEN-API keeps what cannot be sent for a day (docs/api/send-messages-delay)
	outboxBatch  = 64
	sendWithin   = 60 * time.Second
	maxAttempts  = 8 // for what does not fail for want of a connection
	codeHeld     = 463 // WhatsApp: the account may not write to new people for now
	retryFirst   = time.Second
	retryLongest = time.Minute
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
	var messages []store.Message
	var entries []store.Outgoing
	for _, o := range list {
		id, now := newMessageID(), time.Now()
		body, err := json.Marshal(o)
		if err != nil {
			return nil, err
		}
		draft, err := o.draft(ctx, i)
		if err != nil {
			return nil, err
		}
		if draft != nil {
			row, err := i.outgoingRow(ctx, o, id, draft, now)
			if err != nil {
				return nil, err
			}
			messages = append(messages, row)
		}
		ids = append(ids, id)
		entries = append(entries, store.Outgoing{InstanceID: int64(i.ID), MessageID: id, Kind: o.kind(), Body: string(body), AcceptedAt: now})
	}
	err := i.store.Update(ctx, func(tx *store.Tx) error {
		for _, m := range messages {
			if _, err := tx.AddMessage(m); err != nil {
				return err
			}
		}
		for _, entry := range entries {
			if err := tx.AddOutgoing(entry); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		i.kickOutbox()
	}
	return ids, err
}

// enqueueOne is enqueue for one thing.
func (i *Instance) enqueueOne(ctx context.Context, o outgoing) (MessageID, error) {
	ids, err := i.enqueue(ctx, o)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// outgoingRow is the journal's row of something to send.
func (i *Instance) outgoingRow(ctx context.Context, o outgoing, id MessageID, draft *waE2E.Message, now time.Time) (store.Message, error) {
	chat := o.address().ChatID
	if jid, ok := ParseChatID(string(chat)); ok {
		chat = i.chatOf(ctx, jid)
	}
	content, err := proto.Marshal(draft)
	return store.Message{
		InstanceID: int64(i.ID), ChatID: string(chat), ID: id, SenderID: string(i.own(ctx)), SenderName: i.Account().PushName, Outgoing: true,
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

// runOutbox sends what is queued, in order, until ctx ends.
func (i *Instance) runOutbox(ctx context.Context) {
	if last, err := i.store.LastSent(ctx, int64(i.ID)); err == nil {
		i.lastSent = last
	}
	var attempts int
	for ctx.Err() == nil {
		generation := i.cleared.Load()
		rows, err := i.store.Outbox(ctx, int64(i.ID), outboxBatch)
		if err == nil && len(rows) == 0 {
			wait(ctx, 0, i.outbox)
			continue
		}
		for _, row := range rows {
			if err != nil || i.cleared.Load() != generation {
				break
			}
			if err = i.dispatch(ctx, row, attempts); err == nil {
				attempts = 0
			}
		}
		if err != nil && ctx.Err() == nil {
			pause := min(retryFirst<<min(attempts, 10), retryLongest)
			attempts++
			i.log.Warn("sending will be tried again", "error", MaskNumbers(err.Error()), "in", pause)
			wait(ctx, pause, nil)
		}
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

// dispatch sends one entry and takes it out of the queue, whatever becomes of it. An error means that it stays and is to be tried again;
// attempts counts how often it was.
func (i *Instance) dispatch(ctx context.Context, row store.Outgoing, attempts int) error {
	o, err := parseOutgoing(row)
	if err != nil {
		return i.conclude(ctx, row, nil, StatusFailed, "")
	}
	expires := row.AcceptedAt.Add(outboxLife)
	alive, cancel := context.WithDeadline(ctx, expires)
	defer cancel()
	if !i.AwaitOnline(alive) || !i.pace(alive, o) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return i.finish(ctx, row, StatusFailed, "not sent within 24 hours")
	}
	concluded := i.beginSend(row.MessageID)
	defer concluded()
	sent, err := i.send(alive, row, o)
	if err == nil {
		return i.finishSent(ctx, row, sent)
	}
	v := verdictOn(err, o.address().ChatID)
	if v.status == "" && (v.patient || attempts < maxAttempts) {
		i.hold463(v)
		return err
	}
	return i.finish(ctx, row, cmp.Or(v.status, StatusFailed), v.description)
}

// parseOutgoing reads a queued entry back.
func parseOutgoing(row store.Outgoing) (outgoing, error) {
	o := newOutgoing(row.Kind)
	if o == nil {
		return nil, fmt.Errorf("unknown kind %q", row.Kind)
	}
	return o, json.Unmarshal([]byte(row.Body), o)
}

// sentMessage is what was handed to WhatsApp; message is nil for what is not a message.
type sentMessage struct {
	message *waE2E.Message
	at      time.Time
}

// send hands one entry to WhatsApp and waits for its word. The id is that of the entry in every attempt, so WhatsApp keeps the first
// and drops the others.
func (i *Instance) send(ctx context.Context, row store.Outgoing, o outgoing) (sentMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, composeWithin)
	defer cancel()
	return ask(ctx, i, composeWithin, func(ctx context.Context, client *whatsmeow.Client) (sentMessage, error) {
		if d, ok := o.(doer); ok {
			return sentMessage{at: time.Now()}, d.do(ctx, i, client, row.MessageID)
		}
		to, err := i.recipient(ctx, client, o.address().ChatID)
		if err != nil {
			return sentMessage{}, err
		}
		message, err := i.composed(ctx, client, row, o)
		if err != nil {
			return sentMessage{}, err
		}
		ctx, cancel := store.CancelOnFailure(ctx)
		defer cancel()
		response, err := client.SendMessage(ctx, to, message, whatsmeow.SendRequestExtra{ID: row.MessageID, Timeout: sendWithin})
		return sentMessage{message, response.Timestamp}, err
	})
}

// composeWithin bounds one attempt: looking things up, a large upload, and the sending itself.
const composeWithin = 15 * time.Minute

// composed takes the draft from the journal and completes it.
func (i *Instance) composed(ctx context.Context, client *whatsmeow.Client, row store.Outgoing, o outgoing) (*waE2E.Message, error) {
	stored, err := i.journalled(ctx, row)
	if err != nil {
		return nil, err
	}
	draft := &waE2E.Message{}
	if err := proto.Unmarshal(stored.Content, draft); err != nil {
		return nil, err
	}
	if c, ok := o.(composer); ok {
		return c.compose(ctx, i, client, draft)
	}
	return draft, nil
}

// journalled finds the journal's row of a queued entry. The chat may have got its other address since.
func (i *Instance) journalled(ctx context.Context, row store.Outgoing) (store.Message, error) {
	rows, err := i.store.MessagesByID(ctx, int64(i.ID), row.MessageID)
	if err != nil {
		return store.Message{}, err
	}
	for _, m := range rows {
		if m.ByAPI {
			return m, nil
		}
	}
	return store.Message{}, store.ErrNotFound
}

// recipient is the address to send to. A number that is met for the first time is asked for: writing to one without WhatsApp can cost the
// account its right to write first.
func (i *Instance) recipient(ctx context.Context, client *whatsmeow.Client, chat ChatID) (types.JID, error) {
	if chat == storyChat {
		return types.StatusBroadcastJID, nil
	}
	jid, ok := ParseChatID(string(chat))
	if !ok {
		return jid, fail(KindNotAcceptable, "the chat id makes no sense")
	}
	if jid.Server != types.DefaultUserServer || jid.User == i.self().User {
		return jid, nil
	}
	lid, err := client.Store.LIDs.GetLIDForPN(ctx, jid)
	if err != nil || !lid.IsEmpty() {
		return jid, err
	}
	found, err := client.IsOnWhatsApp(ctx, []string{"+" + jid.User})
	if err == nil && (len(found) == 0 || !found[0].IsIn) {
		err = errNoAccount
	}
	return jid, err
}

var errNoAccount = &Error{Kind: KindNotFound, Detail: "the number is not on WhatsApp"}

// verdict is what becomes of something that could not be sent.
type verdict struct {
	status      MessageStatus // empty: it is worth another try
	description string
	patient     bool // any number of tries: it is not the message's fault
	held        bool // WhatsApp does not let the account write first for some time
}

func verdictOn(err error, chat ChatID) verdict {
	isGroup := strings.HasSuffix(string(chat), "@g.us")
	code := refusalCode(err)
	switch {
	case errors.Is(err, errNoAccount), code == 404 && !isGroup:
		return verdict{status: StatusNoAccount}
	case isGroup && (code == 401 || code == 403 || code == 404):
		return verdict{status: StatusNotInGroup}
	case code == codeHeld:
		return verdict{patient: true, held: true}
	case code == 429:
		return verdict{patient: true}
	case code >= 500:
		return verdict{description: fmt.Sprintf("WhatsApp could not take the message (%d)", code)}
	case code != 0:
		return verdict{status: StatusFailed, description: fmt.Sprintf("WhatsApp refuses the message (%d)", code)}
	}
	if errors.Is(err, context.Canceled) { // the end of the process, or a failure of our own database
		return verdict{patient: true}
	}
	switch known := AsError(err); known.Kind {
	case KindStarting, KindTimeout, KindNotAuthorized, KindBusy, KindSuspended, KindRateOverLimit:
		return verdict{patient: true}
	case KindInternal:
		return verdict{description: "not possible to send"}
	default:
		return verdict{status: StatusFailed, description: known.Detail}
	}
}

// refusalCode is the code with which WhatsApp refused a message, 0 for none.
func refusalCode(err error) int {
	var iq *whatsmeow.IQError
	if errors.As(err, &iq) {
		return iq.Code
	}
	if !errors.Is(err, whatsmeow.ErrServerReturnedError) {
		return 0
	}
	var code int
	if _, after, ok := strings.Cut(err.Error(), whatsmeow.ErrServerReturnedError.Error()); ok {
		_, _ = fmt.Sscan(after, &code) // 0 where there is none
	}
	return code
}

// finishSent notes that an entry was sent.
func (i *Instance) finishSent(ctx context.Context, row store.Outgoing, sent sentMessage) error {
	i.mu.Lock()
	i.lastSent = time.Now()
	i.mu.Unlock()
	if sent.message == nil {
		return i.conclude(ctx, row, nil, "", "")
	}
	m, err := i.journalled(ctx, row)
	if err != nil {
		return err
	}
	m.SentAt = sent.at
	if m.SentAt.IsZero() {
		m.SentAt = time.Now()
	}
	m.SenderID, m.Type = string(i.own(ctx)), string(contentOf(sent.message).typ)
	if m.Content, err = proto.Marshal(sent.message); err != nil {
		return err
	}
	announced, err := i.messageNotification(ctx, m, sent.message)
	if err != nil {
		return err
	}
	if i.state() == StateYellowCard {
		i.release()
	}
	return i.conclude(ctx, row, &m, StatusSent, "", announced)
}

// finish takes an entry out of the queue that was not sent, with what became of it.
func (i *Instance) finish(ctx context.Context, row store.Outgoing, status MessageStatus, description string) error {
	m, err := i.journalled(ctx, row)
	if errors.Is(err, store.ErrNotFound) {
		return i.conclude(ctx, row, nil, status, description)
	} else if err != nil {
		return err
	}
	return i.conclude(ctx, row, &m, status, description)
}

// conclude commits the end of an entry: the queue, the journal and the notifications.
func (i *Instance) conclude(ctx context.Context, row store.Outgoing, m *store.Message, status MessageStatus, description string, bodies ...string) error {
	if m != nil {
		m.Status = string(status)
		body, err := i.statusNotification(*m, time.Now(), description)
		if err != nil {
			return err
		}
		bodies = append(bodies, body)
	}
	err := i.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.RemoveOutgoing(row.Seq); err != nil {
			return err
		}
		if m != nil {
			if err := keepReceipt(tx, m); err != nil {
				return err
			}
			if err := tx.UpdateMessage(*m); err != nil {
				return err
			}
		}
		return i.notifyUser(tx, bodies...)
	})
	if err == nil {
		i.kickNotifications()
	}
	return err
}

// keepReceipt leaves the status alone if a receipt has overtaken the end of sending, as it does after a crash in between.
func keepReceipt(tx *store.Tx, m *store.Message) error {
	now, err := tx.Message(m.InstanceID, m.ChatID, m.ID)
	if err == nil && statusOrder[MessageStatus(now.Status)] > statusOrder[MessageStatus(m.Status)] {
		m.Status = now.Status
	}
	return err
}
