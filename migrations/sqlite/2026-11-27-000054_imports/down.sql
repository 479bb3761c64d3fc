DROP INDEX offers_organisation_id_import_key_key;
ALTER TABLE offers DROP COLUMN import_key;
