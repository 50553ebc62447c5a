package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

// lids are the pairs of LID and number that one instance's account has met. whatsmeow's own table is one for all accounts, and would tell
// each of them the numbers that were shown to the others; it is filled too, since whatsmeow's queries for secrets and tokens of an account
// look there under which other address they may be kept.
type lids struct {
	devices  *Devices
	instance int64
	owner    uint64
	writing  turns
}

var _ waStore.LIDStore = (*lids)(nil)

// direction is one of the two ways to look a pair up.
type direction struct {
	kind     kind
	from, to string // servers
	query    string
}

var (
	toNumber = direction{kindNumber, types.HiddenUserServer, types.DefaultUserServer, `SELECT lid, pn FROM lids WHERE instance_id = $1 AND lid IN `}
	toLID    = direction{kindLID, types.DefaultUserServer, types.HiddenUserServer, `SELECT pn, lid FROM lids WHERE instance_id = $1 AND pn IN `}
)

// GetPNForLID returns the empty JID when the number is not known.
func (l *lids) GetPNForLID(ctx context.Context, lid types.JID) (types.JID, error) {
	return l.one(ctx, toNumber, lid)
}

// GetLIDForPN returns the empty JID when the LID is not known.
func (l *lids) GetLIDForPN(ctx context.Context, pn types.JID) (types.JID, error) {
	return l.one(ctx, toLID, pn)
}

func (l *lids) one(ctx context.Context, d direction, jid types.JID) (types.JID, error) {
	if jid.Server != d.from {
		return types.JID{}, fmt.Errorf("store: an address on %s where one on %s belongs", jid.Server, d.from)
	}
	found, err := l.users(ctx, d, []string{jid.User})
	if err != nil || found[jid.User] == "" {
		return types.JID{}, err
	}
	return types.JID{User: found[jid.User], Device: jid.Device, Server: d.to}, nil
}

// GetManyLIDsForPNs leaves out those that are not known.
func (l *lids) GetManyLIDsForPNs(ctx context.Context, pns []types.JID) (map[types.JID]types.JID, error) {
	var users []string
	for _, pn := range pns {
		if pn.Server == types.DefaultUserServer {
			users = append(users, pn.User)
		}
	}
	found, err := l.users(ctx, toLID, users)
	if err != nil {
		return nil, err
	}
	result := make(map[types.JID]types.JID, len(pns))
	for _, pn := range pns {
		if lid := found[pn.User]; lid != "" && pn.Server == types.DefaultUserServer {
			result[pn] = types.JID{User: lid, Device: pn.Device, Server: types.HiddenUserServer}
		}
	}
	return result, nil
}

// users looks many up, in memory first; the result is empty for those that are not known.
func (l *lids) users(ctx context.Context, d direction, users []string) (map[string]string, error) {
	cache := l.devices.store.cache
	result := make(map[string]string, len(users))
	versions := map[string]uint64{}
	for _, user := range users {
		if other, version, ok := cache.get(l.key(d.kind, user)); ok {
			result[user] = other.(string)
		} else {
			versions[user] = version
		}
	}
	for missing := range slices.Chunk(slices.Collect(maps.Keys(versions)), queryChunk) {
		read, err := l.read(ctx, d, missing)
		if err != nil {
			return nil, l.devices.note(ctx, err)
		}
		for _, user := range missing {
			result[user] = read[user]
			cache.fill(l.key(d.kind, user), versions[user], read[user], len(read[user]))
		}
	}
	return result, nil
}

func (l *lids) read(ctx context.Context, d direction, users []string) (map[string]string, error) {
	args := []any{l.instance}
	places := make([]string, len(users))
	for n, user := range users {
		args = append(args, user)
		places[n] = fmt.Sprintf("$%d", n+2)
	}
	pairs, err := list(ctx, l.devices.store.db, "look LIDs up", func(rows *sql.Rows) (pair [2]string, err error) {
		err = rows.Scan(&pair[0], &pair[1])
		return pair, err
	}, d.query+"("+strings.Join(places, ", ")+")", args...)
	found := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		found[pair[0]] = pair[1]
	}
	return found, err
}

// PutLIDMapping keeps a pair.
func (l *lids) PutLIDMapping(ctx context.Context, lid, pn types.JID) error {
	if lid.Server != types.HiddenUserServer || pn.Server != types.DefaultUserServer {
		return fmt.Errorf("store: %s and %s are no LID and number", lid.Server, pn.Server)
	}
	return l.PutManyLIDMappings(ctx, []waStore.LIDMapping{{LID: lid, PN: pn}})
}

