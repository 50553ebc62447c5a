-- Whom a status of the account was sent to, decided once, before the first attempt.
CREATE TABLE status_participants (
    instance_id BIGINT NOT NULL REFERENCES instances (id),
    message_id  TEXT   NOT NULL,
    participant TEXT   NOT NULL, -- chat id
    PRIMARY KEY (instance_id, message_id, participant)
);

-- What became of it there: delivered, read.
CREATE TABLE status_receipts (
    instance_id BIGINT NOT NULL REFERENCES instances (id),
    message_id  TEXT   NOT NULL,
    participant TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    at          BIGINT NOT NULL, -- Unix seconds, as all times below
    PRIMARY KEY (instance_id, message_id, participant, status)
);

-- Calls in both directions, each with the latest that is known of it.
CREATE TABLE calls (
    seq          INTEGER PRIMARY KEY,
    instance_id  BIGINT  NOT NULL REFERENCES instances (id),
    call_id      TEXT    NOT NULL,
    chat_id      TEXT    NOT NULL, -- who called or was called, or the group
    peer_id      TEXT    NOT NULL, -- who called or was called
    outgoing     BOOLEAN NOT NULL,
    video        BOOLEAN NOT NULL,
    status       TEXT    NOT NULL, -- offer while it rings, then pickUp, hungUp, declined or invalid
    duration     BIGINT  NOT NULL, -- seconds
    at           BIGINT  NOT NULL, -- of the end, or of the offer
    participants TEXT    NOT NULL  -- JSON; empty for incoming calls
);

CREATE UNIQUE INDEX calls_by_id ON calls (instance_id, call_id);
CREATE INDEX calls_by_time ON calls (instance_id, at);

-- Pieces of history that the phone has announced and that are not yet in the journal. notification is a waE2E.HistorySyncNotification.
CREATE TABLE history_pieces (
    seq          INTEGER PRIMARY KEY,
    instance_id  BIGINT  NOT NULL REFERENCES instances (id),
    message_id   TEXT    NOT NULL, -- of the announcement
    notification BYTEA   NOT NULL,
    announced_at BIGINT  NOT NULL
);

CREATE UNIQUE INDEX history_pieces_by_message ON history_pieces (instance_id, message_id);

-- How far the transfer of history has come since the account was linked.
CREATE TABLE history_progress (
    instance_id BIGINT  PRIMARY KEY REFERENCES instances (id),
    linked_at   BIGINT  NOT NULL,
    progress    INTEGER NOT NULL -- percent; -1 while no piece has come
);
