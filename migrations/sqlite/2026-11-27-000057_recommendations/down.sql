DROP TABLE bookmarks;
DROP TABLE recommendations;
