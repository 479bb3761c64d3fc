-- Consent texts that are published while the server runs; those that come with the program are not here.

-- One version of one purpose, and whether it asks everybody again who agreed to an older one. asked_up_to: the last resident
-- whom the job has looked at; all_asked_at, settled_at: when it was through with asking, and with what ran out by it.
CREATE TABLE consent_publications (
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL,
    published_at BIGINT NOT NULL,
    published_by BYTEA NOT NULL REFERENCES staff (id),
    organisation_id BYTEA NOT NULL REFERENCES organisations (id),
    asking TEXT NOT NULL,
    old_counts_until BIGINT,
    asked_up_to BYTEA,
    all_asked_at BIGINT,
    settled_at BIGINT,
    PRIMARY KEY (purpose, version)
);

-- paragraphs: a JSON array of texts. change: what is different from the version before.
CREATE TABLE consent_texts (
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    paragraphs TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    translation_of TEXT,
    change_note TEXT,
    review TEXT NOT NULL,
    PRIMARY KEY (purpose, version, language),
    FOREIGN KEY (purpose, version) REFERENCES consent_publications (purpose, version)
);

-- What a resident was asked, or has said no to. A yes stands in consents, under the id of the question it answers.
-- state: asked, refused, granted. asked_at: none if nobody asked.
CREATE TABLE consent_questions (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT,
    answered_at BIGINT
);
CREATE INDEX consent_questions_by_resident ON consent_questions (resident_id, purpose);
CREATE INDEX consent_questions_by_text ON consent_questions (purpose, version, id);

-- When it was written down that a yes had run out. Whether it has is decided by consent_publications.
ALTER TABLE consents ADD COLUMN expired_at BIGINT;
CREATE INDEX consents_by_text ON consents (purpose, version, id);
