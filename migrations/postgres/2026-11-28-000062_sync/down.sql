DROP TABLE sync_items;
DROP TABLE sync_points;
DROP TABLE sync_feeds;
