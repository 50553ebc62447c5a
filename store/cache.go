package store

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	lru "container/list"
)

const (
	// cacheBytes bounds what a Store keeps in memory of keys, sessions and the like, of all devices together.
	cacheBytes = 8 << 20
	// entryBytes is about what an entry takes beside its id and its value.
	entryBytes = 256
)

// kind is a kind of things that are cached.
type kind uint8

const (
	kindSession kind = iota
	kindIdentity
	kindSenderKey
	kindPrivacyToken
	kindSalt
	kindNumber // of a LID
	kindLID    // of a number
	kindContact
)

// cacheKey names a thing of one owner; owners are numbers given by newOwner.
type cacheKey struct {
	owner uint64
	kind  kind
	id    string
}

// cache keeps what was read and written last, and forgets what was used least when it is full. It never holds anything but what the
// database holds:
//   - a reader calls get, and when there is nothing, takes the version, reads the database and calls fill;
//   - a writer calls invalidate, writes the database, and calls written, or nothing when it failed.
//
// A reader or writer whom another writer overtook leaves nothing behind.
type cache struct {
	mu       sync.Mutex
	entries  map[cacheKey]*lru.Element
	order    *lru.List // of *cacheEntry, the one used last in front
	bytes    int
	limit    int
	owners   uint64
	versions [512]uint64 // of keys with the same hash: counts their writers' steps
	seed     maphash.Seed
}

type cacheEntry struct {
	key   cacheKey
	value any
	bytes int
}

func newCache(limit int) *cache {
	return &cache{entries: map[cacheKey]*lru.Element{}, order: lru.New(), limit: limit, seed: maphash.MakeSeed()}
}

func (c *cache) newOwner() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owners++
	return c.owners
}

func (c *cache) versionOf(key cacheKey) *uint64 {
	return &c.versions[maphash.Comparable(c.seed, key)%uint64(len(c.versions))]
}

// get finds a value; version is for fill, when there is none.
func (c *cache) get(key cacheKey) (value any, version uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[key]
	if !ok {
		return nil, *c.versionOf(key), false
	}
	c.order.MoveToFront(element)
	return element.Value.(*cacheEntry).value, 0, true
}

// fill keeps what a reader found, which takes about so many bytes.
func (c *cache) fill(key cacheKey, version uint64, value any, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *c.versionOf(key) == version {
		c.put(key, value, bytes)
	}
}

// invalidate is a writer's first step, before it writes the database; version is for written.
func (c *cache) invalidate(key cacheKey) (version uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(key)
	v := c.versionOf(key)
	*v++
	return *v
}

// written is a writer's last step, after what it wrote is committed.
func (c *cache) written(key cacheKey, version uint64, value any, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.versionOf(key)
	if *v == version {
		c.put(key, value, bytes)
	} else {
		c.remove(key)
	}
	*v++
}

// match are an owner's things of some kinds whose ids begin with one of some prefixes.
type match struct {
	owner    uint64
	prefixes []string
	kinds    []kind
}

func (m match) has(key cacheKey) bool {
	return key.owner == m.owner && slices.Contains(m.kinds, key.kind) &&
		slices.ContainsFunc(m.prefixes, func(prefix string) bool { return strings.HasPrefix(key.id, prefix) })
}

// drop is each of both steps of a writer that deletes or moves many things.
func (c *cache) drop(m match) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.versions {
		c.versions[i]++
	}
	for key := range c.entries {
		if m.has(key) {
			c.remove(key)
		}
	}
}

// put keeps a value and makes room. The caller holds c.mu, as for remove.
func (c *cache) put(key cacheKey, value any, bytes int) {
	c.remove(key)
	bytes += entryBytes + len(key.id)
	if bytes > c.limit/16 {
		return
	}
	c.entries[key] = c.order.PushFront(&cacheEntry{key, value, bytes})
	c.bytes += bytes
	for c.bytes > c.limit {
		c.remove(c.order.Back().Value.(*cacheEntry).key)
	}
}

func (c *cache) remove(key cacheKey) {
	if element, ok := c.entries[key]; ok {
		delete(c.entries, key)
		c.bytes -= c.order.Remove(element).(*cacheEntry).bytes
	}
}
