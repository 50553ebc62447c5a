package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Message is one row of the journal. Times are in UTC, to the second.
type Message struct {
	Seq        int64 // given by AddMessage
	InstanceID int64
	ChatID     string
	ID         string
	SenderID   string
	SenderName string
	Outgoing   bool
	ByAPI      bool
	SentAt     time.Time
	Type       string
	Status     string
	Content    []byte
	Detail     string
	EditedID   string
	DeletedID  string
}

const messageColumns = `seq, instance_id, chat_id, message_id, sender_id, sender_name, outgoing, by_api, sent_at, type, status, content,
	detail, edited_id, deleted_id`

// AddMessage inserts a message; fresh is false, and nothing happens, when the chat has one with this id already.
func (t *Tx) AddMessage(m Message) (fresh bool, err error) {
	n, err := t.exec("add message", `INSERT INTO messages (`+strings.TrimPrefix(messageColumns, "seq, ")+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`,
		m.InstanceID, m.ChatID, m.ID, m.SenderID, m.SenderName, m.Outgoing, m.ByAPI, m.SentAt.Unix(), m.Type, m.Status, blob(m.Content),
		m.Detail, m.EditedID, m.DeletedID)
	return n > 0, err
}

// blob keeps an empty content from being stored as NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// UpdateMessage replaces what can change of a message: sender, time, type, status, content, detail, edit and deletion. ErrNotFound
// when there is none.
func (t *Tx) UpdateMessage(m Message) error {
	n, err := t.exec("update message", `UPDATE messages SET sender_id = $4, sent_at = $5, type = $6, status = $7, content = $8, detail = $9,
		edited_id = $10, deleted_id = $11 WHERE instance_id = $1 AND chat_id = $2 AND message_id = $3`,
		m.InstanceID, m.ChatID, m.ID, m.SenderID, m.SentAt.Unix(), m.Type, m.Status, blob(m.Content), m.Detail, m.EditedID, m.DeletedID)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// UpdatePending is UpdateMessage for one that nothing has happened to since it was accepted, which is told.
func (t *Tx) UpdatePending(m Message) (bool, error) {
	n, err := t.exec("update message", `UPDATE messages SET sender_id = $4, sent_at = $5, type = $6, status = $7, content = $8
		WHERE instance_id = $1 AND chat_id = $2 AND message_id = $3
		AND status = 'pending' AND detail = '' AND edited_id = '' AND deleted_id = ''`,
		m.InstanceID, m.ChatID, m.ID, m.SenderID, m.SentAt.Unix(), m.Type, m.Status, blob(m.Content))
	return n > 0, err
}

// Message reads one message of a chat; ErrNotFound when there is none.
func (t *Tx) Message(instance int64, chat, id string) (Message, error) {
	return scanMessage(t.tx.QueryRowContext(t.ctx,
		`SELECT `+messageColumns+` FROM messages WHERE instance_id = $1 AND chat_id = $2 AND message_id = $3`, instance, chat, id))
}

// Message reads one message of a chat; ErrNotFound when there is none.
func (s *Store) Message(ctx context.Context, instance int64, chat, id string) (Message, error) {
	return scanMessage(s.db.QueryRowContext(ctx,
		`SELECT `+messageColumns+` FROM messages WHERE instance_id = $1 AND chat_id = $2 AND message_id = $3`, instance, chat, id))
}

// OutgoingMessages lists the outgoing messages with this id in all chats of an instance: there is hardly ever more than one.
func (t *Tx) OutgoingMessages(instance int64, id string) ([]Message, error) {
	return outgoingMessages(t.ctx, t.tx, instance, id)
}

// OutgoingMessages lists the outgoing messages with this id in all chats of an instance: there is hardly ever more than one.
func (s *Store) OutgoingMessages(ctx context.Context, instance int64, id string) ([]Message, error) {
	return outgoingMessages(ctx, s.db, instance, id)
}

func outgoingMessages(ctx context.Context, db querier, instance int64, id string) ([]Message, error) {
	return list(ctx, db, "list messages", rowsMessage,
		`SELECT `+messageColumns+` FROM messages WHERE instance_id = $1 AND message_id = $2 AND outgoing`, instance, id)
}

// listed leaves out what the journals do not list: an edit shows in the message that it has changed.
const listed = ` AND type <> 'editedMessage'`

// ChatHistory lists the newest count messages of a chat, newest first, without edits.
func (s *Store) ChatHistory(ctx context.Context, instance int64, chat string, count int) ([]Message, error) {
	return list(ctx, s.db, "chat history", rowsMessage, `SELECT `+messageColumns+` FROM messages
		WHERE instance_id = $1 AND chat_id = $2`+listed+` ORDER BY sent_at DESC, seq DESC LIMIT $3`, instance, chat, count)
}

// MessagesSince lists the newest count messages of one direction since a time, newest first, without edits. Those of status@broadcast are
// left out, or, when stories is set, are the only ones.
func (s *Store) MessagesSince(ctx context.Context, instance int64, outgoing, stories bool, since time.Time, count int) ([]Message, error) {
	return list(ctx, s.db, "messages since", rowsMessage, `SELECT `+messageColumns+` FROM messages
		WHERE instance_id = $1 AND outgoing = $2 AND (chat_id = 'status@broadcast') = $3 AND sent_at >= $4`+listed+`
		ORDER BY sent_at DESC, seq DESC LIMIT $5`, instance, outgoing, stories, since.Unix(), count)
}

// ChatsSince lists the chats that were first to have a message since a time, count at most, and none of stories.
func (s *Store) ChatsSince(ctx context.Context, instance int64, since time.Time, count int) ([]string, error) {
	return list(ctx, s.db, "chats since", func(rows *sql.Rows) (chat string, err error) { return chat, rows.Scan(&chat) },
		`SELECT chat_id FROM messages WHERE instance_id = $1 AND sent_at >= $2 AND chat_id <> 'status@broadcast'
		GROUP BY chat_id ORDER BY MIN(seq) LIMIT $3`, instance, since.Unix(), count)
}

// HasMessages tells whether there is any message of a chat.
func (s *Store) HasMessages(ctx context.Context, instance int64, chat string) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM messages WHERE instance_id = $1 AND chat_id = $2 LIMIT 1) AS any_message`,
		instance, chat).Scan(&n)
	if err != nil {
		err = fmt.Errorf("store: look for a chat: %w", err)
	}
	return n > 0, err
}

