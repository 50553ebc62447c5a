package store

import (
	"context"
	"time"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

// GetPrivacyToken is asked with each message; nil when there is none, which is most often.
func (k *keyring) GetPrivacyToken(ctx context.Context, user types.JID) (*waStore.PrivacyToken, error) {
	token, err := recall(ctx, k, k.devices.lids.tokenKey(user), func() (waStore.PrivacyToken, int, error) {
		token, err := k.SQLStore.GetPrivacyToken(ctx, user)
		if token == nil {
			return waStore.PrivacyToken{}, 0, err
		}
		return *token, len(token.Token), err
	})
	if err != nil || token.User.IsEmpty() {
		return nil, err
	}
	return &token, nil
}

// PutPrivacyTokens keeps those that are newer than what is known.
func (k *keyring) PutPrivacyTokens(ctx context.Context, tokens ...waStore.PrivacyToken) error {
	return k.remove(ctx, k.devices.lids.tokens(), func() error { return k.SQLStore.PutPrivacyTokens(ctx, tokens...) })
}

// DeleteExpiredPrivacyTokens returns how many there were.
func (k *keyring) DeleteExpiredPrivacyTokens(ctx context.Context, cutoff time.Time) (deleted int64, err error) {
	err = k.remove(ctx, k.devices.lids.tokens(), func() error {
		deleted, err = k.SQLStore.DeleteExpiredPrivacyTokens(ctx, cutoff)
		return err
	})
	return deleted, err
}

// GetNCTSalt returns nil when there is none.
func (k *keyring) GetNCTSalt(ctx context.Context) ([]byte, error) {
	return recall(ctx, k, k.key(kindSalt, ""), func() ([]byte, int, error) {
		salt, err := k.SQLStore.GetNCTSalt(ctx)
		return salt, len(salt), err
	})
}

// PutNCTSalt replaces the salt.
func (k *keyring) PutNCTSalt(ctx context.Context, salt []byte) error {
	return k.put(ctx, k.key(kindSalt, ""), salt, len(salt), func() error { return k.SQLStore.PutNCTSalt(ctx, salt) })
}

// DeleteNCTSalt removes the salt.
func (k *keyring) DeleteNCTSalt(ctx context.Context) error {
	return k.remove(ctx, k.matching("", kindSalt), func() error { return k.SQLStore.DeleteNCTSalt(ctx) })
}
