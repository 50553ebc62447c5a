package instance

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const (
	groupNameWithin = 3 * time.Second
	groupNameLife   = time.Hour
	groupNameRetry  = time.Minute
)

// groupNames remembers the subjects of groups, so that a message does not cost a query. An empty one stands for a query that failed.
type groupNames struct {
	mu     sync.Mutex
	byChat map[ChatID]groupName
}

type groupName struct {
	name string
	at   time.Time
}

func (g *groupNames) get(chat ChatID) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	known, ok := g.byChat[chat]
	life := groupNameLife
	if known.name == "" {
		life = groupNameRetry
	}
	return known.name, ok && time.Since(known.at) < life
}

func (g *groupNames) set(chat ChatID, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byChat == nil {
		g.byChat = map[ChatID]groupName{}
	}
	g.byChat[chat] = groupName{name, time.Now()}
}

// chatName is the name of a chat as the account sees it: the subject of a group, the name of a person.
func (i *Instance) chatName(ctx context.Context, chat ChatID) string {
	if !strings.HasSuffix(string(chat), "@g.us") {
		contact := i.contact(ctx, chat)
		if contact.FullName != "" {
			return contact.FullName
		}
		return contact.PushName
	}
	if name, ok := i.groups.get(chat); ok {
		return name
	}
	jid, _ := ParseChatID(string(chat))
	info, err := ask(ctx, i, groupNameWithin, func(ctx context.Context, client *whatsmeow.Client) (*types.GroupInfo, error) {
		return client.GetGroupInfo(ctx, jid)
	})
	name := ""
	if err == nil {
		name = info.Name
	}
	i.groups.set(chat, name)
	return name
}
