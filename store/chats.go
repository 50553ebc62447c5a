package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Chat is a chat with what was set for it. Times are in UTC, to the second, zero for never.
type Chat struct {
	ID           string
	Archived     bool
	Expiration   int64 // of messages, in seconds; 0 for none, -1 while it is not known
	ExpiresSince time.Time
	ActiveAt     time.Time // of the newest message; Chats only
	Unread       int       // messages; Chats only
}

// SetArchived remembers whether a chat is in the archive.
func (t *Tx) SetArchived(instance int64, chat string, archived bool) error {
	_, err := t.exec("set archived", `INSERT INTO chats (instance_id, chat_id, archived) VALUES ($1, $2, $3)
		ON CONFLICT (instance_id, chat_id) DO UPDATE SET archived = excluded.archived`, instance, chat, archived)
	return err
}

// SetExpiration remembers how long messages of a chat live, in seconds, 0 for ever, and since when that is so. A setting that is older
// than the stored one changes nothing; one of unknown time, the zero one, always counts.
func (t *Tx) SetExpiration(instance int64, chat string, seconds int64, at time.Time) error {
	_, err := t.exec("set expiration", `INSERT INTO chats (instance_id, chat_id, ephemeral_expiration, ephemeral_set_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (instance_id, chat_id) DO UPDATE SET ephemeral_expiration = excluded.ephemeral_expiration,
		ephemeral_set_at = excluded.ephemeral_set_at WHERE excluded.ephemeral_set_at = 0 OR excluded.ephemeral_set_at >= chats.ephemeral_set_at`,
		instance, chat, seconds, toUnix(at))
	return err
}

// ForgetChats deletes what was set for chats, and the labels: the account is another one, or tells all of it anew.
func (t *Tx) ForgetChats(instance int64) error {
	_, err := t.exec("forget chats", `DELETE FROM chats WHERE instance_id = $1`, instance)
	if err == nil {
		_, err = t.exec("forget labels", `DELETE FROM labels WHERE instance_id = $1`, instance)
	}
	return err
}

const chatColumns = `chat_id, archived, ephemeral_expiration, ephemeral_set_at`

// Chat reads what was set for a chat; nothing for one that nothing was set for.
func (s *Store) Chat(ctx context.Context, instance int64, chat string) (Chat, error) {
	row := s.db.QueryRowContext(ctx, `SELECT `+chatColumns+` FROM chats WHERE instance_id = $1 AND chat_id = $2`, instance, chat)
	c, err := scanChat(row)
	if errors.Is(err, sql.ErrNoRows) {
		return Chat{ID: chat, Expiration: -1}, nil
	} else if err != nil {
		return c, fmt.Errorf("store: read chat: %w", err)
	}
	return c, nil
}

func scanChat(row interface{ Scan(...any) error }) (Chat, error) {
	var c Chat
	var since int64
	err := row.Scan(&c.ID, &c.Archived, &c.Expiration, &since)
	c.ExpiresSince = fromUnix(since)
	return c, err
}

// Chats lists all chats that have messages or that something was set for, in no order. Stories are no chat; what only changes or answers
// a message does not count as unread.
func (s *Store) Chats(ctx context.Context, instance int64) ([]Chat, error) {
	all, err := list(ctx, s.db, "list chats", func(rows *sql.Rows) (Chat, error) { return scanChat(rows) },
		`SELECT `+chatColumns+` FROM chats WHERE instance_id = $1`, instance)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for n, c := range all {
		at[c.ID] = n
	}
	find := func(id string) *Chat {
		if _, ok := at[id]; !ok {
			at[id] = len(all)
			all = append(all, Chat{ID: id, Expiration: -1})
		}
		return &all[at[id]]
	}
	active, err := s.perChat(ctx, `SELECT chat_id, MAX(sent_at) FROM messages
		WHERE instance_id = $1 AND chat_id <> 'status@broadcast' GROUP BY chat_id`, instance)
	for _, c := range active {
		find(c.id).ActiveAt = fromUnix(c.n)
	}
	if err != nil {
		return nil, err
	}
	unread, err := s.perChat(ctx, `SELECT chat_id, COUNT(*) FROM messages
		WHERE instance_id = $1 AND status = '' AND chat_id <> 'status@broadcast'
		AND type NOT IN ('reactionMessage', 'pollUpdateMessage', 'editedMessage', 'deletedMessage') GROUP BY chat_id`, instance)
	for _, c := range unread {
		find(c.id).Unread = int(c.n)
	}
	return all, err
}

// numbered is a number of a chat.
type numbered struct {
	id string
	n  int64
}

func (s *Store) perChat(ctx context.Context, query string, instance int64) ([]numbered, error) {
	return list(ctx, s.db, "list chats", func(rows *sql.Rows) (c numbered, err error) {
		err = rows.Scan(&c.id, &c.n)
		return c, err
	}, query, instance)
}
