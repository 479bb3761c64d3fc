-- On which day of the week a date is, on the clock there: 0 is Monday. For finding what is on Saturdays.
ALTER TABLE occurrences ADD COLUMN weekday INTEGER NOT NULL DEFAULT 0;
UPDATE occurrences SET weekday = CAST(extract(isodow FROM CAST(starts_local AS timestamp)) AS INTEGER) - 1;
