package instance

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const (
	composeWithin = 15 * time.Minute // one attempt: looking things up, a large upload, and the sending itself
	sendWithin    = 60 * time.Second // WhatsApp's word on a message
	lookUpWithin  = 20 * time.Second // a number that is met for the first time
)

// sending is the entry that is on its way to WhatsApp, until its end is committed.
type sending struct {
	mu   sync.Mutex
	seq  int64 // 0 for none
	id   MessageID
	done chan struct{}

	taken bool // something was taken out of the queue since it was read
}

// readAhead says that the queue is about to be read.
func (s *sending) readAhead() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = false
}

// take takes something out of the queue; the entry that is on its way stays.
func (s *sending) take(remove func(but int64) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = true
	return remove(s.seq)
}

// claim begins to send an entry; false when it was taken out of the queue meanwhile.
func (s *sending) claim(ctx context.Context, db *store.Store, row store.Outgoing) (queued bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	queued = true
	if s.taken {
		queued, err = db.InOutbox(ctx, row)
	}
	if err == nil && queued {
		s.seq, s.id, s.done = row.Seq, row.MessageID, make(chan struct{})
	}
	return queued, err
}

func (s *sending) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.done)
	s.seq, s.id, s.done = 0, "", nil
}

// await lets a receipt wait until the sending of its message is committed, so that statuses come in order.
func (s *sending) await(ctx context.Context, ids []MessageID) {
	for _, id := range ids {
		s.mu.Lock()
		mine, done := id == s.id, s.done
		s.mu.Unlock()
		if mine {
			wait(ctx, sendWithin, done)
		}
	}
}

// send hands one entry to WhatsApp and waits for its word. The id is that of the entry in every attempt, so WhatsApp keeps the first
// and drops the others.
func (i *Instance) send(ctx context.Context, row store.Outgoing, o outgoing) (outcome, error) {
	return ask(ctx, i, composeWithin, func(ctx context.Context, client *whatsmeow.Client) (outcome, error) {
		ctx, cancel := store.CancelOnFailure(ctx)
		defer cancel()
		if d, ok := o.(doer); ok {
			return outcome{status: StatusSent}, d.do(ctx, i, client, row.MessageID)
		}
		to, err := i.recipient(ctx, client, o.address().ChatID)
		if err == nil && to == types.StatusBroadcastJID {
			ctx, err = i.withAudience(ctx, client, o, row.MessageID)
		}
		if err != nil {
			return outcome{}, err
		}
		if err := openSessions(ctx, client, to); err != nil {
			return outcome{}, err
		}
		message, err := i.composed(ctx, client, row, o)
		if err != nil {
			return outcome{}, err
		}
		response, err := sendMessage(ctx, client, to, wrapped(message), whatsmeow.SendRequestExtra{
			ID: row.MessageID, Timeout: sendWithin, AdditionalNodes: besides(message),
		})
		return outcome{status: StatusSent, message: message, at: response.Timestamp}, err
	})
}

// sendMessage is whatsmeow's, which encrypts again when a message from the same device came in between.
func sendMessage(
	ctx context.Context, client *whatsmeow.Client, to types.JID, message *waE2E.Message, extra whatsmeow.SendRequestExtra,
) (whatsmeow.SendResponse, error) {
	for {
		response, err := client.SendMessage(ctx, to, message, extra)
		if !errors.Is(err, store.ErrSessionMoved) || ctx.Err() != nil {
			return response, err
		}
	}
}

// composed takes the draft from the journal and completes it.
func (i *Instance) composed(ctx context.Context, client *whatsmeow.Client, row store.Outgoing, o outgoing) (*waE2E.Message, error) {
	if row.Message == nil {
		return nil, store.ErrNotFound
	}
	draft := &waE2E.Message{}
	if err := proto.Unmarshal(row.Message.Content, draft); err != nil {
		return nil, err
	}
	if c, ok := o.(composer); ok {
		var err error
		if draft, err = c.compose(ctx, i, client, draft); err != nil {
			return nil, err
		}
	}
	return i.expiring(ctx, client, row.ChatID, draft)
}

// recipient is the address to send to. A number that is met for the first time is asked for: writing to one without WhatsApp can cost the
// account its right to write first. So is a group.
func (i *Instance) recipient(ctx context.Context, client *whatsmeow.Client, chat ChatID) (types.JID, error) {
	if chat == storyChat {
		return types.StatusBroadcastJID, nil
	}
	jid, ok := ParseChatID(string(chat))
	if !ok {
		return jid, fail(KindNotAcceptable, "the chat id makes no sense")
	}
	if jid.Server == types.GroupServer {
		return jid, i.knowGroup(ctx, jid)
	} else if jid.Server != types.DefaultUserServer || jid.User == i.self().User {
		return jid, nil
	}
	lid, err := client.Store.LIDs.GetLIDForPN(ctx, jid)
	if err != nil || !lid.IsEmpty() {
		return jid, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpWithin)
	defer cancel()
	found, err := client.IsOnWhatsApp(ctx, []string{"+" + jid.User})
	if err == nil && (len(found) == 0 || !found[0].IsIn) {
		err = errNoAccount
	}
	return jid, err
}

// openSessions makes sure that a person's phone can be written to. Devices whose keys cannot be had, for want of an answer say, are left
// out by whatsmeow, and a message that is thus sent to nobody cannot be sent again under its id. In groups, members without keys ask again.
func openSessions(ctx context.Context, client *whatsmeow.Client, person types.JID) error {
	if person.Server == types.DefaultUserServer {
		lid, err := client.Store.LIDs.GetLIDForPN(ctx, person)
		if err != nil {
			return err
		}
		person = lid
	}
	if person.Server != types.HiddenUserServer {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpWithin)
	defer cancel()
	devices, err := client.GetUserDevices(ctx, []types.JID{person})
	if err != nil {
		return err
	} else if len(devices) == 0 {
		return errNoAccount
	}
	var without []types.JID
	for _, device := range devices {
		known, err := client.Store.ContainsSession(ctx, device.SignalAddress())
		if err != nil {
			return err
		} else if !known && device.Device == 0 {
			without = devices
		}
	}
	if len(without) == 0 {
		return nil
	}
	return meet(ctx, client, without)
}

// errNoKeys is worth any number of tries: whatsmeow does not tell an answer without keys, which a number on WhatsApp never has, from a
// connection that ended before the answer.
var errNoKeys = &Error{Kind: KindTimeout, Detail: "the keys of the receiver could not be had"}

// meet opens sessions with devices; the first message to each is made for nobody, since that is what opens a session.
func meet(ctx context.Context, client *whatsmeow.Client, devices []types.JID) error {
	inside := client.DangerousInternals() //nolint:staticcheck // the only way to keys, and the version is pinned
	bundles := inside.FetchPreKeysNoError(ctx, devices)
	for _, device := range devices {
		bundle := bundles[device]
		if bundle == nil && device.Device == 0 {
			return cmp.Or[error](ctx.Err(), errNoKeys)
		} else if bundle == nil {
			continue
		}
		_, _, err := inside.EncryptMessageForDevice(ctx, []byte{0}, device, bundle, nil, nil)
		if err != nil && !errors.Is(err, store.ErrSessionMoved) && device.Device == 0 { // a session that moves is there
			return err
		}
	}
	return nil
}
