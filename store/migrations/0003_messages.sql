-- The journal: what was said in each chat, in both directions. content is a waE2E.Message without its wrappings; detail is JSON of what
-- content cannot say, such as decrypted votes.
CREATE TABLE messages (
    seq         INTEGER PRIMARY KEY, -- order of arrival
    instance_id BIGINT  NOT NULL REFERENCES instances (id),
    chat_id     TEXT    NOT NULL,    -- GREEN-API's form: <digits>@c.us, <id>@g.us, <digits>@lid, status@broadcast
    message_id  TEXT    NOT NULL,
    sender_id   TEXT    NOT NULL,
    sender_name TEXT    NOT NULL,    -- the push name at that time
    outgoing    BOOLEAN NOT NULL,
    by_api      BOOLEAN NOT NULL,
    sent_at     BIGINT  NOT NULL,    -- Unix seconds, as all times below
    type        TEXT    NOT NULL,    -- typeMessage
    status      TEXT    NOT NULL,    -- outgoing: pending, sent, ...; incoming: read or empty
    content     BYTEA   NOT NULL,
    detail      TEXT    NOT NULL,
    edited_id   TEXT    NOT NULL,    -- of the last edit, empty for none
    deleted_id  TEXT    NOT NULL     -- of the deletion, empty for none
);

CREATE UNIQUE INDEX messages_by_id ON messages (instance_id, message_id, chat_id);
CREATE INDEX messages_by_chat ON messages (instance_id, chat_id, sent_at);
CREATE INDEX messages_by_time ON messages (instance_id, sent_at);

-- What is accepted and not yet sent, in order.
CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY,
    instance_id BIGINT  NOT NULL REFERENCES instances (id),
    chat_id     TEXT    NOT NULL,
    message_id  TEXT    NOT NULL,
    kind        TEXT    NOT NULL, -- as showMessagesQueue names it
    body        TEXT    NOT NULL, -- JSON as showMessagesQueue shows it
    accepted_at BIGINT  NOT NULL
);

CREATE INDEX outbox_by_instance ON outbox (instance_id, seq);

-- Chats that WhatsApp does not let an instance write to for some time: what is queued for them waits, the rest goes on. The row without a
-- chat is the lock of the account itself.
CREATE TABLE holds (
    instance_id BIGINT NOT NULL REFERENCES instances (id),
    chat_id     TEXT   NOT NULL,
    until       BIGINT NOT NULL,
    PRIMARY KEY (instance_id, chat_id)
);

-- Messages that came and could not be read, until they come again or are given up.
CREATE TABLE unreadable (
    instance_id BIGINT  NOT NULL REFERENCES instances (id),
    chat_id     TEXT    NOT NULL,
    message_id  TEXT    NOT NULL,
    sender_id   TEXT    NOT NULL,
    sender_name TEXT    NOT NULL,
    sent_at     BIGINT  NOT NULL,
    times       INTEGER NOT NULL, -- how often it came
    give_up_at  BIGINT  NOT NULL,
    PRIMARY KEY (instance_id, chat_id, message_id)
);

-- What is not yet delivered to the user. Receipt ids count up per instance and are never used again.
CREATE TABLE notifications (
    instance_id BIGINT  NOT NULL REFERENCES instances (id),
    receipt_id  BIGINT  NOT NULL,
    body        TEXT    NOT NULL, -- JSON
    created_at  BIGINT  NOT NULL,
    PRIMARY KEY (instance_id, receipt_id)
);

CREATE TABLE last_receipts (
    instance_id BIGINT  PRIMARY KEY REFERENCES instances (id),
    receipt_id  BIGINT  NOT NULL
);

-- Random keys of this database, such as the one that download links are signed with.
CREATE TABLE secrets (
    name  TEXT  PRIMARY KEY,
    value BYTEA NOT NULL
);
