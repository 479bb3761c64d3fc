DROP INDEX devices_by_reminder;
ALTER TABLE devices DROP COLUMN reminder_due_at;

DROP INDEX security_events_by_staff;
DELETE FROM security_events WHERE resident_id IS NULL;
ALTER TABLE security_events DROP COLUMN by_session;
ALTER TABLE security_events DROP COLUMN staff_id;
ALTER TABLE security_events ALTER COLUMN resident_id SET NOT NULL;
