-- Offers of the district: where, what, when, and in which languages. Nothing here leads to a resident, and nothing is secret.

-- Areas by the keys of their own schemes (ags8, stadtteil, …), nested by parent_id.
CREATE TABLE areas (
    id BYTEA NOT NULL PRIMARY KEY,
    scheme TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    parent_id BYTEA REFERENCES areas (id),
    population INTEGER,
    CONSTRAINT areas_scheme_key_key UNIQUE (scheme, key)
);

-- How people reach an organisation, and where the mail about its offers goes.
CREATE TABLE publishers (
    organisation_id BYTEA NOT NULL PRIMARY KEY REFERENCES organisations (id),
    contact_mail TEXT,
    phone TEXT,
    website TEXT,
    first_published_at BIGINT
);

-- latitude, longitude: in millionths of a degree. address_visibility: public, district-only, on-booking.
CREATE TABLE places (
    id BYTEA NOT NULL PRIMARY KEY,
    organisation_id BYTEA NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    street TEXT NOT NULL,
    postcode TEXT NOT NULL,
    city TEXT NOT NULL,
    latitude INTEGER,
    longitude INTEGER,
    area_id BYTEA REFERENCES areas (id),
    address_visibility TEXT NOT NULL,
    wheelchair TEXT NOT NULL,
    toilet TEXT NOT NULL,
    step_free INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE INDEX places_by_organisation ON places (organisation_id, id);
CREATE INDEX places_by_position ON places (latitude, longitude);

-- text_rev: rises when the texts change in a way that matters; revision: with every change, for If-Match. cost_cents and
-- places_max: none when nothing is known, or nothing is counted. language: the one the others are made from. next_at: when its next date begins,
-- or far away; sunk: 1 when nobody has confirmed it in time. Both are for the order in which offers are listed.
CREATE TABLE offers (
    id BYTEA NOT NULL PRIMARY KEY,
    organisation_id BYTEA NOT NULL REFERENCES organisations (id),
    place_id BYTEA REFERENCES places (id),
    kind TEXT NOT NULL,
    sensitivity TEXT NOT NULL,
    status TEXT NOT NULL,
    language TEXT NOT NULL,
    text_rev INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    age_min INTEGER,
    age_max INTEGER,
    cost TEXT NOT NULL,
    cost_cents INTEGER,
    registration TEXT NOT NULL,
    registration_at TEXT,
    places_max INTEGER,
    waiting_list INTEGER NOT NULL,
    interpreter INTEGER NOT NULL,
    online INTEGER NOT NULL,
    verified_on TEXT,
    verify_due TEXT,
    created_at BIGINT NOT NULL,
    submitted_by BYTEA REFERENCES staff (id),
    published_at BIGINT,
    archived_at BIGINT,
    archive_reason TEXT,
    next_at BIGINT NOT NULL,
    sunk INTEGER NOT NULL
);
CREATE INDEX offers_by_organisation ON offers (organisation_id, id);
CREATE INDEX offers_by_order ON offers (sunk, next_at, id);
CREATE INDEX offers_by_place ON offers (place_id);

-- made_from_rev: the text_rev of the offer this text was made from. engine: the machine that translated it.
CREATE TABLE offer_texts (
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL,
    how_to_come TEXT NOT NULL,
    made_from_rev INTEGER NOT NULL,
    origin TEXT NOT NULL,
    engine TEXT,
    reviewed_by BYTEA REFERENCES staff (id),
    reviewed_at BIGINT,
    written_by BYTEA REFERENCES staff (id),
    written_at BIGINT NOT NULL,
    PRIMARY KEY (offer_id, language)
);

CREATE TABLE offer_topics (
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    topic TEXT NOT NULL,
    PRIMARY KEY (offer_id, topic)
);
CREATE INDEX offer_topics_by_topic ON offer_topics (topic, offer_id);

-- The languages that are spoken there.
CREATE TABLE offer_spoken (
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    language TEXT NOT NULL,
    PRIMARY KEY (offer_id, language)
);
CREATE INDEX offer_spoken_by_language ON offer_spoken (language, offer_id);

-- For whom it is: people of these areas. No row: for everybody.
CREATE TABLE offer_areas (
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    area_id BYTEA NOT NULL REFERENCES areas (id),
    PRIMARY KEY (offer_id, area_id)
);

-- When it is: a local time, a time zone and a rule (RFC 5545). Opening hours are rules as well. skip_holidays_in: a Land.
-- until: up to where its occurrences stand in the table.
CREATE TABLE offer_schedules (
    id BYTEA NOT NULL PRIMARY KEY,
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    time_zone TEXT NOT NULL,
    starts_local TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    rule TEXT,
    skip_holidays_in TEXT,
    materialised_until BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE INDEX offer_schedules_by_offer ON offer_schedules (offer_id, id);
CREATE INDEX offer_schedules_by_until ON offer_schedules (materialised_until, id);

-- op: skip or extra.
CREATE TABLE schedule_exceptions (
    schedule_id BYTEA NOT NULL REFERENCES offer_schedules (id),
    starts_local TEXT NOT NULL,
    op TEXT NOT NULL,
    PRIMARY KEY (schedule_id, starts_local)
);

-- starts_local: as the rule gave it, for good; starts_at and ends_at: where it really is now. state: scheduled, moved, cancelled.
-- dropped: cancelled because the rule does not give it any more; it comes back with the rule. Its id stays, whatever becomes of it.
CREATE TABLE occurrences (
    id BYTEA NOT NULL PRIMARY KEY,
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    schedule_id BYTEA NOT NULL REFERENCES offer_schedules (id),
    starts_local TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    dropped INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    place_id BYTEA REFERENCES places (id),
    places_max INTEGER,
    places_taken INTEGER NOT NULL,
    CONSTRAINT occurrences_schedule_id_starts_local_key UNIQUE (schedule_id, starts_local)
);
CREATE INDEX occurrences_by_offer ON occurrences (offer_id, starts_at);
CREATE INDEX occurrences_by_start ON occurrences (starts_at, offer_id);

-- The words of titles and texts, folded, for searching in any script.
CREATE TABLE offer_words (
    word TEXT COLLATE "C" NOT NULL,
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    language TEXT NOT NULL,
    weight INTEGER NOT NULL,
    PRIMARY KEY (word, offer_id, language)
);
CREATE INDEX offer_words_by_offer ON offer_words (offer_id);

-- The feed of changes. One row for each offer that was ever public, with the number of its last change. Numbers are drawn while
-- the row of the head is locked, so that they come in the order of the commits.
CREATE TABLE offer_feed_head (
    id INTEGER NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
);
INSERT INTO offer_feed_head (id, seq) VALUES (1, 0);

CREATE TABLE offer_feed (
    offer_id BYTEA NOT NULL PRIMARY KEY REFERENCES offers (id),
    seq BIGINT NOT NULL UNIQUE,
    changed_at BIGINT NOT NULL,
    gone INTEGER NOT NULL
);
