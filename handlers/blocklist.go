package handlers

import (
	"cmp"
	"context"
	"net/http"

	"greengate/instance"
)

func blocklistMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "getBlocklist", Verb: http.MethodGet, Rate: 1,
			Summary: "List whom the account has blocked; not in GREEN-API",
			Answer:  `[{"chatId":"15550002222@c.us"}]`,
		}, getBlocklist),
		forInstance(Method{
			Name: "blockContact", Verb: http.MethodPost, Rate: 1,
			Summary: "Block a person; not in GREEN-API",
			Example: `{"chatId":"{{chatId}}"}`, Answer: `{"blockContact":true}`,
		}, blockContact),
		forInstance(Method{
			Name: "unblockContact", Verb: http.MethodPost, Rate: 1,
			Summary: "Unblock a person; not in GREEN-API",
			Example: `{"chatId":"{{chatId}}"}`, Answer: `{"unblockContact":true}`,
		}, unblockContact),
	}
}

// BlockedContact is a person whom the account has blocked, by number where it is known.
type BlockedContact struct {
	ChatID instance.ChatID `json:"chatId"`
}

func getBlocklist(ctx context.Context, i *instance.Instance, _ none) ([]BlockedContact, error) {
	blocklist, err := i.Blocklist(ctx)
	list := make([]BlockedContact, 0, len(blocklist.Blocked))
	for _, b := range blocklist.Blocked {
		list = append(list, BlockedContact{cmp.Or(instance.ChatIDOf(b.Number), instance.ChatIDOf(b.JID))})
	}
	return list, err
}

// BlockContactResponse confirms that the person is blocked.
type BlockContactResponse struct {
	BlockContact bool `json:"blockContact"`
}

func blockContact(ctx context.Context, i *instance.Instance, chat Chat) (BlockContactResponse, error) {
	jid, err := chat.jid(formatsOfPerson)
	if err != nil {
		return BlockContactResponse{}, err
	}
	_, err = i.Block(ctx, jid)
	return BlockContactResponse{err == nil}, contactRefusal(jid, err)
}

// UnblockContactResponse confirms that the person is not blocked.
type UnblockContactResponse struct {
	UnblockContact bool `json:"unblockContact"`
}

func unblockContact(ctx context.Context, i *instance.Instance, chat Chat) (UnblockContactResponse, error) {
	jid, err := chat.jid(formatsOfPerson)
	if err != nil {
		return UnblockContactResponse{}, err
	}
	_, err = i.Unblock(ctx, jid)
	return UnblockContactResponse{err == nil}, contactRefusal(jid, err)
}
