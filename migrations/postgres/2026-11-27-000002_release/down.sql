DROP TABLE finding_holds;
ALTER TABLE residents DROP COLUMN release_wish;
