DROP INDEX consent_rules_by_resident_recipient;
DROP TABLE encounters;
