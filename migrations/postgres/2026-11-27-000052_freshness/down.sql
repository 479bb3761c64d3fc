DROP TABLE freshness_mail_offers;
DROP TABLE freshness_mails;
DROP INDEX offers_by_told;
DROP INDEX offers_by_due;
ALTER TABLE offers DROP COLUMN told;
ALTER TABLE publishers DROP COLUMN mailed_on;
ALTER TABLE publishers DROP COLUMN language;
