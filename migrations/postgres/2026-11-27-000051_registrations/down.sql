DROP TABLE registrations;
ALTER TABLE offers DROP COLUMN places_taken;
