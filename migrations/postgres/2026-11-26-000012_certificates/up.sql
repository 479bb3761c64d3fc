-- The certificate a token of software is bound to (RFC 8705), in place of a key.
ALTER TABLE software_tokens ADD COLUMN certificate_hash BYTEA;
