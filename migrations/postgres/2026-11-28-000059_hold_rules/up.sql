-- What a practice talks about before it shows on a phone. No row: the whole list, for as long as may be.
CREATE TABLE hold_rules (
    practice_id BYTEA NOT NULL PRIMARY KEY REFERENCES organisations (id),
    topics TEXT NOT NULL,
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 14),
    other_days INTEGER NOT NULL CHECK (other_days BETWEEN 0 AND 14),
    changed_by BYTEA NOT NULL,
    changed_at BIGINT NOT NULL
);
