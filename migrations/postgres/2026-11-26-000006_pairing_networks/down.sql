ALTER TABLE pairings DROP COLUMN network_key;
