package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/appstate/lthash"
	"go.mau.fi/whatsmeow/proto/waServerSync"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/util/cbcutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"google.golang.org/protobuf/proto"
)

// The library can encode patches that set something, but not those that remove an entry, which phones send for a deleted contact.

// remove takes an entry out of the app state.
func (p *Phone) remove(name appstate.WAPatchName, index ...string) error {
	raw, err := p.encodeRemoval(name, index)
	if err != nil {
		return fmt.Errorf("encode app state patch: %w", err)
	}
	return p.publish(name, raw, p.endpoint())
}

func (p *Phone) encodeRemoval(name appstate.WAPatchName, index []string) ([]byte, error) {
	indexBytes, err := json.Marshal(index)
	if err != nil {
		return nil, err
	}
	content, err := proto.Marshal(&waSyncAction.SyncActionData{
		Index: indexBytes, Value: p.settings.values[settingKey(index...)].value, Padding: []byte{}, Version: proto.Int32(2),
	})
	if err != nil {
		return nil, err
	}
	keys := hkdfutil.SHA256(p.settings.key.Data, nil, []byte("WhatsApp Mutation Keys"), 160)
	indexKey, valueKey, valueMACKey, snapshotKey, patchKey := keys[:32], keys[32:64], keys[64:96], keys[96:128], keys[128:160]
	sealed, err := cbcutil.Encrypt(valueKey, nil, content)
	if err != nil {
		return nil, err
	}
	remove := waServerSync.SyncdMutation_REMOVE
	indexMAC := macOf(sha256.New, indexKey, indexBytes)
	valueMAC := macOf(sha512.New, valueMACKey, []byte{byte(remove) + 1}, p.settings.keyID, sealed, bigEndian(len(p.settings.keyID)+1))[:32]
	state, err := p.version(name)
	if err != nil {
		return nil, err
	}
	former, err := p.signal.AppState.GetAppStateMutationMAC(context.Background(), string(name), indexMAC)
	if err != nil {
		return nil, err
	}
	lthash.WAPatchIntegrity.SubtractThenAddInPlace(state.Hash[:], [][]byte{former}, nil)
	version := bigEndian(int(state.Version) + 1)
	snapshotMAC := macOf(sha256.New, snapshotKey, state.Hash[:], version, []byte(name))
	return proto.Marshal(&waServerSync.SyncdPatch{
		SnapshotMAC: snapshotMAC, PatchMAC: macOf(sha256.New, patchKey, snapshotMAC, valueMAC, version, []byte(name)),
		KeyID: &waServerSync.KeyId{ID: p.settings.keyID},
		Mutations: []*waServerSync.SyncdMutation{{Operation: remove.Enum(), Record: &waServerSync.SyncdRecord{
			Index: &waServerSync.SyncdIndex{Blob: indexMAC}, Value: &waServerSync.SyncdValue{Blob: append(sealed, valueMAC...)},
			KeyID: &waServerSync.KeyId{ID: p.settings.keyID},
		}}},
	})
}

func macOf(algorithm func() hash.Hash, key []byte, parts ...[]byte) []byte {
	mac := hmac.New(algorithm, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

func bigEndian(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
