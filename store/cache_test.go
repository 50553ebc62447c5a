package store

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

func TestCacheForgetsWhatWasUsedLeast(t *testing.T) {
	c := newCache(100 * entryBytes)
	owner := c.newOwner()
	key := func(n int) cacheKey { return cacheKey{owner, kindSession, fmt.Sprint(n)} }
	for n := range 1000 {
		_, version, _ := c.get(key(n))
		c.fill(key(n), version, n, 10)
		c.get(key(0)) // used all the time
	}
	if _, _, ok := c.get(key(0)); !ok {
		t.Error("what is used all the time is gone")
	}
	if _, _, ok := c.get(key(500)); ok || len(c.entries) > 100 || c.bytes > c.limit {
		t.Errorf("%d entries of %d bytes are left", len(c.entries), c.bytes)
	}
	_, version, _ := c.get(key(5000))
	c.fill(key(5000), version, "large", c.limit)
	if _, _, ok := c.get(key(5000)); ok || len(c.entries) < 50 {
		t.Error("one large thing has taken the place of all others")
	}
}

// Readers and writers of one thing meet in all ways; in the end memory and database must agree.
func TestCacheAgreesWithTheDatabase(t *testing.T) {
	c := newCache(1 << 20)
	key := cacheKey{c.newOwner(), kindSession, "a"}
	for round := range 200 {
		var mu sync.Mutex
		database := 0
		write := func(to int) {
			mu.Lock()
			defer mu.Unlock()
			database = to
		}
		read := func() int {
			mu.Lock()
			defer mu.Unlock()
			return database
		}
		var wg sync.WaitGroup
		for n := range 4 {
			wg.Go(func() {
				value, version, ok := c.get(key)
				if !ok {
					c.fill(key, version, read(), 8)
				} else if _, isInt := value.(int); !isInt {
					t.Errorf("found %v", value)
				}
			})
			wg.Go(func() {
				version := c.invalidate(key)
				if rand.N(4) == 0 {
					c.invalidate(key) // it has failed
					return
				}
				write(10*round + n + 1)
				c.written(key, version, 10*round+n+1, 8)
			})
			wg.Go(func() {
				m := match{key.owner, []string{"a"}, []kind{kindSession}}
				if rand.N(4) == 0 {
					c.drop(m)
					write(0)
					c.drop(m)
				}
			})
		}
		wg.Wait()
		if value, _, ok := c.get(key); ok && value != database {
			t.Fatalf("memory has %v, the database %d", value, database)
		}
		c.drop(match{key.owner, []string{""}, []kind{kindSession}})
	}
}
