-- What a resident wants to ask at the next visit. The words, and which finding they are about, lie under the resident's key.
CREATE TABLE questions (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    body_sealed BLOB NOT NULL,
    written_at INTEGER NOT NULL,
    answered_at INTEGER
) STRICT;
CREATE INDEX questions_by_resident ON questions (resident_id, id);
