package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
)

// keyring is whatsmeow's own store of a device, with three things added. What is needed for each message stays in memory once it was read or
// written; writes are in the database before they return, since what leaves with a key that is lost cannot be read. When the database
// fails, it says so: see unavailable. And a session is never put back to what it was before somebody else used it: see ErrSessionMoved.
type keyring struct {
	*sqlstore.SQLStore
	devices *Devices
	cache   *cache
	jid     types.JID
	owner   uint64

	ratchet turns // of whoever replaces sessions

	mu       sync.Mutex
	migrated map[types.JID]types.JID // LIDs by the numbers whose sessions were moved to them
	reads    map[string]bool         // sessions that were read to be replaced, and whether somebody else has replaced them since
}

// ErrSessionMoved means that a message was received while another one was encrypted for the same device. Each read the session, and the
// one that writes it back last would undo the other's step, after which neither side can read the other. Encrypt again.
var ErrSessionMoved = errors.New("the session was used by somebody else meanwhile")

var _ waStore.AllSessionSpecificStores = (*keyring)(nil)

func newKeyring(d *Devices, jid types.JID) *keyring {
	return &keyring{
		SQLStore: sqlstore.NewSQLStore(d.container, jid), devices: d, cache: d.store.cache, jid: jid, owner: d.store.cache.newOwner(),
		migrated: map[types.JID]types.JID{}, reads: map[string]bool{},
	}
}

// recall looks for a value in memory, and reads it from the database if it is not there; read returns its size too.
func recall[T any](ctx context.Context, k *keyring, key cacheKey, read func() (T, int, error)) (T, error) {
	value, version, ok := k.lookUp(ctx, key)
	if ok {
		return value.(T), nil
	}
	found, bytes, err := read()
	if err != nil {
		return found, k.note(ctx, err)
	}
	if changesOf(ctx) == nil { // a transaction reads what it may yet undo
		k.cache.fill(key, version, found, bytes)
	}
	return found, nil
}

// lookUp looks for a value among the changes of the transaction, and then in memory.
func (k *keyring) lookUp(ctx context.Context, key cacheKey) (value any, version uint64, ok bool) {
	if c := changesOf(ctx); c != nil {
		if change, ok := c.written[key]; ok {
			return change.value, 0, true
		} else if c.hides(key) {
			return nil, 0, false
		}
	}
	return k.cache.get(key)
}

// put writes a value to the database and, once it is committed, keeps it in memory.
func (k *keyring) put(ctx context.Context, key cacheKey, value any, bytes int, write func() error) error {
	version := k.cache.invalidate(key)
	err := write()
	k.written(ctx, key, change{value, bytes, version}, err)
	return k.note(ctx, err)
}

// written keeps a change in memory, at once or at the end of the transaction, if there was no error.
func (k *keyring) written(ctx context.Context, key cacheKey, c change, err error) {
	tx := changesOf(ctx)
	switch {
	case err != nil:
		k.cache.invalidate(key)
	case tx != nil:
		tx.written[key] = c
	default:
		k.cache.written(key, c.version, c.value, c.bytes)
	}
}

// remove deletes or moves what matches in the database, and drops it from memory.
func (k *keyring) remove(ctx context.Context, m match, write func() error) error {
	k.cache.drop(m)
	err := write()
	if c := changesOf(ctx); c != nil {
		c.remove(m)
	} else {
		k.cache.drop(m)
		k.outdate(m.has)
	}
	return k.note(ctx, err)
}

func (k *keyring) note(ctx context.Context, err error) error {
	err = k.devices.note(ctx, err)
	if c := changesOf(ctx); c != nil && isUnavailable(err) {
		c.failed = err
	}
	return err
}

func (k *keyring) key(kind kind, id string) cacheKey { return cacheKey{k.owner, kind, id} }

func (k *keyring) matching(prefix string, kinds ...kind) match {
	return match{k.owner, []string{prefix}, kinds}
}

// identity reads the key of an address, empty when there is none.
func (k *keyring) identity(ctx context.Context, address string) ([]byte, error) {
	return recall(ctx, k, k.key(kindIdentity, address), func() (key []byte, bytes int, err error) {
		err = k.devices.store.wa.QueryRow(ctx,
			`SELECT identity FROM whatsmeow_identity_keys WHERE our_jid = $1 AND their_id = $2`, k.JID, address).Scan(&key)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return key, len(key), err
	})
}

