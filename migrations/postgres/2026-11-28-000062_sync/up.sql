-- Who has been handed what: so that an app asks for what changed, and hears what is gone.

-- One row for each who reads: id is the resident, or the permission by which somebody reads in their place. rev rises by one whenever
-- something changed for them; its row is the lock under which that is found out.
CREATE TABLE sync_feeds (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    rev BIGINT NOT NULL
);
CREATE INDEX sync_feeds_by_resident ON sync_feeds (resident_id);

-- What cursors lead back to. superseded_at: when the next one was made; a cursor to this one was given out before that.
CREATE TABLE sync_points (
    id BYTEA NOT NULL PRIMARY KEY,
    feed_id BYTEA NOT NULL REFERENCES sync_feeds (id),
    rev BIGINT NOT NULL,
    superseded_at BIGINT,
    CONSTRAINT sync_points_feed_id_rev_key UNIQUE (feed_id, rev)
);
CREATE INDEX sync_points_by_superseded ON sync_points (superseded_at);

-- One row for each thing that was handed out. mark: what it looked like, as a keyed hash; none when it is gone.
CREATE TABLE sync_items (
    feed_id BYTEA NOT NULL REFERENCES sync_feeds (id),
    kind TEXT NOT NULL,
    item_id BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    mark BYTEA,
    gone TEXT,
    gone_at BIGINT,
    PRIMARY KEY (feed_id, kind, item_id)
);
CREATE INDEX sync_items_by_rev ON sync_items (feed_id, rev, kind, item_id);
CREATE INDEX sync_items_by_gone ON sync_items (gone_at);
