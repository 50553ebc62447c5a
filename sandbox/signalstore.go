package sandbox

import (
	"context"
	"encoding/hex"
	"math/rand/v2"

	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// keyring is the memory of a phone that whatsmeow's store.Device builds its Signal and app state stores on. What a phone never asks
// for is left to NoopStore, which answers with no error and nothing. It is used under World.mu.
type keyring struct {
	store.NoopStore
	sessions   map[string][]byte
	preKeys    map[uint32]*keys.PreKey
	lastPreKey uint32
	senderKeys map[senderKeyName][]byte
	syncKeys   map[string]store.AppStateSyncKey
	versions   map[string]collectionVersion
	macs       map[mutationName][]byte
}

type senderKeyName struct{ group, user string }

type collectionVersion struct {
	version uint64
	hash    [128]byte
}

type mutationName struct{ collection, indexMAC string }

// newSignalDevice makes the Signal identity of a phone. The phone is device 0 of its account.
func newSignalDevice(identity *keys.KeyPair, lid types.JID) *store.Device {
	device := &store.Device{
		IdentityKey:    identity,
		SignedPreKey:   identity.CreateSignedPreKey(1),
		RegistrationID: rand.Uint32N(16380) + 1,
		LID:            lid,
	}
	device.SetAllStores(&keyring{
		sessions:   map[string][]byte{},
		preKeys:    map[uint32]*keys.PreKey{},
		senderKeys: map[senderKeyName][]byte{},
		syncKeys:   map[string]store.AppStateSyncKey{},
		versions:   map[string]collectionVersion{},
		macs:       map[mutationName][]byte{},
	})
	return device
}

// IsTrustedIdentity is always true: a phone follows a contact to new keys, as WhatsApp's does.
func (k *keyring) IsTrustedIdentity(context.Context, string, [32]byte) (bool, error) {
	return true, nil
}

func (k *keyring) GetSession(_ context.Context, address string) ([]byte, error) {
	return k.sessions[address], nil
}

func (k *keyring) HasSession(_ context.Context, address string) (bool, error) {
	_, ok := k.sessions[address]
	return ok, nil
}

func (k *keyring) PutSession(_ context.Context, address string, session []byte) error {
	k.sessions[address] = session
	return nil
}

func (k *keyring) DeleteSession(_ context.Context, address string) error {
	delete(k.sessions, address)
	return nil
}

func (k *keyring) GenOnePreKey(context.Context) (*keys.PreKey, error) {
	k.lastPreKey++
	key := keys.NewPreKey(k.lastPreKey)
	k.preKeys[key.KeyID] = key
	return key, nil
}

func (k *keyring) GetPreKey(_ context.Context, id uint32) (*keys.PreKey, error) {
	return k.preKeys[id], nil
}

func (k *keyring) RemovePreKey(_ context.Context, id uint32) error {
	delete(k.preKeys, id)
	return nil
}

func (k *keyring) PutSenderKey(_ context.Context, group, user string, key []byte) error {
	k.senderKeys[senderKeyName{group, user}] = key
	return nil
}

func (k *keyring) GetSenderKey(_ context.Context, group, user string) ([]byte, error) {
	return k.senderKeys[senderKeyName{group, user}], nil
}

func (k *keyring) PutAppStateSyncKey(_ context.Context, id []byte, key store.AppStateSyncKey) error {
	k.syncKeys[hex.EncodeToString(id)] = key
	return nil
}

func (k *keyring) GetAppStateSyncKey(_ context.Context, id []byte) (*store.AppStateSyncKey, error) {
	key, ok := k.syncKeys[hex.EncodeToString(id)]
	if !ok {
		return nil, nil
	}
	return &key, nil
}

func (k *keyring) PutAppStateVersion(_ context.Context, name string, version uint64, hash [128]byte) error {
	k.versions[name] = collectionVersion{version, hash}
	return nil
}

func (k *keyring) GetAppStateVersion(_ context.Context, name string) (uint64, [128]byte, error) {
	v := k.versions[name]
	return v.version, v.hash, nil
}

func (k *keyring) PutAppStateMutationMACs(_ context.Context, name string, _ uint64, mutations []store.AppStateMutationMAC) error {
	for _, m := range mutations {
		k.macs[mutationName{name, string(m.IndexMAC)}] = m.ValueMAC
	}
	return nil
}

func (k *keyring) DeleteAppStateMutationMACs(_ context.Context, name string, indexMACs [][]byte) error {
	for _, mac := range indexMACs {
		delete(k.macs, mutationName{name, string(mac)})
	}
	return nil
}

func (k *keyring) GetAppStateMutationMAC(_ context.Context, name string, indexMAC []byte) ([]byte, error) {
	return k.macs[mutationName{name, string(indexMAC)}], nil
}
