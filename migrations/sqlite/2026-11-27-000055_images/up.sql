-- One image of an offer, with nothing in it but the picture. What it shows is said in each text of the offer.
CREATE TABLE offer_images (
    offer_id BLOB NOT NULL PRIMARY KEY REFERENCES offers (id),
    -- image/jpeg or image/png
    media_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT;

-- What the image shows, in the language of the text. Empty: not said.
ALTER TABLE offer_texts ADD COLUMN image_alt TEXT NOT NULL DEFAULT '';
