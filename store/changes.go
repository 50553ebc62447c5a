package store

import (
	"context"
	"slices"
)

// changes are what a transaction of a keyring has done so far; nobody else may see it before the commit.
type changes struct {
	written map[cacheKey]change
	removed []match
	failed  error // the database's failure in it, if there was one
}

type change struct {
	value   any
	bytes   int
	version uint64
}

type changesKey struct{}

// changesOf returns those of the transaction that ctx belongs to; nil for none.
func changesOf(ctx context.Context) *changes {
	c, _ := ctx.Value(changesKey{}).(*changes)
	return c
}

// hides tells whether something was removed by the transaction, so that what is in memory does not count.
func (c *changes) hides(key cacheKey) bool {
	return slices.ContainsFunc(c.removed, func(m match) bool { return m.has(key) })
}

func (c *changes) remove(m match) {
	c.removed = append(c.removed, m)
	for key := range c.written {
		if m.has(key) {
			delete(c.written, key)
		}
	}
}

// settle brings the memory in line with the database after the transaction has ended.
func (c *changes) settle(cache *cache, committed bool) {
	for _, m := range c.removed {
		cache.drop(m)
	}
	for key, change := range c.written {
		if committed && !c.hides(key) {
			cache.written(key, change.version, change.value, change.bytes)
		} else {
			cache.invalidate(key)
		}
	}
}

// has tells whether something was replaced or removed.
func (c *changes) has(key cacheKey) bool {
	_, written := c.written[key]
	return written || c.hides(key)
}

// transaction runs a transaction, in which do has to use the context it is given. An error of do that the database has caused leaves as
// such, whatever do has made of it.
func (k *keyring) transaction(ctx context.Context, do func(context.Context) error) error {
	if changesOf(ctx) != nil {
		return do(ctx)
	}
	return k.alone(ctx, func() error { return k.transact(ctx, do) })
}

func (k *keyring) transact(ctx context.Context, do func(context.Context) error) error {
	c := &changes{written: map[cacheKey]change{}}
	var own error
	err := k.SQLStore.DoDecryptionTxn(context.WithValue(ctx, changesKey{}, c), func(ctx context.Context) error {
		own = do(ctx)
		return own
	})
	c.settle(k.cache, err == nil)
	k.outdate(c.has) // after the memory shows what was done, or who reads in between would not learn of it
	switch {
	case err == nil:
		return nil
	case c.failed != nil:
		return unavailable{err}
	case own != nil:
		return err
	}
	return k.note(ctx, err)
}
