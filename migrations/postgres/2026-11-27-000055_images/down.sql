ALTER TABLE offer_texts DROP COLUMN image_alt;
DROP TABLE offer_images;
