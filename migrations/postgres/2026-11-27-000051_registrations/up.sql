-- Taking part: who has a place at a date or at an offer without dates, and who waits for one.

-- How many places of an offer without dates are taken, as occurrences.places_taken is for a date.
ALTER TABLE offers ADD COLUMN places_taken INTEGER NOT NULL DEFAULT 0;

-- pool_id: the date, or the offer when it has none: what the places are counted for. One row for each resident there. turn: the order of
-- coming. code: what they say at the door. held_until: up to when an offered place is kept. reminded_for: the beginning of which they were
-- reminded. needs, name, phone: none when nothing was said, or it was taken back.
CREATE TABLE registrations (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    occurrence_id BYTEA REFERENCES occurrences (id),
    pool_id BYTEA NOT NULL,
    state TEXT NOT NULL,
    turn INTEGER NOT NULL,
    code TEXT NOT NULL,
    needs_sealed BYTEA,
    name_sealed BYTEA,
    phone_sealed BYTEA,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    held_until BIGINT,
    reminded_for BIGINT,
    CONSTRAINT registrations_pool_id_resident_id_key UNIQUE (pool_id, resident_id)
);
CREATE INDEX registrations_by_resident ON registrations (resident_id, id);
CREATE INDEX registrations_by_pool ON registrations (pool_id, state, turn);
CREATE INDEX registrations_by_offer ON registrations (offer_id, state);
CREATE INDEX registrations_by_date ON registrations (occurrence_id);
CREATE INDEX registrations_by_held ON registrations (held_until);
