-- When a finding shows on its owner's phone. findings.sensitivity says how it is treated: normal, sensitive, put-away (its
-- owner has put it away), held (it waits for its release).

-- at-once, after-talk or not-on-phone.
ALTER TABLE residents ADD COLUMN release_wish TEXT NOT NULL DEFAULT 'at-once';

-- What holds a finding back, for those that something holds or could hold. held_until: the latest moment that the physician
-- chose; talked_at: when the practice said that it has talked about it; shows_at: when the timer releases it, if one may;
-- critical: none may.
CREATE TABLE finding_holds (
    finding_id BYTEA NOT NULL PRIMARY KEY REFERENCES findings (id),
    held_until BIGINT,
    talked_at BIGINT,
    shows_at BIGINT,
    critical INTEGER NOT NULL
);
CREATE INDEX finding_holds_by_shows_at ON finding_holds (shows_at);
