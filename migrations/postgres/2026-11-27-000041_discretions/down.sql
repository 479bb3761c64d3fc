DROP TABLE discretions;
