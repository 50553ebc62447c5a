package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waServerSync"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/store"
	waLog "go.mau.fi/whatsmeow/util/log"
	"google.golang.org/protobuf/proto"
)

// The settings that the devices of an account share. The network keeps each collection as the patches from its first version on
// and cannot read them; the phone, which has the keys, checks and reads every one.

const (
	// keysDelay is the time after its first login at which a companion gets the app state keys.
	keysDelay = 100 * time.Millisecond
	// patchesAtOnce is how many patches one answer carries.
	patchesAtOnce = 50
)

var (
	errPatch    = errors.New("malformed app state patch")
	errConflict = &iqError{409, "conflict"}
)

// settings is the phone's side of the app state.
type settings struct {
	processor *appstate.Processor
	keyID     []byte
	key       store.AppStateSyncKey
	values    map[string]setting // by index
}

// setting is one entry of the app state: an index such as ["archive", jid] and its value.
type setting struct {
	index []string
	value *waSyncAction.SyncActionValue
}

// startSettings makes the key and puts something into every collection: a client takes all it finds at first for old news, so
// that the first change to an empty collection would pass unnoticed.
func (p *Phone) startSettings() error {
	p.settings = settings{
		processor: appstate.NewProcessor(p.signal, waLog.Noop),
		keyID:     []byte{0, 0, 0, 0, 0, 1},
		key:       store.AppStateSyncKey{Data: make([]byte, 32), Timestamp: p.w.now().UnixMilli()},
		values:    map[string]setting{},
	}
	_, _ = rand.Read(p.settings.key.Data)
	if err := p.signal.AppStateKeys.PutAppStateSyncKey(context.Background(), p.settings.keyID, p.settings.key); err != nil {
		return err
	}
	for _, name := range appstate.AllPatchNames {
		if err := p.apply(appstate.PatchInfo{Type: name, Mutations: []appstate.MutationInfo{{
			Index:   []string{appstate.IndexSentinel, string(name)},
			Version: 1,
			Value:   &waSyncAction.SyncActionValue{KeyExpiration: &waSyncAction.KeyExpiration{ExpiredKeyEpoch: proto.Int32(0)}},
		}}}); err != nil {
			return err
		}
	}
	return p.apply(appstate.BuildSettingPushName(p.account.pushName))
}

// shareKeys gives a companion what it needs to read the app state.
func (p *Phone) shareKeys(d *device) {
	if p.account.devices[d.id] != d {
		return
	}
	key := &waE2E.AppStateSyncKey{
		KeyID: &waE2E.AppStateSyncKeyId{KeyID: p.settings.keyID},
		KeyData: &waE2E.AppStateSyncKeyData{
			KeyData:     p.settings.key.Data,
			Fingerprint: &waE2E.AppStateSyncKeyFingerprint{RawID: proto.Uint32(1), CurrentIndex: proto.Uint32(0), DeviceIndexes: []uint32{0}},
			Timestamp:   proto.Int64(p.settings.key.Timestamp),
		},
	}
	err := p.sendPeer(d.endpoint(), &waE2E.ProtocolMessage{
		Type:                 waE2E.ProtocolMessage_APP_STATE_SYNC_KEY_SHARE.Enum(),
		AppStateSyncKeyShare: &waE2E.AppStateSyncKeyShare{Keys: []*waE2E.AppStateSyncKey{key}},
	})
	if err != nil {
		p.w.log.Error("phone cannot share its app state keys", "error", err)
	}
}

// apply encrypts a patch of the phone's own and publishes it.
func (p *Phone) apply(patch appstate.PatchInfo) error {
	raw, err := p.encode(patch)
	if err != nil {
		return err
	}
	return p.publish(patch.Type, raw, p.endpoint())
}

func (p *Phone) encode(patch appstate.PatchInfo) ([]byte, error) {
	state, err := p.version(patch.Type)
	if err != nil {
		return nil, err
	}
	raw, err := p.settings.processor.EncodePatch(context.Background(), p.settings.keyID, state, patch)
	if err != nil {
		return nil, fmt.Errorf("encode app state patch: %w", err)
	}
	return raw, nil
}

func (p *Phone) version(name appstate.WAPatchName) (state appstate.HashState, err error) {
	state.Version, state.Hash, err = p.signal.AppState.GetAppStateVersion(context.Background(), string(name))
	return state, err
}

// publish makes a patch the next version of its collection and tells every companion but its author. The phone refuses a patch
// that it cannot read or whose checksums are wrong.
func (p *Phone) publish(name appstate.WAPatchName, raw []byte, author endpoint) error {
	patch := &waServerSync.SyncdPatch{}
	if err := proto.Unmarshal(raw, patch); err != nil || !wellFormed(patch) {
		return errPatch
	}
	state, err := p.version(name)
	if err != nil {
		return err
	}
	patch.Version = &waServerSync.SyncdVersion{Version: proto.Uint64(state.Version + 1)}
	list := &appstate.PatchList{Name: name, Patches: []*waServerSync.SyncdPatch{patch}}
	mutations, _, err := p.settings.processor.DecodePatches(context.Background(), list, state, true)
	if err != nil {
		return fmt.Errorf("read app state patch: %w", err)
	}
	stored, err := proto.Marshal(patch)
	if err != nil {
		return fmt.Errorf("marshal app state patch: %w", err)
	}
	p.account.patches[name] = append(p.account.patches[name], stored)
	for _, m := range mutations {
		p.settle(m)
	}
	p.w.announcePatch(author, name, state.Version+1)
	return nil
}

