-- A version that takes the place of another may be replaced under its own name.
ALTER TABLE finding_keys ADD COLUMN own_key BYTEA;
CREATE INDEX finding_keys_by_own_key ON finding_keys (practice_id, own_key);
