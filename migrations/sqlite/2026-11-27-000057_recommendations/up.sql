-- What people at work recommend to a resident. offer_sealed and said_sealed lie under the resident's key: which offer it is tells what
-- somebody may have. state: new, seen, declined.
CREATE TABLE recommendations (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    staff_id BLOB NOT NULL REFERENCES staff (id),
    offer_sealed BLOB NOT NULL,
    said_sealed BLOB,
    state TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX recommendations_by_resident ON recommendations (resident_id, id);

-- The offers that a resident keeps, as one list under the resident's key.
CREATE TABLE bookmarks (
    resident_id BLOB NOT NULL PRIMARY KEY REFERENCES residents (id),
    offers_sealed BLOB NOT NULL
) STRICT;
