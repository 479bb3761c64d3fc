-- A resident says that a finding is wrong, and the practice that sent it answers. said_sealed and reason_sealed lie under the
-- resident's key. settled_at: when it was answered for good or taken back; one open request for each finding.
CREATE TABLE corrections (
    id BLOB NOT NULL PRIMARY KEY,
    finding_id BLOB NOT NULL REFERENCES findings (id),
    resident_id BLOB NOT NULL REFERENCES residents (id),
    practice_id BLOB NOT NULL REFERENCES organisations (id),
    stage TEXT NOT NULL,
    said_sealed BLOB NOT NULL,
    reason_sealed BLOB,
    asked_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    answered_at INTEGER,
    settled_at INTEGER
) STRICT;
CREATE INDEX corrections_by_resident ON corrections (resident_id, id);
CREATE INDEX corrections_by_practice ON corrections (practice_id, settled_at, due_at);
CREATE UNIQUE INDEX corrections_open_once ON corrections (finding_id) WHERE settled_at IS NULL;
