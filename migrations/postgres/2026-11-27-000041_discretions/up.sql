-- How a resident wants the findings of one practice to come; no row: with a notice, and like any other.
CREATE TABLE discretions (
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    practice_id BYTEA NOT NULL REFERENCES organisations (id),
    notice INTEGER NOT NULL,
    put_away INTEGER NOT NULL,
    PRIMARY KEY (resident_id, practice_id)
);
