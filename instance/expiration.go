package instance

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const expirationWithin = 20 * time.Second

// SetExpiration makes messages that are written in a chat from now on disappear after some seconds: 0 for never, or what WhatsApp offers.
// KindNotFound for a number without WhatsApp.
func (i *Instance) SetExpiration(ctx context.Context, chat types.JID, seconds int64) error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	now := time.Now()
	_, err := ask(ctx, i, expirationWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		to, err := i.recipient(ctx, client, ChatIDOf(chat))
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, client.SetDisappearingTimer(ctx, to, time.Duration(seconds)*time.Second, now)
	})
	if err != nil {
		return err
	}
	i.joined.forget()
	id := string(i.chatOf(ctx, chat))
	return i.store.Update(ctx, func(tx *store.Tx) error { return tx.SetExpiration(int64(i.ID), id, seconds, now) })
}

// expiring gives a message the life that messages of its chat have.
func (i *Instance) expiring(ctx context.Context, client *whatsmeow.Client, id string, m *waE2E.Message) (*waE2E.Message, error) {
	chat, err := i.store.Chat(ctx, int64(i.ID), id)
	if err != nil {
		return nil, err
	}
	if jid, _ := ParseChatID(id); chat.Expiration < 0 && jid.Server == types.GroupServer {
		group, err := client.GetGroupInfo(ctx, jid)
		if err != nil {
			return nil, err
		}
		chat.Expiration = int64(group.DisappearingTimer)
		err = i.store.Update(ctx, func(tx *store.Tx) error { return tx.SetExpiration(int64(i.ID), id, chat.Expiration, time.Time{}) })
		if err != nil {
			return nil, err
		}
	}
	if chat.Expiration > 0 {
		withContext(m, func(c *waE2E.ContextInfo) {
			c.Expiration = proto.Uint32(uint32(chat.Expiration))
			if !chat.ExpiresSince.IsZero() {
				c.EphemeralSettingTimestamp = proto.Int64(chat.ExpiresSince.Unix())
			}
		})
	}
	return m, nil
}

// learnExpiration follows what a message of a person's chat tells of how long messages live there. Groups tell it themselves.
func (i *Instance) learnExpiration(tx *store.Tx, id ChatID, m *waE2E.Message, at time.Time) error {
	if jid, ok := ParseChatID(string(id)); !ok || jid.Server == types.GroupServer {
		return nil
	}
	if change := m.GetProtocolMessage(); change.GetType() == waE2E.ProtocolMessage_EPHEMERAL_SETTING {
		if change.GetEphemeralSettingTimestamp() != 0 {
			at = time.Unix(change.GetEphemeralSettingTimestamp(), 0)
		}
		return tx.SetExpiration(int64(i.ID), string(id), int64(change.GetEphemeralExpiration()), at)
	}
	c := contentOf(m).context
	if c.GetExpiration() == 0 || c.GetEphemeralSettingTimestamp() == 0 {
		return nil
	}
	return tx.SetExpiration(int64(i.ID), string(id), int64(c.GetExpiration()), time.Unix(c.GetEphemeralSettingTimestamp(), 0))
}
