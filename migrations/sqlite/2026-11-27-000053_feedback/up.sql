-- What people say about offers, and what they miss. Nobody is named, ids are chance alone, and there is no moment but the month:
-- WITHOUT ROWID, so that not even the order in which the rows came is kept.

-- tags: words of the closed list, separated by commas. comment_sealed: their own words.
CREATE TABLE offer_feedback (
    id BLOB NOT NULL PRIMARY KEY,
    offer_id BLOB NOT NULL REFERENCES offers (id),
    month TEXT NOT NULL,
    language TEXT,
    helpful TEXT,
    tags TEXT NOT NULL,
    comment_sealed BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_feedback_by_offer ON offer_feedback (offer_id, month);
CREATE INDEX offer_feedback_by_month ON offer_feedback (month);

-- How many have doubted an offer since it was confirmed last.
ALTER TABLE offers ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;

-- area_id: sixteen zeros when none is named.
CREATE TABLE wishes (
    id BLOB NOT NULL PRIMARY KEY,
    month TEXT NOT NULL,
    topic TEXT NOT NULL,
    area_id BLOB NOT NULL,
    language TEXT NOT NULL,
    text_sealed BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX wishes_by_month ON wishes (month, topic, area_id);

-- Searches that found nothing, counted in memory and added once a day. topic: empty when none was asked for; area_id as above.
CREATE TABLE unmet_searches (
    month TEXT NOT NULL,
    topic TEXT NOT NULL,
    area_id BLOB NOT NULL,
    searches INTEGER NOT NULL,
    PRIMARY KEY (month, topic, area_id)
) STRICT;
