-- What people say about offers, and what they miss. Nobody is named, ids are chance alone, and there is no moment but the month.

-- tags: words of the closed list, separated by commas. comment_sealed: their own words.
CREATE TABLE offer_feedback (
    id BYTEA NOT NULL PRIMARY KEY,
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    month TEXT NOT NULL,
    language TEXT,
    helpful TEXT,
    tags TEXT NOT NULL,
    comment_sealed BYTEA
);
CREATE INDEX offer_feedback_by_offer ON offer_feedback (offer_id, month);
CREATE INDEX offer_feedback_by_month ON offer_feedback (month);

-- How many have doubted an offer since it was confirmed last.
ALTER TABLE offers ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;

-- area_id: sixteen zeros when none is named.
CREATE TABLE wishes (
    id BYTEA NOT NULL PRIMARY KEY,
    month TEXT NOT NULL,
    topic TEXT NOT NULL,
    area_id BYTEA NOT NULL,
    language TEXT NOT NULL,
    text_sealed BYTEA
);
CREATE INDEX wishes_by_month ON wishes (month, topic, area_id);

-- Searches that found nothing, counted in memory and added once a day. topic: empty when none was asked for; area_id as above.
CREATE TABLE unmet_searches (
    month TEXT NOT NULL,
    topic TEXT NOT NULL,
    area_id BYTEA NOT NULL,
    searches BIGINT NOT NULL,
    PRIMARY KEY (month, topic, area_id)
);
