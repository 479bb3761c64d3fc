DROP INDEX devices_by_reminder;
ALTER TABLE devices DROP COLUMN reminder_due_at;

CREATE TABLE security_events_of_residents (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    kind TEXT NOT NULL,
    device_id BLOB REFERENCES devices (id),
    by_device BLOB REFERENCES devices (id),
    created_at INTEGER NOT NULL,
    disowned_at INTEGER
) STRICT;
INSERT INTO security_events_of_residents (id, resident_id, kind, device_id, by_device, created_at, disowned_at)
    SELECT id, resident_id, kind, device_id, by_device, created_at, disowned_at FROM security_events
    WHERE resident_id IS NOT NULL;
DROP TABLE security_events;
ALTER TABLE security_events_of_residents RENAME TO security_events;
CREATE INDEX security_events_by_resident ON security_events (resident_id, id);
