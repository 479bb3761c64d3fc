-- What an organisation knows an offer by in the lists that it imports, so that importing again changes the same offer. None for an
-- offer that was written here.
ALTER TABLE offers ADD COLUMN import_key TEXT;
CREATE UNIQUE INDEX offers_organisation_id_import_key_key ON offers (organisation_id, import_key);