// IsTrustedIdentity is asked with each message to or from a device.
func (k *keyring) IsTrustedIdentity(ctx context.Context, address string, key [32]byte) (bool, error) {
	known, err := k.identity(ctx, address)
	return err == nil && (len(known) == 0 || string(known) == string(key[:])), err
}

// PutIdentity is called with each message to or from a device, and hardly ever with another key than before.
func (k *keyring) PutIdentity(ctx context.Context, address string, key [32]byte) error {
	if known, err := k.identity(ctx, address); err != nil || string(known) == string(key[:]) {
		return err
	}
	return k.put(ctx, k.key(kindIdentity, address), key[:], len(key), func() error { return k.SQLStore.PutIdentity(ctx, address, key) })
}

// DeleteIdentity forgets the key of an address.
func (k *keyring) DeleteIdentity(ctx context.Context, address string) error {
	return k.remove(ctx, k.matching(address, kindIdentity), func() error { return k.SQLStore.DeleteIdentity(ctx, address) })
}

// DeleteAllIdentities forgets those of all devices of a user.
func (k *keyring) DeleteAllIdentities(ctx context.Context, phone string) error {
	return k.remove(ctx, k.matching(phone, kindIdentity), func() error { return k.SQLStore.DeleteAllIdentities(ctx, phone) })
}

// GetSession returns nil when there is none.
func (k *keyring) GetSession(ctx context.Context, address string) ([]byte, error) {
	k.beginRead(ctx, address)
	return k.session(ctx, address)
}

func (k *keyring) session(ctx context.Context, address string) ([]byte, error) {
	return recall(ctx, k, k.key(kindSession, address), func() ([]byte, int, error) {
		session, err := k.SQLStore.GetSession(ctx, address)
		return session, len(session), err
	})
}

// HasSession tells whether there is one.
func (k *keyring) HasSession(ctx context.Context, address string) (bool, error) {
	session, err := k.session(ctx, address)
	return session != nil, err
}

// GetManySessions returns nil for an address that has none.
func (k *keyring) GetManySessions(ctx context.Context, addresses []string) (map[string][]byte, error) {
	k.beginRead(ctx, addresses...)
	found := make(map[string][]byte, len(addresses))
	versions := map[string]uint64{}
	for _, address := range addresses {
		if session, version, ok := k.lookUp(ctx, k.key(kindSession, address)); ok {
			found[address] = session.([]byte)
		} else {
			versions[address] = version
		}
	}
	for missing := range slices.Chunk(slices.Collect(maps.Keys(versions)), queryChunk) {
		read, err := k.SQLStore.GetManySessions(ctx, missing)
		if err != nil {
			return nil, k.note(ctx, err)
		}
		for address, session := range read {
			found[address] = session
			if changesOf(ctx) == nil {
				k.cache.fill(k.key(kindSession, address), versions[address], session, len(session))
			}
		}
	}
	return found, nil
}

// queryChunk bounds the parameters of one statement.
const queryChunk = 500

// PutSession replaces a session; ErrSessionMoved if it is not what was read.
func (k *keyring) PutSession(ctx context.Context, address string, session []byte) error {
	return k.PutManySessions(ctx, map[string][]byte{address: session})
}

// PutManySessions replaces sessions, all or none, before each message that is sent; ErrSessionMoved if they are not what was read. They are
// written in one order, or two of these could wait for each other for ever.
func (k *keyring) PutManySessions(ctx context.Context, sessions map[string][]byte) error {
	addresses := slices.Sorted(maps.Keys(sessions))
	put := func(ctx context.Context) error {
		for chunk := range slices.Chunk(addresses, putChunk) {
			if err := k.putSessions(ctx, chunk, sessions); err != nil {
				return err
			}
		}
		return nil
	}
	if changesOf(ctx) != nil {
		var err error
		if sessions, err = k.mended(ctx, sessions); err != nil {
			return err
		}
		return put(ctx)
	}
	return k.alone(ctx, func() error {
		if err := k.endRead(addresses); err != nil {
			return err
		}
		if len(addresses) > putChunk {
			return k.transact(ctx, put)
		}
		return put(ctx)
	})
}

// mended are sessions that have decrypted a message, as they have to be kept.
func (k *keyring) mended(ctx context.Context, sessions map[string][]byte) (map[string][]byte, error) {
	whole := make(map[string][]byte, len(sessions))
	for address, after := range sessions {
		before, err := k.session(ctx, address)
		if err != nil {
			return nil, err
		}
		whole[address] = mended(before, after)
	}
	return whole, nil
}

