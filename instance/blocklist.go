package instance

import (
	"context"
	"encoding/json"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"greengate/store"
)

// Blocklist is who the account has blocked. Hash changes with the list.
type Blocklist struct {
	Blocked []Blocked
	Hash    string
}

// Blocked is one blocked person. Number is empty while only the LID is known.
type Blocked struct {
	JID    types.JID
	Number types.JID
}

// Blocklist reads the block list.
func (i *Instance) Blocklist(ctx context.Context) (Blocklist, error) {
	return i.blocklist(ctx, func(ctx context.Context, client *whatsmeow.Client) (*types.Blocklist, error) {
		return client.GetBlocklist(ctx)
	})
}

// Block blocks a person, by number or LID, and returns the new list; one who is blocked already stays so. KindNotFound for a number
// without WhatsApp.
func (i *Instance) Block(ctx context.Context, jid types.JID) (Blocklist, error) {
	return i.changeBlocklist(ctx, jid, events.BlocklistChangeActionBlock)
}

// Unblock is the reverse of Block.
func (i *Instance) Unblock(ctx context.Context, jid types.JID) (Blocklist, error) {
	return i.changeBlocklist(ctx, jid, events.BlocklistChangeActionUnblock)
}

func (i *Instance) changeBlocklist(ctx context.Context, jid types.JID, action events.BlocklistChangeAction) (Blocklist, error) {
	if err := i.requireOnWhatsApp(ctx, jid); err != nil {
		return Blocklist{}, err
	}
	return i.blocklist(ctx, func(ctx context.Context, client *whatsmeow.Client) (*types.Blocklist, error) {
		return client.UpdateBlocklist(ctx, jid, action)
	})
}

// requireOnWhatsApp returns KindNotFound for a number without WhatsApp. It also teaches whatsmeow the number's LID, which some queries
// go by.
func (i *Instance) requireOnWhatsApp(ctx context.Context, jid types.JID) error {
	if jid.Server != types.DefaultUserServer {
		return nil
	}
	check, err := i.CheckWhatsApp(ctx, jid)
	if err == nil && !check.Exists {
		err = fail(KindNotFound, "the number is not on WhatsApp")
	}
	return err
}

// receiveBlocklist queues a notification for each person whom another device of the account blocks or unblocks, when the settings ask for
// it. A list that was replaced as a whole comes without names.
func (i *Instance) receiveBlocklist(ctx context.Context, e *events.Blocklist) error {
	if !i.Settings().IncomingBlockWebhook {
		return nil
	}
	var bodies []string
	for _, change := range e.Changes {
		body, _ := json.Marshal(blockHook{ // plain strings and numbers always have a JSON form
			hookBlock, i.instanceData(), time.Now().Unix(), i.chatOf(ctx, change.JID), string(change.Action) + "ed",
		})
		bodies = append(bodies, string(body))
	}
	err := i.store.Update(ctx, func(tx *store.Tx) error { return i.notifyUser(tx, bodies...) })
	if err == nil {
		i.kickNotifications()
	}
	return err
}

func (i *Instance) blocklist(ctx context.Context, query func(context.Context, *whatsmeow.Client) (*types.Blocklist, error)) (Blocklist, error) {
	if err := i.requireAuthorized(); err != nil {
		return Blocklist{}, err
	}
	return ask(ctx, i, contactWithin, func(ctx context.Context, client *whatsmeow.Client) (Blocklist, error) {
		answer, err := query(ctx, client)
		if err != nil {
			return Blocklist{}, err
		}
		list := Blocklist{Hash: answer.DHash, Blocked: make([]Blocked, 0, len(answer.JIDs))}
		for _, jid := range answer.JIDs {
			blocked := Blocked{JID: jid, Number: jid}
			if jid.Server == types.HiddenUserServer {
				if blocked.Number, err = client.Store.LIDs.GetPNForLID(ctx, jid); err != nil {
					return Blocklist{}, err
				}
			}
			list.Blocked = append(list.Blocked, blocked)
		}
		return list, nil
	})
}
