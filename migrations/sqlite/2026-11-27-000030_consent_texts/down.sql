DROP INDEX consents_by_text;
ALTER TABLE consents DROP COLUMN expired_at;
DROP TABLE consent_questions;
DROP TABLE consent_texts;
DROP TABLE consent_publications;
