-- Two people side by side, one of whom shows a code: a conversation at the kiosk, or somebody who is to act for a resident.
-- consent_id: the rule that came of it. staff_id and organisation_id: who explains. other_id: the other resident, and
-- called_sealed how they want to be called, under the key of the resident who showed the code.
CREATE TABLE encounters (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    aim TEXT NOT NULL,
    stage TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    consent_id BLOB,
    minutes INTEGER,
    staff_id BLOB,
    organisation_id BLOB,
    other_id BLOB REFERENCES residents (id),
    called_sealed BLOB,
    number INTEGER,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER,
    CONSTRAINT encounters_code_hash_key UNIQUE (code_hash)
) STRICT;
CREATE INDEX encounters_by_resident ON encounters (resident_id, id);
CREATE INDEX encounters_by_staff ON encounters (staff_id, stage);
CREATE INDEX encounters_by_other ON encounters (other_id);

-- The rules of a resident for one reader: what every reading by rules looks up.
CREATE INDEX consent_rules_by_resident_recipient ON consent_rules (resident_id, recipient_id);
