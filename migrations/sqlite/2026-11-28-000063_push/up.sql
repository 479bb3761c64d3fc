-- Where phones are woken: one row for each that has asked for it. The push service in between belongs to somebody else.

-- code_sealed: what was pushed to the phone and has not been shown yet; none once it was. due_at: when the next push goes out; none
-- when nothing waits. Several reasons are one push.
CREATE TABLE push_subscriptions (
    device_id BLOB NOT NULL PRIMARY KEY REFERENCES devices (id),
    resident_id BLOB NOT NULL REFERENCES residents (id),
    endpoint_sealed BLOB NOT NULL,
    target_sealed BLOB NOT NULL,
    code_sealed BLOB,
    created_at INTEGER NOT NULL,
    due_at INTEGER,
    urgent INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    leased_until INTEGER
) STRICT;
CREATE INDEX push_subscriptions_by_resident ON push_subscriptions (resident_id);
CREATE INDEX push_subscriptions_by_due ON push_subscriptions (due_at);
