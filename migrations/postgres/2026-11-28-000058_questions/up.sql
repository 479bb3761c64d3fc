-- What a resident wants to ask at the next visit. The words, and which finding they are about, lie under the resident's key.
CREATE TABLE questions (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    body_sealed BYTEA NOT NULL,
    written_at BIGINT NOT NULL,
    answered_at BIGINT
);
CREATE INDEX questions_by_resident ON questions (resident_id, id);
