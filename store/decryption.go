package store

import (
	"context"
	"time"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// refused is the answer while a failure is not recovered from: something that the next message needs may be lost.
func (k *keyring) refused() error {
	if k.devices.Failed() {
		return unavailable{errNotRecovered}
	}
	return nil
}

// GetBufferedEvent begins the decryption of a message.
func (k *keyring) GetBufferedEvent(ctx context.Context, hash [32]byte) (*waStore.BufferedEvent, error) {
	if err := k.refused(); err != nil {
		return nil, err
	}
	event, err := k.SQLStore.GetBufferedEvent(ctx, hash)
	return event, k.note(ctx, err)
}

// PutBufferedEvent keeps a decrypted message until it is handled.
func (k *keyring) PutBufferedEvent(ctx context.Context, hash [32]byte, plaintext []byte, serverTime time.Time) error {
	return k.note(ctx, k.SQLStore.PutBufferedEvent(ctx, hash, plaintext, serverTime))
}

// DoDecryptionTxn decrypts a message: it is kept and the keys have moved on, or neither.
func (k *keyring) DoDecryptionTxn(ctx context.Context, decrypt func(context.Context) error) error {
	if err := k.refused(); err != nil {
		return err
	}
	return k.transaction(ctx, decrypt)
}

// PutMessageSecret keeps what votes and reactions to a message are sealed with.
func (k *keyring) PutMessageSecret(ctx context.Context, chat, sender types.JID, id types.MessageID, secret []byte) error {
	return k.note(ctx, k.SQLStore.PutMessageSecret(ctx, chat, sender, id, secret))
}

// GetMessageSecret returns it with the address the sender had then; nil when there is none.
func (k *keyring) GetMessageSecret(ctx context.Context, chat, sender types.JID, id types.MessageID) ([]byte, types.JID, error) {
	secret, sender, err := k.SQLStore.GetMessageSecret(ctx, chat, sender, id)
	return secret, sender, k.note(ctx, err)
}

// GetPreKey returns nil when there is none.
func (k *keyring) GetPreKey(ctx context.Context, id uint32) (*keys.PreKey, error) {
	key, err := k.SQLStore.GetPreKey(ctx, id)
	return key, k.note(ctx, err)
}

// RemovePreKey removes one that was used.
func (k *keyring) RemovePreKey(ctx context.Context, id uint32) error {
	return k.note(ctx, k.SQLStore.RemovePreKey(ctx, id))
}

// GetOrGenPreKeys makes keys in one transaction: there can be hundreds. They are on the disk before WhatsApp gets their public halves.
func (k *keyring) GetOrGenPreKeys(ctx context.Context, count uint32) (made []*keys.PreKey, err error) {
	err = k.transaction(ctx, func(ctx context.Context) error {
		made, err = k.SQLStore.GetOrGenPreKeys(ctx, count)
		return k.note(ctx, err)
	})
	if err == nil {
		err = k.note(ctx, k.devices.store.sync())
	}
	return made, err
}

// GenOnePreKey holds whatsmeow's lock on pre-keys within a transaction, as GetOrGenPreKeys does.
func (k *keyring) GenOnePreKey(ctx context.Context) (made *keys.PreKey, err error) {
	err = k.transaction(ctx, func(ctx context.Context) error {
		made, err = k.SQLStore.GenOnePreKey(ctx)
		return k.note(ctx, err)
	})
	if err == nil {
		err = k.note(ctx, k.devices.store.sync())
	}
	return made, err
}
