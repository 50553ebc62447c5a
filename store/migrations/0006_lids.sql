-- Which numbers and LIDs are the same person, as far as an instance's account was told; users without the server, as in whatsmeow_lid_map.
CREATE TABLE lids (
    instance_id BIGINT NOT NULL REFERENCES instances (id),
    lid         TEXT   NOT NULL,
    pn          TEXT   NOT NULL,
    PRIMARY KEY (instance_id, lid),
    UNIQUE (instance_id, pn)
);
