-- The key store: a database of its own, so that its backups can be kept apart and for a shorter time.
-- *_wrapped holds a key encrypted with the key above it; a destroyed one is NULL. Nothing here names a person.

CREATE TABLE key_encryption_keys (
    id BLOB NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('active', 'decrypt-only', 'destroyed')),
    key_wrapped BLOB,
    created_at INTEGER NOT NULL,
    destroyed_at INTEGER
) STRICT;

-- A subject is a resident, a practice, or the house itself.
CREATE TABLE subject_keys (
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('resident', 'practice', 'house')),
    subject_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    kek_id BLOB NOT NULL REFERENCES key_encryption_keys (id),
    key_wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (subject_kind, subject_id)
) STRICT;
CREATE INDEX subject_keys_by_kek ON subject_keys (kek_id);

-- Who was erased, by keyed hash: no backup brings them back.
CREATE TABLE erasures (
    id BLOB NOT NULL PRIMARY KEY,
    resident_key BLOB NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    erased_at INTEGER NOT NULL
) STRICT;