// wellFormed holds off patches that are too short to be cut into their parts.
func wellFormed(patch *waServerSync.SyncdPatch) bool {
	const ivAndMAC = 16 + 32
	return !slices.ContainsFunc(patch.GetMutations(), func(m *waServerSync.SyncdMutation) bool {
		return len(m.GetRecord().GetValue().GetBlob()) <= ivAndMAC
	})
}

func (w *World) announcePatch(author endpoint, name appstate.WAPatchName, version uint64) {
	for _, d := range author.account.devices {
		if d.id != author.id {
			w.deliver(d, "notification", w.serverNotification("server_sync", waBinary.Node{
				Tag: "collection", Attrs: waBinary.Attrs{"name": string(name), "version": strconv.FormatUint(version, 10)},
			}))
		}
	}
}

func (w *World) addAppStateRoutes() {
	w.router.iqs[iqRoute{"w:sync:app:state", "set", "sync"}] = w.syncAppState
	w.router.onActive = append(w.router.onActive, func(s *session) { w.welcome(s.device) })
}

// welcome gives a companion, once, what a phone sends it after its first login: the app state keys and what was in the chats.
func (w *World) welcome(d *device) {
	if d.welcomed {
		return
	}
	d.welcomed = true
	w.after(keysDelay, func() {
		d.account.phone.shareKeys(d)
		d.account.phone.sendHistory(d)
	})
}

// syncAppState answers with the patches a device lacks, or takes one from it, for each collection that it names.
func (w *World) syncAppState(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	var answers []waBinary.Node
	for _, collection := range child(iq, "sync").GetChildrenByTag("collection") {
		name := appstate.WAPatchName(attr(&collection, "name"))
		if !slices.Contains(appstate.AllPatchNames[:], name) {
			return nil, errBadRequest
		}
		answers = append(answers, w.syncCollection(s.device.endpoint(), name, &collection))
	}
	return []waBinary.Node{{Tag: "sync", Content: answers}}, nil
}

func (w *World) syncCollection(from endpoint, name appstate.WAPatchName, request *waBinary.Node) waBinary.Node {
	patches := from.account.patches[name]
	known, _ := strconv.Atoi(attr(request, "version"))
	known = min(max(known, 0), len(patches))
	patch := childBytes(request, "patch")
	switch {
	case patch == nil:
		return patchesSince(name, patches, known)
	case known != len(patches):
		return refusedPatch(patchesSince(name, patches, known), errConflict)
	}
	if err := from.account.phone.publish(name, patch, from); err != nil {
		w.log.Warn("app state patch refused", "collection", string(name), "error", err)
		return refusedPatch(patchesSince(name, patches, known), errBadRequest)
	}
	return patchesSince(name, patches, len(patches))
}

func patchesSince(name appstate.WAPatchName, patches [][]byte, known int) waBinary.Node {
	until := min(known+patchesAtOnce, len(patches))
	nodes := make([]waBinary.Node, 0, until-known)
	for _, patch := range patches[known:until] {
		nodes = append(nodes, waBinary.Node{Tag: "patch", Content: patch})
	}
	attrs := waBinary.Attrs{"name": string(name), "version": strconv.Itoa(until)}
	if until < len(patches) {
		attrs["has_more_patches"] = "true"
	}
	return waBinary.Node{Tag: "collection", Attrs: attrs, Content: []waBinary.Node{{Tag: "patches", Content: nodes}}}
}

func refusedPatch(collection waBinary.Node, e *iqError) waBinary.Node {
	collection.Attrs["type"] = "error"
	collection.Content = append(collection.GetChildren(), waBinary.Node{
		Tag: "error", Attrs: waBinary.Attrs{"code": strconv.Itoa(e.code), "text": e.text},
	})
	return collection
}

// settle puts what a patch says into the phone's own settings.
func (p *Phone) settle(m appstate.Mutation) {
	if len(m.Index) == 0 {
		return
	}
	key := settingKey(m.Index...)
	if m.Operation == waServerSync.SyncdMutation_REMOVE {
		delete(p.settings.values, key)
		return
	}
	p.settings.values[key] = setting{m.Index, m.Action}
	if name := m.Action.GetPushNameSetting().GetName(); name != "" {
		p.account.pushName = name
	}
	if m.Action.GetMarkChatAsReadAction().GetRead() && len(m.Index) > 1 {
		p.readChat(m.Index[1])
	}
}

// settingKey writes an index as one string.
func settingKey(index ...string) string { return fmt.Sprintf("%q", index) }

// Setting returns one entry of the app state by its index, such as "archive" and a chat's JID, whichever device has set it; nil if
// it is not set.
func (p *Phone) Setting(index ...string) *waSyncAction.SyncActionValue {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.settings.values[settingKey(index...)].value
}

// settingsOf lists the entries whose index begins with a word, in a fixed order.
func (p *Phone) settingsOf(word string) []setting {
	var list []setting
	for _, key := range slices.Sorted(maps.Keys(p.settings.values)) {
		if s := p.settings.values[key]; s.index[0] == word {
			list = append(list, s)
		}
	}
	return list
}
