-- What residents allow others to see: one rule for each decision, and the history of all decisions.

-- Counts every change of a resident's rules. Who reads by rules remembers it, and shows nothing when it has changed since.
ALTER TABLE residents ADD COLUMN rules_epoch BIGINT NOT NULL DEFAULT 0;

-- normal, or sensitive: shared only when it is named or expressly meant.
ALTER TABLE findings ADD COLUMN sensitivity TEXT NOT NULL DEFAULT 'normal';

-- recipient_id: an organisation, a person, another resident, a conversation, a link; none for everyone. Which findings a
-- rule is about, and how the resident wants to be called there, stands in terms_sealed.
CREATE TABLE consent_rules (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    effect TEXT NOT NULL,
    purpose TEXT NOT NULL,
    recipient_kind TEXT NOT NULL,
    recipient_id BYTEA,
    may_download INTEGER NOT NULL,
    may_pass_on INTEGER NOT NULL,
    terms_sealed BYTEA NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    ended_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX consent_rules_by_resident ON consent_rules (resident_id, ended_at);
CREATE INDEX consent_rules_by_recipient ON consent_rules (recipient_id, ended_at);

-- Only ever added to. at: from when it counts. consent_id: a rule, or a decision about a text (table consents).
CREATE TABLE consent_events (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    consent_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BYTEA,
    organisation_id BYTEA,
    device_id BYTEA,
    detail_sealed BYTEA
);
CREATE INDEX consent_events_by_resident ON consent_events (resident_id, id);
CREATE INDEX consent_events_by_consent ON consent_events (consent_id, id);

-- By which decision somebody else was let in.
ALTER TABLE access_log ADD COLUMN consent_id BYTEA;
ALTER TABLE access_log_pending ADD COLUMN consent_id BYTEA;