func rowsMessage(rows *sql.Rows) (Message, error) { return scanMessage(rows) }

func scanMessage(row interface{ Scan(...any) error }) (Message, error) {
	var m Message
	var sent int64
	err := row.Scan(&m.Seq, &m.InstanceID, &m.ChatID, &m.ID, &m.SenderID, &m.SenderName, &m.Outgoing, &m.ByAPI, &sent, &m.Type, &m.Status,
		&m.Content, &m.Detail, &m.EditedID, &m.DeletedID)
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrNotFound
	} else if err != nil {
		return m, fmt.Errorf("store: read message: %w", err)
	}
	m.SentAt = time.Unix(sent, 0).UTC()
	return m, nil
}

// FailPending marks a message that will not be sent any more.
func (t *Tx) FailPending(instance int64, id string) error {
	_, err := t.exec("fail message", `UPDATE messages SET status = 'failed' WHERE instance_id = $1 AND message_id = $2 AND status = 'pending'`,
		instance, id)
	return err
}

// MarkRead notes that incoming messages of a chat were read.
func (t *Tx) MarkRead(instance int64, chat string, ids ...string) error {
	for _, id := range ids {
		if _, err := t.exec("mark read", `UPDATE messages SET status = 'read'
			WHERE instance_id = $1 AND chat_id = $2 AND message_id = $3 AND NOT outgoing`, instance, chat, id); err != nil {
			return err
		}
	}
	return nil
}

// MarkReadUntil notes that all incoming messages of a chat up to a time were read.
func (t *Tx) MarkReadUntil(instance int64, chat string, until time.Time) error {
	_, err := t.exec("mark read", `UPDATE messages SET status = 'read'
		WHERE instance_id = $1 AND chat_id = $2 AND status = '' AND NOT outgoing AND sent_at <= $3`, instance, chat, until.Unix())
	return err
}

// Unread lists the newest incoming messages of a chat that were not marked as read, newest first.
func (s *Store) Unread(ctx context.Context, instance int64, chat string, count int) ([]Message, error) {
	return list(ctx, s.db, "list unread", rowsMessage, `SELECT `+messageColumns+` FROM messages
		WHERE instance_id = $1 AND chat_id = $2 AND NOT outgoing AND status = '' ORDER BY sent_at DESC, seq DESC LIMIT $3`, instance, chat, count)
}
