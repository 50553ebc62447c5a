package instance

import (
	"context"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const (
	groupsWithin = 15 * time.Second
	groupsLife   = time.Minute // GREEN-API refreshes its lists once a minute (docs/api/service/GetChats)
)

// joinedGroups remembers the groups of the account for a while: WhatsApp does not like to be asked for all of them often.
type joinedGroups struct {
	asking sync.Mutex // one caller asks at a time, the others wait for what it is told

	mu      sync.Mutex
	list    []*types.GroupInfo
	until   time.Time
	changes int
}

// known returns the list while it is fresh, and else what to call keep with once it was asked for.
func (g *joinedGroups) known() (list []*types.GroupInfo, fresh bool, changes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.list, time.Now().Before(g.until), g.changes
}

// keep remembers a list unless something has changed since it was asked for.
func (g *joinedGroups) keep(list []*types.GroupInfo, changes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.changes == changes {
		g.list, g.until = list, time.Now().Add(groupsLife)
	}
}

// forget makes the next call ask. It does not wait for one that is asking.
func (g *joinedGroups) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = time.Time{}
	g.changes++
}

// Groups lists the groups that the account is a member of. What changed within the last minute may be missing.
func (i *Instance) Groups(ctx context.Context) ([]*types.GroupInfo, error) {
	if err := i.requireAuthorized(); err != nil {
		return nil, err
	}
	i.joined.asking.Lock()
	defer i.joined.asking.Unlock()
	list, fresh, changes := i.joined.known()
	if fresh {
		return list, nil
	}
	list, err := ask(ctx, i, groupsWithin, func(ctx context.Context, client *whatsmeow.Client) ([]*types.GroupInfo, error) {
		return client.GetJoinedGroups(ctx)
	})
	if err == nil {
		i.joined.keep(list, changes)
	}
	return list, err
}
