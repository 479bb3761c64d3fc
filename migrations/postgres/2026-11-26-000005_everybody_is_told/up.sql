-- What changed how somebody signs in, now also for people at work: an event belongs to a resident or to a person. For those
-- it was done in a session (by_session), which is swept away earlier than its events.
ALTER TABLE security_events ALTER COLUMN resident_id DROP NOT NULL;
ALTER TABLE security_events ADD COLUMN staff_id BYTEA REFERENCES staff (id);
ALTER TABLE security_events ADD COLUMN by_session BYTEA;
CREATE INDEX security_events_by_staff ON security_events (staff_id, id);

-- When a phone is looked at next, whether to remind its resident that its registration ends; never yet, when absent.
ALTER TABLE devices ADD COLUMN reminder_due_at BIGINT;
CREATE INDEX devices_by_reminder ON devices (reminder_due_at);
