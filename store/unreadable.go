package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Unreadable is a message that came and could not be read.
type Unreadable struct {
	InstanceID int64
	ChatID     string
	MessageID  string
	SenderID   string
	SenderName string
	SentAt     time.Time
	Times      int // how often it came; given by the store
	GiveUpAt   time.Time
}

// AddUnreadable notes that a message could not be read, or not again; the time to give up is that of the first time.
func (t *Tx) AddUnreadable(u Unreadable) error {
	_, err := t.exec("add unreadable", `INSERT INTO unreadable
		(instance_id, chat_id, message_id, sender_id, sender_name, sent_at, times, give_up_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7)
		ON CONFLICT (instance_id, chat_id, message_id) DO UPDATE SET times = unreadable.times + 1`,
		u.InstanceID, u.ChatID, u.MessageID, u.SenderID, u.SenderName, u.SentAt.Unix(), u.GiveUpAt.Unix())
	return err
}

// RemoveUnreadable forgets a message that has been read or given up.
func (t *Tx) RemoveUnreadable(instance int64, chat, id string) error {
	_, err := t.exec("remove unreadable", `DELETE FROM unreadable WHERE instance_id = $1 AND chat_id = $2 AND message_id = $3`, instance, chat, id)
	return err
}

// Unreadable lists the unread messages of an instance, those to give up first in front.
func (s *Store) Unreadable(ctx context.Context, instance int64) ([]Unreadable, error) {
	return list(ctx, s.db, "list unreadable", scanUnreadable, `SELECT instance_id, chat_id, message_id, sender_id, sender_name, sent_at, times,
		give_up_at FROM unreadable WHERE instance_id = $1 ORDER BY give_up_at, message_id`, instance)
}

func scanUnreadable(rows *sql.Rows) (u Unreadable, err error) {
	var sent, giveUp int64
	err = rows.Scan(&u.InstanceID, &u.ChatID, &u.MessageID, &u.SenderID, &u.SenderName, &sent, &u.Times, &giveUp)
	if err != nil {
		return u, fmt.Errorf("store: read unreadable: %w", err)
	}
	u.SentAt, u.GiveUpAt = fromUnix(sent), fromUnix(giveUp)
	return u, nil
}
