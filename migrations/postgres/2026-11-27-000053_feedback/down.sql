DROP TABLE unmet_searches;
DROP TABLE wishes;
ALTER TABLE offers DROP COLUMN doubts;
DROP TABLE offer_feedback;