// PutManyLIDMappings keeps those that are pairs of a LID and a number, and replaces what contradicts them.
func (l *lids) PutManyLIDMappings(ctx context.Context, mappings []waStore.LIDMapping) error {
	fresh, err := l.unknown(ctx, mappings)
	if err != nil || len(fresh) == 0 {
		return err
	}
	if err := l.writing.take(ctx); err != nil {
		return err
	}
	defer l.writing.end()
	stale, err := l.touched(ctx, fresh)
	if err != nil {
		return err
	}
	l.invalidate(stale)
	defer l.invalidate(stale)
	if err := l.devices.container.LIDMap.PutManyLIDMappings(ctx, slices.Clone(fresh)); err != nil {
		return l.devices.note(ctx, err)
	}
	return l.devices.note(ctx, l.devices.store.Update(ctx, func(tx *Tx) error {
		for _, m := range fresh {
			if err := tx.putLID(l.instance, m.LID.User, m.PN.User); err != nil {
				return err
			}
		}
		return nil
	}))
}

// touched lists what is kept in memory of people, and of those whom they were paired with before.
func (l *lids) touched(ctx context.Context, mappings []waStore.LIDMapping) ([]cacheKey, error) {
	var keys []cacheKey
	var lidUsers, pnUsers []string
	for _, m := range mappings {
		keys = append(keys, l.key(kindNumber, m.LID.User), l.key(kindLID, m.PN.User), l.tokenKey(m.LID), l.tokenKey(m.PN))
		lidUsers, pnUsers = append(lidUsers, m.LID.User), append(pnUsers, m.PN.User)
	}
	oldNumbers, err := l.users(ctx, toNumber, lidUsers)
	if err != nil {
		return nil, err
	}
	oldLIDs, err := l.users(ctx, toLID, pnUsers)
	for _, user := range oldNumbers {
		keys = append(keys, l.key(kindLID, user), l.tokenKey(types.NewJID(user, types.DefaultUserServer)))
	}
	for _, user := range oldLIDs {
		keys = append(keys, l.key(kindNumber, user), l.tokenKey(types.NewJID(user, types.HiddenUserServer)))
	}
	return keys, err
}

func (l *lids) invalidate(keys []cacheKey) {
	for _, key := range keys {
		l.devices.store.cache.invalidate(key)
	}
}

func (l *lids) key(kind kind, user string) cacheKey { return cacheKey{l.owner, kind, user} }

// Privacy tokens are found under both addresses of a person, so what is known of them changes with the pairs.
func (l *lids) tokenKey(jid types.JID) cacheKey {
	return cacheKey{l.owner, kindPrivacyToken, jid.ToNonAD().String()}
}

func (l *lids) tokens() match { return match{l.owner, []string{""}, []kind{kindPrivacyToken}} }

// unknown picks the pairs that are not known yet.
func (l *lids) unknown(ctx context.Context, mappings []waStore.LIDMapping) ([]waStore.LIDMapping, error) {
	var numbers []types.JID
	for _, m := range mappings {
		numbers = append(numbers, m.PN)
	}
	known, err := l.GetManyLIDsForPNs(ctx, numbers)
	return slices.DeleteFunc(slices.Clone(mappings), func(m waStore.LIDMapping) bool {
		return m.LID.Server != types.HiddenUserServer || m.PN.Server != types.DefaultUserServer || known[m.PN].User == m.LID.User
	}), err
}

func (t *Tx) putLID(instance int64, lid, pn string) error {
	if _, err := t.exec("put LID", `DELETE FROM lids WHERE instance_id = $1 AND pn = $2 AND lid <> $3`, instance, pn, lid); err != nil {
		return err
	}
	_, err := t.exec("put LID", `INSERT INTO lids (instance_id, lid, pn) VALUES ($1, $2, $3)
		ON CONFLICT (instance_id, lid) DO UPDATE SET pn = excluded.pn`, instance, lid, pn)
	return err
}

// clear forgets all pairs.
func (l *lids) clear(ctx context.Context) error {
	all := match{l.owner, []string{""}, []kind{kindLID, kindNumber, kindPrivacyToken}}
	l.devices.store.cache.drop(all)
	defer l.devices.store.cache.drop(all)
	return l.devices.store.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec("forget LIDs", `DELETE FROM lids WHERE instance_id = $1`, l.instance)
		return err
	})
}
