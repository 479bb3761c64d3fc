-- The key store: a database of its own, so that its backups can be kept apart and for a shorter time.
-- *_wrapped holds a key encrypted with the key above it; a destroyed one is NULL. Nothing here names a person.

CREATE TABLE key_encryption_keys (
    id BYTEA NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('active', 'decrypt-only', 'destroyed')),
    key_wrapped BYTEA,
    created_at BIGINT NOT NULL,
    destroyed_at BIGINT
);

-- A subject is a resident, a practice, or the house itself.
CREATE TABLE subject_keys (
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('resident', 'practice', 'house')),
    subject_id BYTEA NOT NULL,
    version INTEGER NOT NULL,
    kek_id BYTEA NOT NULL REFERENCES key_encryption_keys (id),
    key_wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject_id)
);
CREATE INDEX subject_keys_by_kek ON subject_keys (kek_id);

-- Who was erased, by keyed hash: no backup brings them back.
CREATE TABLE erasures (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_key BYTEA NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    erased_at BIGINT NOT NULL
);
