-- Acts that take two persons of the operator: who asked for what and why, who agreed, and whether it was done. No foreign key
-- to the resident: that they were erased is a part of what this tells. The words of the reason go with the resident's key.
CREATE TABLE approvals (
    id BYTEA NOT NULL PRIMARY KEY,
    act TEXT NOT NULL,
    why TEXT NOT NULL,
    resident_id BYTEA NOT NULL,
    reason_sealed BYTEA,
    asked_by BYTEA NOT NULL REFERENCES staff (id),
    organisation_id BYTEA NOT NULL REFERENCES organisations (id),
    asked_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    decided_by BYTEA REFERENCES staff (id),
    decided_at BIGINT,
    used_at BIGINT
);
CREATE INDEX approvals_by_age ON approvals (asked_at);
CREATE INDEX approvals_by_resident ON approvals (resident_id);
