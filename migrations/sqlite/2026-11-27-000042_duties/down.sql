ALTER TABLE memberships DROP COLUMN duty;
