-- Acts that take two persons of the operator: who asked for what and why, who agreed, and whether it was done. No foreign key
-- to the resident: that they were erased is a part of what this tells. The words of the reason go with the resident's key.
CREATE TABLE approvals (
    id BLOB NOT NULL PRIMARY KEY,
    act TEXT NOT NULL,
    why TEXT NOT NULL,
    resident_id BLOB NOT NULL,
    reason_sealed BLOB,
    asked_by BLOB NOT NULL REFERENCES staff (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_by BLOB REFERENCES staff (id),
    decided_at INTEGER,
    used_at INTEGER
) STRICT;
CREATE INDEX approvals_by_age ON approvals (asked_at);
CREATE INDEX approvals_by_resident ON approvals (resident_id);
