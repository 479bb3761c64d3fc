DROP TABLE link_visits;
DROP TABLE share_links;
