package store

import (
	"context"
	"database/sql"
	"errors"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

// GetContact reads what is known of a person; all is empty of somebody unknown. whatsmeow's own reads what it keeps in memory while names
// are written there.
func (k *keyring) GetContact(ctx context.Context, user types.JID) (types.ContactInfo, error) {
	return recall(ctx, k, k.contactKey(user), func() (types.ContactInfo, int, error) {
		var first, full, push, business, redacted sql.NullString
		err := k.devices.store.wa.QueryRow(ctx, `SELECT first_name, full_name, push_name, business_name, redacted_phone
			FROM whatsmeow_contacts WHERE our_jid = $1 AND their_jid = $2`, k.JID, user).Scan(&first, &full, &push, &business, &redacted)
		found := err == nil
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return types.ContactInfo{
			Found: found, FirstName: first.String, FullName: full.String, PushName: push.String, BusinessName: business.String,
			RedactedPhone: redacted.String,
		}, len(first.String) + len(full.String) + len(push.String) + len(business.String) + len(redacted.String), err
	})
}

// PutPushName is called with each message; it returns whether the name is another one, and the one before.
func (k *keyring) PutPushName(ctx context.Context, user types.JID, name string) (changed bool, before string, err error) {
	if known, err := k.GetContact(ctx, user); err != nil || known.PushName == name {
		return false, "", err
	}
	err = k.putContact(ctx, user, func() error {
		changed, before, err = k.SQLStore.PutPushName(ctx, user, name)
		return err
	})
	return changed, before, err
}

// PutBusinessName is called with each message of a business; it returns what PutPushName does.
func (k *keyring) PutBusinessName(ctx context.Context, user types.JID, name string) (changed bool, before string, err error) {
	if known, err := k.GetContact(ctx, user); err != nil || known.BusinessName == name {
		return false, "", err
	}
	err = k.putContact(ctx, user, func() error {
		changed, before, err = k.SQLStore.PutBusinessName(ctx, user, name)
		return err
	})
	return changed, before, err
}

// PutContactName keeps a name from the phone book.
func (k *keyring) PutContactName(ctx context.Context, user types.JID, first, full string) error {
	return k.putContact(ctx, user, func() error { return k.SQLStore.PutContactName(ctx, user, first, full) })
}

// PutAllContactNames keeps names from the phone book.
func (k *keyring) PutAllContactNames(ctx context.Context, contacts []waStore.ContactEntry) error {
	if len(contacts) == 0 {
		return nil
	}
	return k.remove(ctx, k.matching("", kindContact), func() error { return k.SQLStore.PutAllContactNames(ctx, contacts) })
}

// PutManyRedactedPhones keeps what groups show of numbers that they hide.
func (k *keyring) PutManyRedactedPhones(ctx context.Context, entries []waStore.RedactedPhoneEntry) error {
	if len(entries) == 0 {
		return nil
	}
	return k.remove(ctx, k.matching("", kindContact), func() error { return k.SQLStore.PutManyRedactedPhones(ctx, entries) })
}

func (k *keyring) putContact(ctx context.Context, user types.JID, write func() error) error {
	k.cache.invalidate(k.contactKey(user))
	defer k.cache.invalidate(k.contactKey(user))
	return k.note(ctx, write())
}

func (k *keyring) contactKey(user types.JID) cacheKey { return k.key(kindContact, user.String()) }
