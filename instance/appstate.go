package instance

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/appstate/lthash"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waServerSync"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/cbcutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"google.golang.org/protobuf/proto"
)

// appStateWithin is the time for one change of what the account's devices share: fetching what others changed meanwhile, and the change
// itself.
const appStateWithin = 15 * time.Second

var (
	errNoAppStateKeys = &Error{Kind: KindBusy, Detail: "the phone has not shared the keys of its settings yet", RetryAfter: 5 * time.Second}
	errAppStateMoved  = errors.New("another device has changed the settings meanwhile")
)

// changeAppState sends one change of what the account's devices share.
func (i *Instance) changeAppState(ctx context.Context, patch appstate.PatchInfo) error {
	return i.withAppState(ctx, func(ctx context.Context, client *whatsmeow.Client, _ []byte) error {
		return client.SendAppState(ctx, patch)
	})
}

func (i *Instance) withAppState(ctx context.Context, change func(context.Context, *whatsmeow.Client, []byte) error) error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	_, err := ask(ctx, i, appStateWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		key, err := client.Store.AppStateKeys.GetLatestAppStateSyncKeyID(ctx)
		if err != nil || len(key) == 0 {
			return struct{}{}, cmp.Or[error](err, errNoAppStateKeys)
		}
		return struct{}{}, change(ctx, client, key)
	})
	return err
}

// entry of the app state: where it stands.
type appStateEntry struct {
	collection appstate.WAPatchName
	version    int32 // of its kind
	index      []string
}

// removeAppState takes an entry away; one that is not there stays so. whatsmeow can read removals but writes none.
func (i *Instance) removeAppState(ctx context.Context, e appStateEntry) error {
	return i.withAppState(ctx, func(ctx context.Context, client *whatsmeow.Client, keyID []byte) error {
		err := sendRemoval(ctx, client, keyID, e)
		if errors.Is(err, errAppStateMoved) {
			if err = client.FetchAppState(ctx, e.collection, false, false); err == nil {
				err = sendRemoval(ctx, client, keyID, e)
			}
		}
		return err
	})
}

func sendRemoval(ctx context.Context, client *whatsmeow.Client, keyID []byte, e appStateEntry) error {
	patch, version, err := encodeRemoval(ctx, client.Store, keyID, e)
	if err != nil || patch == nil {
		return err
	}
	//nolint:staticcheck // whatsmeow has no other way to send a patch of one's own
	answer, err := client.DangerousInternals().SendIQ(ctx, whatsmeow.DangerousInfoQuery{
		Namespace: "w:sync:app:state", Type: "set", To: types.ServerJID,
		Content: []waBinary.Node{{Tag: "sync", Content: []waBinary.Node{{
			Tag:     "collection",
			Attrs:   waBinary.Attrs{"name": string(e.collection), "version": version, "return_snapshot": false},
			Content: []waBinary.Node{{Tag: "patch", Content: patch}},
		}}}},
	})
	if err != nil {
		return err
	}
	collection, _ := answer.GetOptionalChildByTag("sync", "collection")
	if collection.AttrGetter().OptionalString("type") == "error" {
		refusal, _ := collection.GetOptionalChildByTag("error")
		if refusal.AttrGetter().OptionalInt("code") == 409 {
			return errAppStateMoved
		}
		return fmt.Errorf("%w (%s)", whatsmeow.ErrAppStateUpdate, e.collection)
	}
	return client.FetchAppState(ctx, e.collection, false, false) // takes the change over
}

// encodeRemoval seals a patch on the version of the collection that the device knows; it is nil when there is nothing to remove.
func encodeRemoval(ctx context.Context, device *waStore.Device, keyID []byte, e appStateEntry) (patch []byte, version uint64, err error) {
	key, err := device.AppStateKeys.GetAppStateSyncKey(ctx, keyID)
	if err != nil || key == nil {
		return nil, 0, cmp.Or[error](err, errNoAppStateKeys)
	}
	name := string(e.collection)
	version, state, err := device.AppState.GetAppStateVersion(ctx, name)
	if err != nil {
		return nil, 0, err
	}
	index, err := json.Marshal(e.index)
	if err != nil {
		return nil, 0, err
	}
	// Keys for indexes, values, the MACs of values, of the state and of patches, 32 bytes each.
	keys := hkdfutil.SHA256(key.Data, nil, []byte("WhatsApp Mutation Keys"), 160)
	indexMAC := macOf(sha256.New, keys[:32], index)
	before, err := device.AppState.GetAppStateMutationMAC(ctx, name, indexMAC)
	if err != nil || before == nil {
		return nil, 0, err
	}
	data, err := proto.Marshal(&waSyncAction.SyncActionData{
		Index: index, Padding: []byte{}, Version: &e.version,
		Value: &waSyncAction.SyncActionValue{Timestamp: proto.Int64(time.Now().UnixMilli())},
	})
	if err != nil {
		return nil, 0, err
	}
	sealed, err := cbcutil.Encrypt(keys[32:64], nil, data)
	if err != nil {
		return nil, 0, err
	}
	removal := waServerSync.SyncdMutation_REMOVE
	valueMAC := macOf(sha512.New, keys[64:96], []byte{byte(removal) + 1}, keyID, sealed, bigEndian(uint64(len(keyID)+1)))[:32]
	after := lthash.WAPatchIntegrity.SubtractThenAdd(state[:], [][]byte{before}, nil)
	stateMAC := macOf(sha256.New, keys[96:128], after, bigEndian(version+1), []byte(name))
	patch, err = proto.Marshal(&waServerSync.SyncdPatch{
		SnapshotMAC: stateMAC, KeyID: &waServerSync.KeyId{ID: keyID},
		PatchMAC: macOf(sha256.New, keys[128:], stateMAC, valueMAC, bigEndian(version+1), []byte(name)),
		Mutations: []*waServerSync.SyncdMutation{{Operation: &removal, Record: &waServerSync.SyncdRecord{
			Index: &waServerSync.SyncdIndex{Blob: indexMAC}, Value: &waServerSync.SyncdValue{Blob: append(sealed, valueMAC...)},
			KeyID: &waServerSync.KeyId{ID: keyID},
		}}},
	})
	return patch, version, err
}

func macOf(algorithm func() hash.Hash, key []byte, parts ...[]byte) []byte {
	mac := hmac.New(algorithm, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

func bigEndian(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
