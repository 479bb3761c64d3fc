-- Who has been handed what: so that an app asks for what changed, and hears what is gone.

-- One row for each who reads: id is the resident, or the permission by which somebody reads in their place. rev rises by one whenever
-- something changed for them; its row is the lock under which that is found out.
CREATE TABLE sync_feeds (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    rev INTEGER NOT NULL
) STRICT;
CREATE INDEX sync_feeds_by_resident ON sync_feeds (resident_id);

-- What cursors lead back to. superseded_at: when the next one was made; a cursor to this one was given out before that.
CREATE TABLE sync_points (
    id BLOB NOT NULL PRIMARY KEY,
    feed_id BLOB NOT NULL REFERENCES sync_feeds (id),
    rev INTEGER NOT NULL,
    superseded_at INTEGER,
    CONSTRAINT sync_points_feed_id_rev_key UNIQUE (feed_id, rev)
) STRICT;
CREATE INDEX sync_points_by_superseded ON sync_points (superseded_at);

-- One row for each thing that was handed out. mark: what it looked like, as a keyed hash; none when it is gone.
CREATE TABLE sync_items (
    feed_id BLOB NOT NULL REFERENCES sync_feeds (id),
    kind TEXT NOT NULL,
    item_id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    mark BLOB,
    gone TEXT,
    gone_at INTEGER,
    PRIMARY KEY (feed_id, kind, item_id)
) STRICT;
CREATE INDEX sync_items_by_rev ON sync_items (feed_id, rev, kind, item_id);
CREATE INDEX sync_items_by_gone ON sync_items (gone_at);
