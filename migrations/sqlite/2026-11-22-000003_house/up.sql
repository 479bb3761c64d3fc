-- The first whole way through the house: practices, residents, invitations, findings, the access log, notices.
-- Instants are microseconds since 1970-01-01T00:00:00Z, days are ISO 8601 text, ids are the 16 bytes of a UUID.
-- Columns named *_hash hold one-way hashes, *_key keyed hashes to look things up by, *_sealed what went through the vault,
-- *_wrapped keys that are encrypted with the key above them.

-- Practices, kiosks, social institutions, the district office, the operator. A column named practice_id means an
-- organisation that is a practice.
CREATE TABLE organisations (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE staff (
    id BLOB NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    locked_at INTEGER,
    totp_sealed BLOB,
    totp_last_step INTEGER,
    factors_changed_at INTEGER,
    factors_change TEXT
) STRICT;

-- The second factors of people. stored holds a public key; nothing in it is secret.
CREATE TABLE passkeys (
    id BLOB NOT NULL PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    credential_id BLOB NOT NULL UNIQUE,
    stored BLOB NOT NULL,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX passkeys_by_staff ON passkeys (staff_id);

-- Begun proofs and registrations: taken once, within minutes. whose_key says for which login or person.
CREATE TABLE ceremonies (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    whose_key BLOB NOT NULL,
    state_sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ceremonies_by_expiry ON ceremonies (expires_at);

-- Wrong tries by login, also by logins that nobody has: they have to look alike.
CREATE TABLE throttles (
    login_key BLOB NOT NULL PRIMARY KEY,
    failed_count INTEGER NOT NULL,
    failed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX throttles_by_age ON throttles (failed_at);

CREATE TABLE enrolments (
    id BLOB NOT NULL PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    secret_hash BLOB NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX enrolments_by_staff ON enrolments (staff_id);

CREATE TABLE memberships (
    staff_id BLOB NOT NULL REFERENCES staff (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (staff_id, organisation_id)
) STRICT;

CREATE TABLE upload_credentials (
    id BLOB NOT NULL PRIMARY KEY,
    practice_id BLOB NOT NULL REFERENCES organisations (id),
    created_by BLOB NOT NULL REFERENCES staff (id),
    label_sealed BLOB NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX upload_credentials_by_practice ON upload_credentials (practice_id, id);

-- Software of a practice, known by its public key. bad_count are the assertions of the hour that began at bad_since which
-- were not good.
CREATE TABLE software_clients (
    id BLOB NOT NULL PRIMARY KEY,
    practice_id BLOB NOT NULL REFERENCES organisations (id),
    created_by BLOB NOT NULL REFERENCES staff (id),
    label_sealed BLOB NOT NULL,
    public_key BLOB NOT NULL,
    key_thumbprint BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    keyed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    suspended_at INTEGER,
    bad_count INTEGER NOT NULL,
    bad_since INTEGER
) STRICT;
CREATE INDEX software_clients_by_practice ON software_clients (practice_id, id);

CREATE TABLE software_tokens (
    access_hash BLOB NOT NULL PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES software_clients (id),
    key_thumbprint BLOB,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX software_tokens_by_client ON software_tokens (client_id);
CREATE INDEX software_tokens_by_expiry ON software_tokens (expires_at);

-- Software that waits for a person to let it in (RFC 8628). The id becomes that of the client.
CREATE TABLE pairings (
    id BLOB NOT NULL PRIMARY KEY,
    device_code_hash BLOB NOT NULL UNIQUE,
    user_code_key BLOB NOT NULL UNIQUE,
    label_sealed BLOB NOT NULL,
    public_key BLOB NOT NULL,
    state TEXT NOT NULL,
    interval_seconds INTEGER NOT NULL,
    polled_at INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pairings_by_expiry ON pairings (expires_at);

CREATE TABLE pairing_failures (
    staff_id BLOB NOT NULL PRIMARY KEY REFERENCES staff (id),
    failed_count INTEGER NOT NULL,
    failed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE assertions_seen (
    jti_hash BLOB NOT NULL PRIMARY KEY,
    replay_until INTEGER NOT NULL
) STRICT;
CREATE INDEX assertions_seen_by_age ON assertions_seen (replay_until);

CREATE TABLE residents (
    id BLOB NOT NULL PRIMARY KEY,
    language TEXT NOT NULL,
    notice_address_sealed BLOB,
    notify_first_access INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

-- holder_hash is the thumbprint of the phone's key (holder_kind 'key', RFC 7638) or the hash of a secret ('secret').
CREATE TABLE devices (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    holder_kind TEXT NOT NULL,
    holder_hash BLOB NOT NULL UNIQUE,
    pin_hash TEXT NOT NULL,
    name_sealed BLOB,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    unbound_at INTEGER,
    unbound_reason TEXT,
    failed_count INTEGER NOT NULL,
    failed_at INTEGER
) STRICT;
CREATE INDEX devices_by_resident ON devices (resident_id);

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    resident_id BLOB REFERENCES residents (id),
    device_id BLOB REFERENCES devices (id),
    staff_id BLOB REFERENCES staff (id),
    organisation_id BLOB REFERENCES organisations (id),
    key_thumbprint BLOB,
    authenticated_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_device ON sessions (device_id);
CREATE INDEX sessions_by_resident ON sessions (resident_id);
CREATE INDEX sessions_by_staff ON sessions (staff_id);

-- What a session has given out: an access token, and for people a refresh token. follows is the number of the pair that was
-- exchanged for this one.
CREATE TABLE token_pairs (
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    follows INTEGER,
    access_hash BLOB NOT NULL UNIQUE,
    access_expires_at INTEGER NOT NULL,
    refresh_hash BLOB UNIQUE,
    issued_at INTEGER NOT NULL,
    used_at INTEGER,
    retries INTEGER NOT NULL,
    PRIMARY KEY (session_id, number)
) STRICT;

-- Authorization codes (RFC 6749, 4.1): good for a minute, once. session_id is what came of it.
CREATE TABLE authorization_codes (
    code_hash BLOB NOT NULL PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge BLOB NOT NULL,
    key_thumbprint BLOB,
    authenticated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    session_id BLOB REFERENCES sessions (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

-- What changed how a resident signs in. device_id is the phone it is about, by_device the one on which it was done.
CREATE TABLE security_events (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    kind TEXT NOT NULL,
    device_id BLOB REFERENCES devices (id),
    by_device BLOB REFERENCES devices (id),
    created_at INTEGER NOT NULL,
    disowned_at INTEGER
) STRICT;
CREATE INDEX security_events_by_resident ON security_events (resident_id, id);

-- The way from one phone to the next. What the new one shows comes with its claim, and becomes a device when the number was
-- typed on the old one.
CREATE TABLE device_links (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    made_by BLOB NOT NULL REFERENCES devices (id),
    secret_hash BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    number INTEGER,
    holder_kind TEXT,
    holder_hash BLOB,
    pin_hash TEXT,
    name_sealed BLOB,
    device_id BLOB REFERENCES devices (id)
) STRICT;
CREATE INDEX device_links_by_resident ON device_links (resident_id, state);
CREATE INDEX device_links_by_age ON device_links (created_at);

CREATE TABLE recovery_sheets (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    code_hash BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE INDEX recovery_sheets_by_resident ON recovery_sheets (resident_id, state);

-- One for each sheet: a sheet is good for one try.
CREATE TABLE recoveries (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    sheet_id BLOB NOT NULL UNIQUE REFERENCES recovery_sheets (id),
    state TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    closed_at INTEGER,
    holder_kind TEXT NOT NULL,
    holder_hash BLOB NOT NULL,
    pin_hash TEXT NOT NULL,
    name_sealed BLOB,
    device_id BLOB REFERENCES devices (id)
) STRICT;
CREATE INDEX recoveries_by_resident ON recoveries (resident_id, state);

-- pending_on: whose confirmation this link waits for (SR-B05), its own or that of the practice whose letter was used.
CREATE TABLE patients (
    id BLOB NOT NULL PRIMARY KEY,
    practice_id BLOB NOT NULL REFERENCES organisations (id),
    reference_key BLOB NOT NULL,
    reference_sealed BLOB NOT NULL,
    birth_date_key BLOB NOT NULL,
    paper_consent_on TEXT,
    resident_id BLOB REFERENCES residents (id),
    linked_at INTEGER,
    binding TEXT,
    pending_on BLOB REFERENCES patients (id),
    pending_since INTEGER,
    confirm_tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (practice_id, reference_key)
) STRICT;
CREATE INDEX patients_by_resident ON patients (resident_id);

CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    practice_id BLOB NOT NULL REFERENCES organisations (id),
    patient_id BLOB NOT NULL REFERENCES patients (id),
    created_by BLOB NOT NULL REFERENCES staff (id),
    language TEXT NOT NULL,
    lookup TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    qr_hash BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    closed_at INTEGER,
    device_id BLOB REFERENCES devices (id),
    binding TEXT NOT NULL,
    cut_off_at INTEGER
) STRICT;
CREATE INDEX invitations_by_lookup ON invitations (lookup);
CREATE INDEX invitations_by_patient ON invitations (patient_id, created_at);
CREATE INDEX invitations_by_practice ON invitations (practice_id, id);

CREATE TABLE consents (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    device_id BLOB REFERENCES devices (id),
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT;
CREATE INDEX consents_by_resident ON consents (resident_id, purpose);

CREATE TABLE blobs (
    id BLOB NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256_sealed BLOB NOT NULL,
    key_wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE blob_chunks (
    blob_id BLOB NOT NULL REFERENCES blobs (id),
    seq INTEGER NOT NULL,
    bytes_sealed BLOB NOT NULL,
    PRIMARY KEY (blob_id, seq)
) STRICT;

CREATE TABLE findings (
    id BLOB NOT NULL PRIMARY KEY,
    practice_id BLOB NOT NULL REFERENCES organisations (id),
    patient_id BLOB REFERENCES patients (id),
    resident_id BLOB REFERENCES residents (id),
    uploader_kind TEXT NOT NULL,
    uploader_id BLOB NOT NULL,
    state TEXT NOT NULL,
    match_reason TEXT NOT NULL,
    source_format TEXT NOT NULL,
    class TEXT NOT NULL,
    kind TEXT NOT NULL,
    report_status TEXT NOT NULL,
    sort_date TEXT NOT NULL,
    clinical_date TEXT,
    issued_at INTEGER,
    received_at INTEGER NOT NULL,
    read_at INTEGER,
    expires_at INTEGER,
    sha256_key BLOB NOT NULL,
    sha256_sealed BLOB NOT NULL,
    key_wrapped BLOB,
    original_blob BLOB REFERENCES blobs (id),
    document_blob BLOB REFERENCES blobs (id),
    summary_sealed BLOB,
    value_count INTEGER NOT NULL,
    flagged_count INTEGER NOT NULL,
    warnings TEXT NOT NULL,
    replaces BLOB REFERENCES findings (id),
    superseded_by BLOB REFERENCES findings (id),
    recalled_at INTEGER,
    recall_reason TEXT
) STRICT;
CREATE INDEX findings_of_resident ON findings (resident_id, sort_date, id);
CREATE INDEX findings_of_practice ON findings (practice_id, id);
CREATE INDEX findings_of_patient ON findings (patient_id, state);
CREATE INDEX findings_by_content ON findings (practice_id, sha256_key);
CREATE INDEX findings_by_expiry ON findings (expires_at);

CREATE TABLE finding_keys (
    finding_id BLOB NOT NULL PRIMARY KEY REFERENCES findings (id),
    practice_id BLOB NOT NULL REFERENCES organisations (id),
    report_key BLOB NOT NULL,
    version_number INTEGER,
    version_issued INTEGER,
    revision INTEGER
) STRICT;
CREATE INDEX finding_keys_by_key ON finding_keys (practice_id, report_key);

CREATE TABLE finding_values (
    finding_id BLOB NOT NULL PRIMARY KEY REFERENCES findings (id),
    body_sealed BLOB NOT NULL
) STRICT;

CREATE TABLE value_index (
    resident_id BLOB NOT NULL REFERENCES residents (id),
    code_key BLOB NOT NULL,
    finding_id BLOB NOT NULL REFERENCES findings (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (resident_id, code_key, finding_id, position)
) STRICT;
CREATE INDEX value_index_by_finding ON value_index (finding_id);

-- No foreign keys: the log outlives what it tells of. How entries are linked: docs/audit.md.
CREATE TABLE access_log (
    seq INTEGER NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    number INTEGER,
    resident_hash BLOB,
    id BLOB NOT NULL,
    resident_id BLOB,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    organisation_id BLOB,
    action TEXT NOT NULL,
    finding_id BLOB,
    basis TEXT,
    outcome TEXT NOT NULL,
    request_id BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX access_log_of_resident ON access_log (resident_id, number);
CREATE INDEX access_log_of_finding ON access_log (finding_id, seq);

-- Entries that were committed with what they tell of; the log's writer links them and moves them over.
CREATE TABLE access_log_pending (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    organisation_id BLOB,
    action TEXT NOT NULL,
    finding_id BLOB,
    basis TEXT,
    outcome TEXT NOT NULL,
    request_id BLOB NOT NULL
) STRICT;

-- One row: the newest entry, the newest that was pruned. Whoever links holds its lock.
CREATE TABLE access_log_head (
    id INTEGER NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    pruned_seq INTEGER NOT NULL,
    pruned_hash BLOB NOT NULL
) STRICT;
INSERT INTO access_log_head (id, seq, hash, pruned_seq, pruned_hash)
VALUES (1, 0, zeroblob(32), 0, zeroblob(32));

-- What was pruned of each resident's chain.
CREATE TABLE access_log_anchors (
    resident_id BLOB NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- Signed places of the chain.
CREATE TABLE log_checkpoints (
    seq INTEGER NOT NULL,
    mark TEXT NOT NULL,
    at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    verifying_key BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (seq, mark, at)
) STRICT;

-- Which organisations have had to do with which resident, and whether the resident was told of the first time.
CREATE TABLE log_parties (
    resident_id BLOB NOT NULL,
    organisation_id BLOB NOT NULL,
    first_at INTEGER NOT NULL,
    told INTEGER NOT NULL,
    PRIMARY KEY (resident_id, organisation_id)
) STRICT;
CREATE INDEX log_parties_untold ON log_parties (told);

-- One row for each run of the server: how often health data was taken out of its seal, and how many answers held some.
CREATE TABLE log_processes (
    id BLOB NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    unsealed INTEGER NOT NULL,
    answers INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id),
    kind TEXT NOT NULL,
    destination_sealed BLOB,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    leased_until INTEGER,
    sent_at INTEGER
) STRICT;
CREATE INDEX outbox_by_due ON outbox (state, due_at);

CREATE TABLE idempotency_keys (
    owner_id BLOB NOT NULL,
    operation TEXT NOT NULL,
    idempotency_key BLOB NOT NULL,
    request_key BLOB NOT NULL,
    status INTEGER NOT NULL,
    response_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner_id, operation, idempotency_key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- The key store has the same ledger: whichever of the two databases was restored, the other one remembers.
CREATE TABLE erasures (
    id BLOB NOT NULL PRIMARY KEY,
    resident_key BLOB NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    erased_at INTEGER NOT NULL
) STRICT;
