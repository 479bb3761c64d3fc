-- Links with which somebody without an account may look.

-- What a link opens stands in its rule (consent_rules), and so does until when. secret_hash: of the secret in its address.
-- key_sealed: the key of what it leads to, wrapped with that secret and sealed for the resident.
CREATE TABLE share_links (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    rule_id BLOB NOT NULL REFERENCES consent_rules (id),
    secret_hash BLOB NOT NULL UNIQUE,
    key_sealed BLOB NOT NULL,
    label_sealed BLOB,
    passcode_hash TEXT,
    most_wrong INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    one_time INTEGER NOT NULL,
    used_at INTEGER,
    opens INTEGER NOT NULL,
    last_opened_at INTEGER
) STRICT;
CREATE INDEX share_links_by_resident ON share_links (resident_id);

-- Somebody at the door with a link. Who was let in has a secret for the files (ticket_hash), the key once more, wrapped with
-- it, and so many files left to fetch.
CREATE TABLE link_visits (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    link_id BLOB NOT NULL REFERENCES share_links (id),
    at INTEGER NOT NULL,
    says_sealed BLOB NOT NULL,
    ticket_hash BLOB UNIQUE,
    key_sealed BLOB,
    fetches_left INTEGER NOT NULL
) STRICT;
CREATE INDEX link_visits_by_link ON link_visits (link_id, at);
CREATE INDEX link_visits_by_resident ON link_visits (resident_id);
