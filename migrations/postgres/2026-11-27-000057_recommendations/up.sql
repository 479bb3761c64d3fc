-- What people at work recommend to a resident. offer_sealed and said_sealed lie under the resident's key: which offer it is tells what
-- somebody may have. state: new, seen, declined.
CREATE TABLE recommendations (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    organisation_id BYTEA NOT NULL REFERENCES organisations (id),
    staff_id BYTEA NOT NULL REFERENCES staff (id),
    offer_sealed BYTEA NOT NULL,
    said_sealed BYTEA,
    state TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX recommendations_by_resident ON recommendations (resident_id, id);

-- The offers that a resident keeps, as one list under the resident's key.
CREATE TABLE bookmarks (
    resident_id BYTEA NOT NULL PRIMARY KEY REFERENCES residents (id),
    offers_sealed BYTEA NOT NULL
);
