ALTER TABLE occurrences DROP COLUMN weekday;
