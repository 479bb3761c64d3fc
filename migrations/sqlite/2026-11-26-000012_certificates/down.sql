ALTER TABLE software_tokens DROP COLUMN certificate_hash;
