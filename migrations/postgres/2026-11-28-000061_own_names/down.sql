DROP INDEX finding_keys_by_own_key;
ALTER TABLE finding_keys DROP COLUMN own_key;