// alone runs what replaces sessions while nobody else does.
func (k *keyring) alone(ctx context.Context, do func() error) error {
	if changesOf(ctx) != nil {
		return do()
	}
	if err := k.ratchet.take(ctx); err != nil {
		return err
	}
	defer k.ratchet.end()
	return do()
}

// beginRead notes that sessions are read outside of a transaction, to be replaced.
func (k *keyring) beginRead(ctx context.Context, addresses ...string) {
	if changesOf(ctx) != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, address := range addresses {
		k.reads[address] = false
	}
}

// endRead tells whether sessions may be replaced by those who have read them; nobody else who has may. The caller has the turn.
func (k *keyring) endRead(addresses []string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	moved := false
	for _, address := range addresses {
		outdated, read := k.reads[address]
		moved = moved || outdated || !read
		delete(k.reads, address)
	}
	if moved {
		return ErrSessionMoved
	}
	return nil
}

// outdate notes that sessions were replaced or deleted, for those who have read them.
func (k *keyring) outdate(has func(cacheKey) bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for address := range k.reads {
		if has(k.key(kindSession, address)) {
			k.reads[address] = true
		}
	}
}

// putChunk bounds the sessions that one statement writes.
const putChunk = 50

// putSessions writes several with one statement, which costs half of what whatsmeow's transaction of one for each does.
func (k *keyring) putSessions(ctx context.Context, addresses []string, sessions map[string][]byte) error {
	args := []any{k.JID}
	rows := make([]string, len(addresses))
	versions := make([]uint64, len(addresses))
	for n, address := range addresses {
		args = append(args, address, sessions[address])
		rows[n] = fmt.Sprintf("($1, $%d, $%d)", 2*n+2, 2*n+3)
		versions[n] = k.cache.invalidate(k.key(kindSession, address))
	}
	_, err := k.devices.store.wa.Exec(ctx, `INSERT INTO whatsmeow_sessions (our_jid, their_id, session) VALUES `+strings.Join(rows, ", ")+
		` ON CONFLICT (our_jid, their_id) DO UPDATE SET session = excluded.session`, args...)
	for n, address := range addresses {
		k.written(ctx, k.key(kindSession, address), change{sessions[address], len(sessions[address]), versions[n]}, err)
	}
	return k.note(ctx, err)
}

// DeleteSession removes one session.
func (k *keyring) DeleteSession(ctx context.Context, address string) error {
	return k.alone(ctx, func() error {
		return k.remove(ctx, k.matching(address, kindSession), func() error { return k.SQLStore.DeleteSession(ctx, address) })
	})
}

// DeleteAllSessions removes those with all devices of a user.
func (k *keyring) DeleteAllSessions(ctx context.Context, phone string) error {
	return k.alone(ctx, func() error {
		return k.remove(ctx, k.matching(phone, kindSession), func() error { return k.SQLStore.DeleteAllSessions(ctx, phone) })
	})
}

// MigratePNToLID moves what is kept under a number to its LID, once. whatsmeow's own store takes a move that has failed for done, so each
// attempt gets one of its own.
func (k *keyring) MigratePNToLID(ctx context.Context, pn, lid types.JID) error {
	pn, lid = pn.ToNonAD(), lid.ToNonAD()
	if k.moved(pn) == lid {
		return nil
	}
	moved := match{k.owner, []string{pn.SignalAddressUser(), lid.SignalAddressUser()}, []kind{kindSession, kindIdentity, kindSenderKey}}
	err := k.alone(ctx, func() error {
		return k.remove(ctx, moved, func() error {
			return sqlstore.NewSQLStore(k.Container, k.jid).MigratePNToLID(ctx, pn, lid)
		})
	})
	if err == nil {
		k.mu.Lock()
		k.migrated[pn] = lid
		k.mu.Unlock()
	}
	return err
}

// moved returns the LID that a number's things were moved to.
func (k *keyring) moved(pn types.JID) types.JID {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.migrated[pn]
}

// GetSenderKey returns nil when there is none.
func (k *keyring) GetSenderKey(ctx context.Context, group, user string) ([]byte, error) {
	return recall(ctx, k, k.key(kindSenderKey, user+" "+group), func() ([]byte, int, error) {
		key, err := k.SQLStore.GetSenderKey(ctx, group, user)
		return key, len(key), err
	})
}

// PutSenderKey replaces the key with which a user writes to a group.
func (k *keyring) PutSenderKey(ctx context.Context, group, user string, key []byte) error {
	return k.put(ctx, k.key(kindSenderKey, user+" "+group), key, len(key), func() error { return k.SQLStore.PutSenderKey(ctx, group, user, key) })
}
