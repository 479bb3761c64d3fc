ALTER TABLE access_log_pending DROP COLUMN consent_id;
ALTER TABLE access_log DROP COLUMN consent_id;
DROP TABLE consent_events;
DROP TABLE consent_rules;
ALTER TABLE findings DROP COLUMN sensitivity;
ALTER TABLE residents DROP COLUMN rules_epoch;
