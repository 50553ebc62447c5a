package instance

import (
	"context"
	"errors"
	"strings"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

const maxInviteCode = 64

// GroupInviteLink tells the link by which people join a group; with reset a new one, and the old one ends. KindForbidden unless the
// account is an admin, KindNotFound when there is no such group.
func (i *Instance) GroupInviteLink(ctx context.Context, group types.JID, reset bool) (string, error) {
	if err := i.requireAuthorized(); err != nil {
		return "", err
	}
	return ask(ctx, i, groupWithin, func(ctx context.Context, client *whatsmeow.Client) (string, error) {
		return client.GetGroupInviteLink(ctx, group, reset)
	})
}

// inviteLink is the link for answers that are good without it.
func (i *Instance) inviteLink(ctx context.Context, group types.JID) string {
	link, err := i.GroupInviteLink(ctx, group, false)
	if err != nil {
		i.log.Warn("invite link not read", "error", err)
	}
	return link
}

// ParseInvite takes the code out of an invite link, with or without its scheme, or takes a code as it is.
func ParseInvite(text string) (code string, ok bool) {
	text = strings.TrimSpace(text)
	for _, prefix := range []string{"https://", "http://", "chat.whatsapp.com/", "invite/"} {
		text = strings.TrimPrefix(text, prefix)
	}
	code, _, _ = strings.Cut(text, "?")
	code = strings.TrimSuffix(code, "/")
	strange := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-'
	}
	return code, code != "" && len(code) <= maxInviteCode && !strings.ContainsFunc(code, strange)
}

// JoinGroup joins the group of an invite code. waiting says that admins have to approve; until then the account is no member. KindNotFound
// for a code that is none or no longer one.
func (i *Instance) JoinGroup(ctx context.Context, code string) (group ChatID, waiting bool, err error) {
	if err := i.requireAuthorized(); err != nil {
		return "", false, err
	}
	jid, err := ask(ctx, i, groupWithin, func(ctx context.Context, client *whatsmeow.Client) (types.JID, error) {
		jid, err := client.JoinGroupWithLink(ctx, code)
		switch {
		case errors.Is(err, whatsmeow.ErrInviteLinkRevoked):
			err = &Error{Kind: KindNotFound, Detail: "the invite link was revoked", Err: err}
		case errors.Is(err, whatsmeow.ErrInviteLinkInvalid):
			err = &Error{Kind: KindNotFound, Detail: "no group has this invite link", Err: err}
		}
		return jid, err
	})
	if err != nil {
		return "", false, err
	}
	// WhatsApp's answer names the group in both cases; only members are told more of it.
	_, err = i.groupInfo(ctx, jid, groupWithin)
	return ChatIDOf(jid), err != nil && AsError(err).Kind == KindForbidden, nil
}
