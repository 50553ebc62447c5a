package main

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// memory keeps what a client needs for one account without a database: the least that whatsmeow can send with. What texts between two
// people never read back, such as contacts, is left to NoopStore, which forgets it.
type memory struct {
	store.NoopStore
	mu         sync.Mutex
	sessions   map[string][]byte
	preKeys    map[uint32]*keys.PreKey
	lastPreKey uint32
	syncKeys   map[string]store.AppStateSyncKey
	lastSync   []byte
	versions   map[string]version
	macs       map[[2]string][]byte // by collection and index
}

type version struct {
	number uint64
	hash   [128]byte
}

// lids are the phone numbers and hidden identities that one process knows, by the user part.
type lids struct{ byNumber, byLID *sync.Map }

func newLIDs() lids { return lids{&sync.Map{}, &sync.Map{}} }

var (
	_ store.AllSessionSpecificStores = (*memory)(nil)
	_ store.DeviceContainer          = (*memory)(nil)
	_ store.LIDStore                 = lids{}
)

// newMemoryDevice makes a device that is not linked yet and is kept in memory.
func newMemoryDevice(known lids) *store.Device {
	m := &memory{
		sessions: map[string][]byte{}, preKeys: map[uint32]*keys.PreKey{}, syncKeys: map[string]store.AppStateSyncKey{},
		versions: map[string]version{}, macs: map[[2]string][]byte{},
	}
	secret := make([]byte, 32)
	_, _ = cryptorand.Read(secret) // never fails
	device := &store.Device{
		NoiseKey: keys.NewKeyPair(), IdentityKey: keys.NewKeyPair(), RegistrationID: rand.Uint32N(16380) + 1, AdvSecretKey: secret,
		Container: m, LIDs: known, Initialized: true,
	}
	device.SignedPreKey = device.IdentityKey.CreateSignedPreKey(1)
	device.SetAllStores(m)
	return device
}

func (m *memory) IsTrustedIdentity(context.Context, string, [32]byte) (bool, error) { return true, nil }

func (m *memory) GetSession(_ context.Context, address string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sessions[address], nil
}

func (m *memory) HasSession(ctx context.Context, address string) (bool, error) {
	session, err := m.GetSession(ctx, address)
	return session != nil, err
}

func (m *memory) GetManySessions(_ context.Context, addresses []string) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := make(map[string][]byte, len(addresses))
	for _, address := range addresses {
		found[address] = m.sessions[address]
	}
	return found, nil
}

func (m *memory) PutSession(_ context.Context, address string, session []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[address] = session
	return nil
}

func (m *memory) PutManySessions(_ context.Context, sessions map[string][]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.Copy(m.sessions, sessions)
	return nil
}

func (m *memory) DeleteSession(_ context.Context, address string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, address)
	return nil
}

// GetOrGenPreKeys makes new ones each time: a client asks once.
func (m *memory) GetOrGenPreKeys(ctx context.Context, count uint32) ([]*keys.PreKey, error) {
	fresh := make([]*keys.PreKey, count)
	for n := range fresh {
		fresh[n], _ = m.GenOnePreKey(ctx)
	}
	return fresh, nil
}

func (m *memory) GenOnePreKey(context.Context) (*keys.PreKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastPreKey++
	key := keys.NewPreKey(m.lastPreKey)
	m.preKeys[key.KeyID] = key
	return key, nil
}

func (m *memory) GetPreKey(_ context.Context, id uint32) (*keys.PreKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.preKeys[id], nil
}

func (m *memory) RemovePreKey(_ context.Context, id uint32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.preKeys, id)
	return nil
}

func (m *memory) UploadedPreKeyCount(context.Context) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.preKeys), nil
}

func (m *memory) PutAppStateSyncKey(_ context.Context, id []byte, key store.AppStateSyncKey) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.syncKeys[string(id)], m.lastSync = key, slices.Clone(id)
	return nil
}

func (m *memory) GetAppStateSyncKey(_ context.Context, id []byte) (*store.AppStateSyncKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key, ok := m.syncKeys[string(id)]
	if !ok {
		return nil, nil
	}
	return &key, nil
}

func (m *memory) GetLatestAppStateSyncKeyID(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lastSync, nil
}

func (m *memory) PutAppStateVersion(_ context.Context, name string, number uint64, hash [128]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.versions[name] = version{number, hash}
	return nil
}

func (m *memory) GetAppStateVersion(_ context.Context, name string) (uint64, [128]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.versions[name]
	return v.number, v.hash, nil
}

func (m *memory) PutAppStateMutationMACs(_ context.Context, name string, _ uint64, mutations []store.AppStateMutationMAC) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, mutation := range mutations {
		m.macs[[2]string{name, string(mutation.IndexMAC)}] = mutation.ValueMAC
	}
	return nil
}

func (m *memory) DeleteAppStateMutationMACs(_ context.Context, name string, indexMACs [][]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, mac := range indexMACs {
		delete(m.macs, [2]string{name, string(mac)})
	}
	return nil
}

func (m *memory) GetAppStateMutationMAC(_ context.Context, name string, indexMAC []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.macs[[2]string{name, string(indexMAC)}], nil
}

func (l lids) PutLIDMapping(_ context.Context, lid, number types.JID) error {
	if lid.Server != types.HiddenUserServer || number.Server != types.DefaultUserServer {
		return errors.New("not a hidden identity and a number")
	}
	l.byNumber.Store(number.User, lid.User)
	l.byLID.Store(lid.User, number.User)
	return nil
}

func (l lids) PutManyLIDMappings(ctx context.Context, mappings []store.LIDMapping) error {
	var errs []error
	for _, mapping := range mappings {
		errs = append(errs, l.PutLIDMapping(ctx, mapping.LID, mapping.PN))
	}
	return errors.Join(errs...)
}

func (l lids) GetPNForLID(_ context.Context, lid types.JID) (types.JID, error) {
	return other(l.byLID, lid, types.DefaultUserServer), nil
}

func (l lids) GetLIDForPN(_ context.Context, number types.JID) (types.JID, error) {
	return other(l.byNumber, number, types.HiddenUserServer), nil
}

func (l lids) GetManyLIDsForPNs(_ context.Context, numbers []types.JID) (map[types.JID]types.JID, error) {
	found := make(map[types.JID]types.JID, len(numbers))
	for _, number := range numbers {
		if lid := other(l.byNumber, number, types.HiddenUserServer); !lid.IsEmpty() {
			found[number] = lid
		}
	}
	return found, nil
}

// other is the same person's and device's other address; empty when it is not known.
func other(known *sync.Map, jid types.JID, server string) types.JID {
	user, ok := known.Load(jid.User)
	if !ok {
		return types.EmptyJID
	}
	return types.JID{User: user.(string), Device: jid.Device, Server: server}
}
