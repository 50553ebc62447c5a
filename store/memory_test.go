package store_test

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// memory is what whatsmeow could have at best: everything in maps, nothing kept. What sending texts does not touch does nothing.
type memory struct {
	waStore.NoopStore
	mu         sync.Mutex
	identities map[string][32]byte
	sessions   map[string][]byte
	preKeys    map[uint32]*keys.PreKey
	uploaded   uint32
	senderKeys map[[2]string][]byte
	lids, pns  map[string]string
}

func newMemory() *memory {
	return &memory{
		identities: map[string][32]byte{}, sessions: map[string][]byte{}, preKeys: map[uint32]*keys.PreKey{},
		senderKeys: map[[2]string][]byte{}, lids: map[string]string{}, pns: map[string]string{},
	}
}

// newDevice is an unpaired device on a memory.
func newMemoryDevice() *waStore.Device {
	m := newMemory()
	d := &waStore.Device{
		NoiseKey: keys.NewKeyPair(), IdentityKey: keys.NewKeyPair(), RegistrationID: 1, AdvSecretKey: make([]byte, 32), LIDs: m, Container: m,
		Initialized: true,
	}
	d.SignedPreKey = d.IdentityKey.CreateSignedPreKey(1)
	d.SetAllStores(m)
	return d
}

func (m *memory) locked() func() {
	m.mu.Lock()
	return m.mu.Unlock
}

func (m *memory) PutIdentity(_ context.Context, address string, key [32]byte) error {
	defer m.locked()()
	m.identities[address] = key
	return nil
}

func (m *memory) IsTrustedIdentity(_ context.Context, address string, key [32]byte) (bool, error) {
	defer m.locked()()
	known, ok := m.identities[address]
	return !ok || known == key, nil
}

func (m *memory) GetSession(_ context.Context, address string) ([]byte, error) {
	defer m.locked()()
	return m.sessions[address], nil
}

func (m *memory) HasSession(_ context.Context, address string) (bool, error) {
	defer m.locked()()
	return m.sessions[address] != nil, nil
}

func (m *memory) GetManySessions(_ context.Context, addresses []string) (map[string][]byte, error) {
	defer m.locked()()
	found := map[string][]byte{}
	for _, address := range addresses {
		found[address] = m.sessions[address]
	}
	return found, nil
}

func (m *memory) PutSession(_ context.Context, address string, session []byte) error {
	defer m.locked()()
	m.sessions[address] = session
	return nil
}

func (m *memory) PutManySessions(_ context.Context, sessions map[string][]byte) error {
	defer m.locked()()
	maps.Copy(m.sessions, sessions)
	return nil
}

func (m *memory) MigratePNToLID(_ context.Context, pn, lid types.JID) error {
	defer m.locked()()
	for address, session := range m.sessions {
		if user, device, _ := strings.Cut(address, ":"); user == pn.SignalAddressUser() {
			m.sessions[lid.SignalAddressUser()+":"+device] = session
			delete(m.sessions, address)
		}
	}
	return nil
}

func (m *memory) GetOrGenPreKeys(_ context.Context, count uint32) ([]*keys.PreKey, error) {
	defer m.locked()()
	var all []*keys.PreKey
	for id := m.uploaded + 1; id <= m.uploaded+count; id++ {
		m.preKeys[id] = keys.NewPreKey(id)
		all = append(all, m.preKeys[id])
	}
	return all, nil
}

func (m *memory) GetPreKey(_ context.Context, id uint32) (*keys.PreKey, error) {
	defer m.locked()()
	return m.preKeys[id], nil
}

func (m *memory) MarkPreKeysAsUploaded(_ context.Context, upTo uint32) error {
	defer m.locked()()
	m.uploaded = upTo
	return nil
}

func (m *memory) PutSenderKey(_ context.Context, group, user string, session []byte) error {
	defer m.locked()()
	m.senderKeys[[2]string{group, user}] = session
	return nil
}

func (m *memory) GetSenderKey(_ context.Context, group, user string) ([]byte, error) {
	defer m.locked()()
	return m.senderKeys[[2]string{group, user}], nil
}

func (m *memory) DoDecryptionTxn(ctx context.Context, decrypt func(context.Context) error) error {
	return decrypt(ctx)
}

func (m *memory) PutBufferedEvent(context.Context, [32]byte, []byte, time.Time) error { return nil }

func (m *memory) PutManyLIDMappings(ctx context.Context, mappings []waStore.LIDMapping) error {
	for _, mapping := range mappings {
		if err := m.PutLIDMapping(ctx, mapping.LID, mapping.PN); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) PutLIDMapping(_ context.Context, lid, pn types.JID) error {
	defer m.locked()()
	m.lids[pn.User], m.pns[lid.User] = lid.User, pn.User
	return nil
}

func (m *memory) GetPNForLID(_ context.Context, lid types.JID) (types.JID, error) {
	defer m.locked()()
	return translated(lid, m.pns, types.DefaultUserServer), nil
}

func (m *memory) GetLIDForPN(_ context.Context, pn types.JID) (types.JID, error) {
	defer m.locked()()
	return translated(pn, m.lids, types.HiddenUserServer), nil
}

func (m *memory) GetManyLIDsForPNs(_ context.Context, pns []types.JID) (map[types.JID]types.JID, error) {
	defer m.locked()()
	found := map[types.JID]types.JID{}
	for _, pn := range pns {
		if lid := translated(pn, m.lids, types.HiddenUserServer); !lid.IsEmpty() {
			found[pn] = lid
		}
	}
	return found, nil
}

func translated(jid types.JID, users map[string]string, server string) types.JID {
	user, ok := users[jid.User]
	if !ok {
		return types.JID{}
	}
	return types.JID{User: user, Device: jid.Device, Server: server}
}
