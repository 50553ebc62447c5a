CREATE TABLE instances (
    id                 BIGINT PRIMARY KEY,
    name               TEXT   NOT NULL,
    token_hash         BYTEA  NOT NULL, -- SHA-256 of the API token
    token_salt         BYTEA  NOT NULL, -- what the token was derived from, see instance/token.go
    settings           TEXT   NOT NULL, -- JSON
    device_jid         TEXT   NOT NULL DEFAULT '', -- whatsmeow_device.jid of the paired device
    state              TEXT   NOT NULL,
    state_reason       TEXT   NOT NULL DEFAULT '',
    suspended_until    BIGINT NOT NULL DEFAULT 0, -- Unix seconds
    picture_changed_at BIGINT NOT NULL DEFAULT 0, -- Unix milliseconds
    created_at         BIGINT NOT NULL,           -- Unix seconds, as all below
    deleted_at         BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE state_history (
    id          INTEGER PRIMARY KEY,
    instance_id BIGINT NOT NULL REFERENCES instances (id),
    state       TEXT   NOT NULL,
    phone       TEXT   NOT NULL,
    at          BIGINT NOT NULL
);

CREATE INDEX state_history_by_instance ON state_history (instance_id, id);
