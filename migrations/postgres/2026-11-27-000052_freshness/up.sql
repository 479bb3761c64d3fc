-- What nobody confirms does not stay: reminding organisations, and links with which they confirm without signing in.

-- language: in which an organisation is written to; none: German. mailed_on: the day on which it was written to last.
ALTER TABLE publishers ADD COLUMN language TEXT;
ALTER TABLE publishers ADD COLUMN mailed_on TEXT;

-- What its organisation was told of an offer last: 0 nothing, 1 to 3 the reminders, 4 it is archived and they are not told yet, 5 they are.
ALTER TABLE offers ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
CREATE INDEX offers_by_due ON offers (sunk, verify_due, id);
CREATE INDEX offers_by_told ON offers (told, verify_due, id);

-- Mails to organisations, one row each. token_sealed: what opens the page, until the mail is sent; from then on there is only its hash.
CREATE TABLE freshness_mails (
    id BYTEA NOT NULL PRIMARY KEY,
    organisation_id BYTEA NOT NULL REFERENCES organisations (id),
    token_hash BYTEA NOT NULL UNIQUE,
    token_sealed BYTEA,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX freshness_mails_by_state ON freshness_mails (state, due_at, id);
CREATE INDEX freshness_mails_by_end ON freshness_mails (expires_at, id);

-- What such a mail is about. gone: 1 when it says that the offer was archived.
CREATE TABLE freshness_mail_offers (
    mail_id BYTEA NOT NULL REFERENCES freshness_mails (id),
    offer_id BYTEA NOT NULL REFERENCES offers (id),
    gone INTEGER NOT NULL,
    PRIMARY KEY (mail_id, offer_id)
);
