-- What changed how somebody signs in, now also for people at work: an event belongs to a resident or to a person. For those
-- it was done in a session (by_session), which is swept away earlier than its events.
CREATE TABLE security_events_of_all (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB REFERENCES residents (id),
    staff_id BLOB REFERENCES staff (id),
    kind TEXT NOT NULL,
    device_id BLOB REFERENCES devices (id),
    by_device BLOB REFERENCES devices (id),
    by_session BLOB,
    created_at INTEGER NOT NULL,
    disowned_at INTEGER
) STRICT;
INSERT INTO security_events_of_all (id, resident_id, kind, device_id, by_device, created_at, disowned_at)
    SELECT id, resident_id, kind, device_id, by_device, created_at, disowned_at FROM security_events;
DROP TABLE security_events;
ALTER TABLE security_events_of_all RENAME TO security_events;
CREATE INDEX security_events_by_resident ON security_events (resident_id, id);
CREATE INDEX security_events_by_staff ON security_events (staff_id, id);

-- When a phone is looked at next, whether to remind its resident that its registration ends; never yet, when absent.
ALTER TABLE devices ADD COLUMN reminder_due_at INTEGER;
CREATE INDEX devices_by_reminder ON devices (reminder_due_at);
