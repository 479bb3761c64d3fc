-- The first whole way through the house: practices, residents, invitations, findings, the access log, notices.
-- Instants are microseconds since 1970-01-01T00:00:00Z, days are ISO 8601 text, ids are the 16 bytes of a UUID.
-- Columns named *_hash hold one-way hashes, *_key keyed hashes to look things up by, *_sealed what went through the vault,
-- *_wrapped keys that are encrypted with the key above them.

-- Practices, kiosks, social institutions, the district office, the operator. A column named practice_id means an
-- organisation that is a practice.
CREATE TABLE organisations (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE staff (
    id BYTEA NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    created_at BIGINT NOT NULL,
    locked_at BIGINT,
    totp_sealed BYTEA,
    totp_last_step BIGINT,
    factors_changed_at BIGINT,
    factors_change TEXT
);

-- The second factors of people. stored holds a public key; nothing in it is secret.
CREATE TABLE passkeys (
    id BYTEA NOT NULL PRIMARY KEY,
    staff_id BYTEA NOT NULL REFERENCES staff (id),
    credential_id BYTEA NOT NULL UNIQUE,
    stored BYTEA NOT NULL,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_by_staff ON passkeys (staff_id);

-- Begun proofs and registrations: taken once, within minutes. whose_key says for which login or person.
CREATE TABLE ceremonies (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    whose_key BYTEA NOT NULL,
    state_sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX ceremonies_by_expiry ON ceremonies (expires_at);

-- Wrong tries by login, also by logins that nobody has: they have to look alike.
CREATE TABLE throttles (
    login_key BYTEA NOT NULL PRIMARY KEY,
    failed_count INTEGER NOT NULL,
    failed_at BIGINT NOT NULL
);
CREATE INDEX throttles_by_age ON throttles (failed_at);

CREATE TABLE enrolments (
    id BYTEA NOT NULL PRIMARY KEY,
    staff_id BYTEA NOT NULL REFERENCES staff (id),
    secret_hash BYTEA NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX enrolments_by_staff ON enrolments (staff_id);

CREATE TABLE memberships (
    staff_id BYTEA NOT NULL REFERENCES staff (id),
    organisation_id BYTEA NOT NULL REFERENCES organisations (id),
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (staff_id, organisation_id)
);

CREATE TABLE upload_credentials (
    id BYTEA NOT NULL PRIMARY KEY,
    practice_id BYTEA NOT NULL REFERENCES organisations (id),
    created_by BYTEA NOT NULL REFERENCES staff (id),
    label_sealed BYTEA NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX upload_credentials_by_practice ON upload_credentials (practice_id, id);

-- Software of a practice, known by its public key. bad_count are the assertions of the hour that began at bad_since which
-- were not good.
CREATE TABLE software_clients (
    id BYTEA NOT NULL PRIMARY KEY,
    practice_id BYTEA NOT NULL REFERENCES organisations (id),
    created_by BYTEA NOT NULL REFERENCES staff (id),
    label_sealed BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    key_thumbprint BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    keyed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    suspended_at BIGINT,
    bad_count INTEGER NOT NULL,
    bad_since BIGINT
);
CREATE INDEX software_clients_by_practice ON software_clients (practice_id, id);

CREATE TABLE software_tokens (
    access_hash BYTEA NOT NULL PRIMARY KEY,
    client_id BYTEA NOT NULL REFERENCES software_clients (id),
    key_thumbprint BYTEA,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX software_tokens_by_client ON software_tokens (client_id);
CREATE INDEX software_tokens_by_expiry ON software_tokens (expires_at);

-- Software that waits for a person to let it in (RFC 8628). The id becomes that of the client.
CREATE TABLE pairings (
    id BYTEA NOT NULL PRIMARY KEY,
    device_code_hash BYTEA NOT NULL UNIQUE,
    user_code_key BYTEA NOT NULL UNIQUE,
    label_sealed BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    state TEXT NOT NULL,
    interval_seconds INTEGER NOT NULL,
    polled_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pairings_by_expiry ON pairings (expires_at);

CREATE TABLE pairing_failures (
    staff_id BYTEA NOT NULL PRIMARY KEY REFERENCES staff (id),
    failed_count INTEGER NOT NULL,
    failed_at BIGINT NOT NULL
);

CREATE TABLE assertions_seen (
    jti_hash BYTEA NOT NULL PRIMARY KEY,
    replay_until BIGINT NOT NULL
);
CREATE INDEX assertions_seen_by_age ON assertions_seen (replay_until);

CREATE TABLE residents (
    id BYTEA NOT NULL PRIMARY KEY,
    language TEXT NOT NULL,
    notice_address_sealed BYTEA,
    notify_first_access BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

-- holder_hash is the thumbprint of the phone's key (holder_kind 'key', RFC 7638) or the hash of a secret ('secret').
CREATE TABLE devices (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    holder_kind TEXT NOT NULL,
    holder_hash BYTEA NOT NULL UNIQUE,
    pin_hash TEXT NOT NULL,
    name_sealed BYTEA,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    unbound_at BIGINT,
    unbound_reason TEXT,
    failed_count INTEGER NOT NULL,
    failed_at BIGINT
);
CREATE INDEX devices_by_resident ON devices (resident_id);

CREATE TABLE sessions (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    resident_id BYTEA REFERENCES residents (id),
    device_id BYTEA REFERENCES devices (id),
    staff_id BYTEA REFERENCES staff (id),
    organisation_id BYTEA REFERENCES organisations (id),
    key_thumbprint BYTEA,
    authenticated_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_device ON sessions (device_id);
CREATE INDEX sessions_by_resident ON sessions (resident_id);
CREATE INDEX sessions_by_staff ON sessions (staff_id);

-- What a session has given out: an access token, and for people a refresh token. follows is the number of the pair that was
-- exchanged for this one.
CREATE TABLE token_pairs (
    session_id BYTEA NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    follows INTEGER,
    access_hash BYTEA NOT NULL UNIQUE,
    access_expires_at BIGINT NOT NULL,
    refresh_hash BYTEA UNIQUE,
    issued_at BIGINT NOT NULL,
    used_at BIGINT,
    retries INTEGER NOT NULL,
    PRIMARY KEY (session_id, number)
);

-- Authorization codes (RFC 6749, 4.1): good for a minute, once. session_id is what came of it.
CREATE TABLE authorization_codes (
    code_hash BYTEA NOT NULL PRIMARY KEY,
    staff_id BYTEA NOT NULL REFERENCES staff (id),
    organisation_id BYTEA NOT NULL REFERENCES organisations (id),
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge BYTEA NOT NULL,
    key_thumbprint BYTEA,
    authenticated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    session_id BYTEA REFERENCES sessions (id) ON DELETE SET NULL
);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

-- What changed how a resident signs in. device_id is the phone it is about, by_device the one on which it was done.
CREATE TABLE security_events (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    kind TEXT NOT NULL,
    device_id BYTEA REFERENCES devices (id),
    by_device BYTEA REFERENCES devices (id),
    created_at BIGINT NOT NULL,
    disowned_at BIGINT
);
CREATE INDEX security_events_by_resident ON security_events (resident_id, id);

-- The way from one phone to the next. What the new one shows comes with its claim, and becomes a device when the number was
-- typed on the old one.
CREATE TABLE device_links (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    made_by BYTEA NOT NULL REFERENCES devices (id),
    secret_hash BYTEA NOT NULL UNIQUE,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    number INTEGER,
    holder_kind TEXT,
    holder_hash BYTEA,
    pin_hash TEXT,
    name_sealed BYTEA,
    device_id BYTEA REFERENCES devices (id)
);
CREATE INDEX device_links_by_resident ON device_links (resident_id, state);
CREATE INDEX device_links_by_age ON device_links (created_at);

CREATE TABLE recovery_sheets (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    code_hash BYTEA NOT NULL UNIQUE,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX recovery_sheets_by_resident ON recovery_sheets (resident_id, state);

-- One for each sheet: a sheet is good for one try.
CREATE TABLE recoveries (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    sheet_id BYTEA NOT NULL UNIQUE REFERENCES recovery_sheets (id),
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    closed_at BIGINT,
    holder_kind TEXT NOT NULL,
    holder_hash BYTEA NOT NULL,
    pin_hash TEXT NOT NULL,
    name_sealed BYTEA,
    device_id BYTEA REFERENCES devices (id)
);
CREATE INDEX recoveries_by_resident ON recoveries (resident_id, state);

-- pending_on: whose confirmation this link waits for (SR-B05), its own or that of the practice whose letter was used.
CREATE TABLE patients (
    id BYTEA NOT NULL PRIMARY KEY,
    practice_id BYTEA NOT NULL REFERENCES organisations (id),
    reference_key BYTEA NOT NULL,
    reference_sealed BYTEA NOT NULL,
    birth_date_key BYTEA NOT NULL,
    paper_consent_on TEXT,
    resident_id BYTEA REFERENCES residents (id),
    linked_at BIGINT,
    binding TEXT,
    pending_on BYTEA REFERENCES patients (id),
    pending_since BIGINT,
    confirm_tries INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (practice_id, reference_key)
);
CREATE INDEX patients_by_resident ON patients (resident_id);

CREATE TABLE invitations (
    id BYTEA NOT NULL PRIMARY KEY,
    practice_id BYTEA NOT NULL REFERENCES organisations (id),
    patient_id BYTEA NOT NULL REFERENCES patients (id),
    created_by BYTEA NOT NULL REFERENCES staff (id),
    language TEXT NOT NULL,
    lookup TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    qr_hash BYTEA NOT NULL UNIQUE,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    closed_at BIGINT,
    device_id BYTEA REFERENCES devices (id),
    binding TEXT NOT NULL,
    cut_off_at BIGINT
);
CREATE INDEX invitations_by_lookup ON invitations (lookup);
CREATE INDEX invitations_by_patient ON invitations (patient_id, created_at);
CREATE INDEX invitations_by_practice ON invitations (practice_id, id);

CREATE TABLE consents (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    device_id BYTEA REFERENCES devices (id),
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX consents_by_resident ON consents (resident_id, purpose);

CREATE TABLE blobs (
    id BYTEA NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256_sealed BYTEA NOT NULL,
    key_wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE blob_chunks (
    blob_id BYTEA NOT NULL REFERENCES blobs (id),
    seq INTEGER NOT NULL,
    bytes_sealed BYTEA NOT NULL,
    PRIMARY KEY (blob_id, seq)
);

CREATE TABLE findings (
    id BYTEA NOT NULL PRIMARY KEY,
    practice_id BYTEA NOT NULL REFERENCES organisations (id),
    patient_id BYTEA REFERENCES patients (id),
    resident_id BYTEA REFERENCES residents (id),
    uploader_kind TEXT NOT NULL,
    uploader_id BYTEA NOT NULL,
    state TEXT NOT NULL,
    match_reason TEXT NOT NULL,
    source_format TEXT NOT NULL,
    class TEXT NOT NULL,
    kind TEXT NOT NULL,
    report_status TEXT NOT NULL,
    sort_date TEXT NOT NULL,
    clinical_date TEXT,
    issued_at BIGINT,
    received_at BIGINT NOT NULL,
    read_at BIGINT,
    expires_at BIGINT,
    sha256_key BYTEA NOT NULL,
    sha256_sealed BYTEA NOT NULL,
    key_wrapped BYTEA,
    original_blob BYTEA REFERENCES blobs (id),
    document_blob BYTEA REFERENCES blobs (id),
    summary_sealed BYTEA,
    value_count INTEGER NOT NULL,
    flagged_count INTEGER NOT NULL,
    warnings TEXT NOT NULL,
    replaces BYTEA REFERENCES findings (id),
    superseded_by BYTEA REFERENCES findings (id),
    recalled_at BIGINT,
    recall_reason TEXT
);
CREATE INDEX findings_of_resident ON findings (resident_id, sort_date, id);
CREATE INDEX findings_of_practice ON findings (practice_id, id);
CREATE INDEX findings_of_patient ON findings (patient_id, state);
CREATE INDEX findings_by_content ON findings (practice_id, sha256_key);
CREATE INDEX findings_by_expiry ON findings (expires_at);

CREATE TABLE finding_keys (
    finding_id BYTEA NOT NULL PRIMARY KEY REFERENCES findings (id),
    practice_id BYTEA NOT NULL REFERENCES organisations (id),
    report_key BYTEA NOT NULL,
    version_number BIGINT,
    version_issued BIGINT,
    revision BIGINT
);
CREATE INDEX finding_keys_by_key ON finding_keys (practice_id, report_key);

CREATE TABLE finding_values (
    finding_id BYTEA NOT NULL PRIMARY KEY REFERENCES findings (id),
    body_sealed BYTEA NOT NULL
);

CREATE TABLE value_index (
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    code_key BYTEA NOT NULL,
    finding_id BYTEA NOT NULL REFERENCES findings (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (resident_id, code_key, finding_id, position)
);
CREATE INDEX value_index_by_finding ON value_index (finding_id);

-- No foreign keys: the log outlives what it tells of. How entries are linked: docs/audit.md.
CREATE TABLE access_log (
    seq BIGINT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL,
    number BIGINT,
    resident_hash BYTEA,
    id BYTEA NOT NULL,
    resident_id BYTEA,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BYTEA,
    organisation_id BYTEA,
    action TEXT NOT NULL,
    finding_id BYTEA,
    basis TEXT,
    outcome TEXT NOT NULL,
    request_id BYTEA NOT NULL
);
CREATE UNIQUE INDEX access_log_of_resident ON access_log (resident_id, number);
CREATE INDEX access_log_of_finding ON access_log (finding_id, seq);

-- Entries that were committed with what they tell of; the log's writer links them and moves them over.
CREATE TABLE access_log_pending (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BYTEA,
    organisation_id BYTEA,
    action TEXT NOT NULL,
    finding_id BYTEA,
    basis TEXT,
    outcome TEXT NOT NULL,
    request_id BYTEA NOT NULL
);

-- One row: the newest entry, the newest that was pruned. Whoever links holds its lock.
CREATE TABLE access_log_head (
    id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    pruned_seq BIGINT NOT NULL,
    pruned_hash BYTEA NOT NULL
);
INSERT INTO access_log_head (id, seq, hash, pruned_seq, pruned_hash)
VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0, decode(repeat('00', 32), 'hex'));

-- What was pruned of each resident's chain.
CREATE TABLE access_log_anchors (
    resident_id BYTEA NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

-- Signed places of the chain.
CREATE TABLE log_checkpoints (
    seq BIGINT NOT NULL,
    mark TEXT NOT NULL,
    at BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    verifying_key BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (seq, mark, at)
);

-- Which organisations have had to do with which resident, and whether the resident was told of the first time.
CREATE TABLE log_parties (
    resident_id BYTEA NOT NULL,
    organisation_id BYTEA NOT NULL,
    first_at BIGINT NOT NULL,
    told BIGINT NOT NULL,
    PRIMARY KEY (resident_id, organisation_id)
);
CREATE INDEX log_parties_untold ON log_parties (told);

-- One row for each run of the server: how often health data was taken out of its seal, and how many answers held some.
CREATE TABLE log_processes (
    id BYTEA NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    unsealed BIGINT NOT NULL,
    answers BIGINT NOT NULL
);

CREATE TABLE outbox (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_id BYTEA NOT NULL REFERENCES residents (id),
    kind TEXT NOT NULL,
    destination_sealed BYTEA,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT,
    sent_at BIGINT
);
CREATE INDEX outbox_by_due ON outbox (state, due_at);

CREATE TABLE idempotency_keys (
    owner_id BYTEA NOT NULL,
    operation TEXT NOT NULL,
    idempotency_key BYTEA NOT NULL,
    request_key BYTEA NOT NULL,
    status INTEGER NOT NULL,
    response_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner_id, operation, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- The key store has the same ledger: whichever of the two databases was restored, the other one remembers.
CREATE TABLE erasures (
    id BYTEA NOT NULL PRIMARY KEY,
    resident_key BYTEA NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    erased_at BIGINT NOT NULL
);
