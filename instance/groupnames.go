package instance

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

const (
	groupNameWithin = 3 * time.Second
	groupNameLife   = time.Hour
	groupNameRetry  = time.Minute
)

// groupNames remembers the subjects of groups, so that a message does not cost a query, and whether they name their members by number
// or by LID. An empty subject stands for a query that failed.
type groupNames struct {
	mu     sync.Mutex
	byChat map[ChatID]groupName
}

type groupName struct {
	name       string
	addressing types.AddressingMode // empty when unknown
	at         time.Time
}

// get returns what is known of a group; ok is false when it has to be asked for.
func (g *groupNames) get(chat ChatID) (known groupName, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	known, ok = g.byChat[chat]
	life := groupNameLife
	if known.name == "" {
		life = groupNameRetry
	}
	return known, ok && time.Since(known.at) < life
}

// set notes a subject; an empty addressing leaves what is known of it.
func (g *groupNames) set(chat ChatID, name string, addressing types.AddressingMode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byChat == nil {
		g.byChat = map[ChatID]groupName{}
	}
	if addressing == "" {
		addressing = g.byChat[chat].addressing
	}
	g.byChat[chat] = groupName{name, addressing, time.Now()}
}

// follow keeps up with changes that others make.
func (g *groupNames) follow(event any) {
	switch e := event.(type) {
	case *events.GroupInfo:
		if e.Name != nil {
			g.set(ChatIDOf(e.JID), e.Name.Name, "")
		}
	case *events.JoinedGroup:
		g.set(ChatIDOf(e.JID), e.Name, addressingOf(&e.GroupInfo))
	}
}

// chatName is the name of a chat as the account sees it: the subject of a group, the name of a person.
func (i *Instance) chatName(ctx context.Context, chat ChatID) string {
	if !isGroup(chat) {
		contact := i.contact(ctx, chat)
		if contact.FullName != "" {
			return contact.FullName
		}
		return contact.PushName
	}
	if known, ok := i.groups.get(chat); ok {
		return known.name
	}
	jid, _ := ParseChatID(string(chat))
	info, err := i.groupInfo(ctx, jid, groupNameWithin)
	if err != nil {
		i.groups.set(chat, "", "")
		return ""
	}
	return info.Name
}

// groupInfo asks WhatsApp for a group and remembers its name.
func (i *Instance) groupInfo(ctx context.Context, group types.JID, within time.Duration) (*types.GroupInfo, error) {
	info, err := ask(ctx, i, within, func(ctx context.Context, client *whatsmeow.Client) (*types.GroupInfo, error) {
		return client.GetGroupInfo(ctx, group)
	})
	if err == nil {
		i.groups.set(ChatIDOf(group), info.Name, addressingOf(info))
	}
	return info, err
}

// addressingOf takes silence for numbers, as whatsmeow does.
func addressingOf(info *types.GroupInfo) types.AddressingMode {
	return cmp.Or(info.AddressingMode, types.AddressingModePN)
}

// knowGroup asks for a group that was never asked for. whatsmeow would ask when it needs the members, but without a deadline of ours
// and while it holds the lock of its cache.
func (i *Instance) knowGroup(ctx context.Context, group types.JID) error {
	if known, _ := i.groups.get(ChatIDOf(group)); known.addressing != "" {
		return nil
	}
	_, err := i.groupInfo(ctx, group, groupWithin)
	return err
}

// memberJID is how a group names a person: by LID, but for those that still go by numbers. It is the given address where the other one
// is not known.
func (i *Instance) memberJID(ctx context.Context, group ChatID, person types.JID) types.JID {
	wanted := types.HiddenUserServer
	if known, _ := i.groups.get(group); known.addressing == types.AddressingModePN {
		wanted = types.DefaultUserServer
	}
	device := i.device()
	if person.Server == wanted || device == nil {
		return person
	}
	if other, err := device.GetAltJID(ctx, person); err == nil && !other.IsEmpty() {
		return other
	}
	return person
}

func isGroup(chat ChatID) bool { return strings.HasSuffix(string(chat), "@"+types.GroupServer) }
