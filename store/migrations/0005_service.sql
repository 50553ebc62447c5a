-- What the devices of an account have set for a chat, and what the account itself has.
CREATE TABLE chats (
    instance_id          BIGINT  NOT NULL REFERENCES instances (id),
    chat_id              TEXT    NOT NULL, -- as in messages
    archived             BOOLEAN NOT NULL DEFAULT FALSE,
    ephemeral_expiration BIGINT  NOT NULL DEFAULT -1, -- seconds, 0 for off; -1 while nothing has told it
    ephemeral_set_at     BIGINT  NOT NULL DEFAULT 0,  -- Unix seconds
    PRIMARY KEY (instance_id, chat_id)
);

-- Labels of business accounts. Deleted ones stay, so that their ids are not given out again.
CREATE TABLE labels (
    instance_id BIGINT  NOT NULL REFERENCES instances (id),
    label_id    TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    color       BIGINT  NOT NULL,
    deleted     BOOLEAN NOT NULL,
    PRIMARY KEY (instance_id, label_id)
);

-- The proxy of one instance as a URL, which may hold credentials; empty for none.
ALTER TABLE instances ADD COLUMN proxy TEXT NOT NULL DEFAULT '';

-- Only incoming messages that were not read have no status.
CREATE INDEX messages_unread ON messages (instance_id, chat_id) WHERE status = '';
