//! The tables as diesel sees them. Only plain column types, so that one set of queries serves both engines: ids and
//! hashes are `Binary`, instants `BigInt` (microseconds UTC), days and words `Text`.

mod links;
mod offering;
mod people;
mod rules;
mod syncing;
mod texts;

pub(crate) use links::*;
pub(crate) use offering::*;
pub(crate) use people::*;
pub(crate) use rules::*;
pub(crate) use syncing::*;
pub(crate) use texts::*;

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    patients (id) {
        id -> Binary,
        practice_id -> Binary,
        reference_key -> Binary,
        reference_sealed -> Binary,
        birth_date_key -> Binary,
        paper_consent_on -> Nullable<Text>,
        resident_id -> Nullable<Binary>,
        linked_at -> Nullable<BigInt>,
        binding -> Nullable<Text>,
        pending_on -> Nullable<Binary>,
        pending_since -> Nullable<BigInt>,
        confirm_tries -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    invitations (id) {
        id -> Binary,
        practice_id -> Binary,
        patient_id -> Binary,
        created_by -> Binary,
        language -> Text,
        lookup -> Text,
        secret_hash -> Text,
        qr_hash -> Binary,
        state -> Text,
        tries -> Integer,
        created_at -> BigInt,
        expires_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        device_id -> Nullable<Binary>,
        binding -> Text,
        cut_off_at -> Nullable<BigInt>,
        is_for -> Text,
        represents_until -> Nullable<Text>,
        court_file_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    corrections (id) {
        id -> Binary,
        finding_id -> Binary,
        resident_id -> Binary,
        practice_id -> Binary,
        stage -> Text,
        said_sealed -> Binary,
        reason_sealed -> Nullable<Binary>,
        asked_at -> BigInt,
        due_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        settled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    blobs (id) {
        id -> Binary,
        media_type -> Text,
        size -> BigInt,
        sha256_sealed -> Binary,
        key_wrapped -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    blob_chunks (blob_id, seq) {
        blob_id -> Binary,
        seq -> Integer,
        bytes_sealed -> Binary,
    }
}

diesel::table! {
    findings (id) {
        id -> Binary,
        practice_id -> Binary,
        patient_id -> Nullable<Binary>,
        resident_id -> Nullable<Binary>,
        uploader_kind -> Text,
        uploader_id -> Binary,
        state -> Text,
        match_reason -> Text,
        source_format -> Text,
        class -> Text,
        kind -> Text,
        report_status -> Text,
        sort_date -> Text,
        clinical_date -> Nullable<Text>,
        issued_at -> Nullable<BigInt>,
        received_at -> BigInt,
        read_at -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        sha256_key -> Binary,
        sha256_sealed -> Binary,
        key_wrapped -> Nullable<Binary>,
        original_blob -> Nullable<Binary>,
        document_blob -> Nullable<Binary>,
        summary_sealed -> Nullable<Binary>,
        value_count -> Integer,
        flagged_count -> Integer,
        warnings -> Text,
        replaces -> Nullable<Binary>,
        superseded_by -> Nullable<Binary>,
        recalled_at -> Nullable<BigInt>,
        recall_reason -> Nullable<Text>,
        sensitivity -> Text,
    }
}

diesel::table! {
    finding_keys (finding_id) {
        finding_id -> Binary,
        practice_id -> Binary,
        report_key -> Binary,
        own_key -> Nullable<Binary>,
        version_number -> Nullable<BigInt>,
        version_issued -> Nullable<BigInt>,
        revision -> Nullable<BigInt>,
    }
}

diesel::table! {
    finding_values (finding_id) {
        finding_id -> Binary,
        body_sealed -> Binary,
    }
}

diesel::table! {
    value_index (resident_id, code_key, finding_id, position) {
        resident_id -> Binary,
        code_key -> Binary,
        finding_id -> Binary,
        position -> Integer,
    }
}

diesel::table! {
    access_log (seq) {
        seq -> BigInt,
        hash -> Binary,
        number -> Nullable<BigInt>,
        resident_hash -> Nullable<Binary>,
        id -> Binary,
        resident_id -> Nullable<Binary>,
        at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<Binary>,
        organisation_id -> Nullable<Binary>,
        action -> Text,
        finding_id -> Nullable<Binary>,
        basis -> Nullable<Text>,
        outcome -> Text,
        request_id -> Binary,
        consent_id -> Nullable<Binary>,
    }
}

diesel::table! {
    access_log_pending (id) {
        id -> Binary,
        resident_id -> Nullable<Binary>,
        at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<Binary>,
        organisation_id -> Nullable<Binary>,
        action -> Text,
        finding_id -> Nullable<Binary>,
        basis -> Nullable<Text>,
        outcome -> Text,
        request_id -> Binary,
        consent_id -> Nullable<Binary>,
    }
}

diesel::table! {
    access_log_head (id) {
        id -> BigInt,
        seq -> BigInt,
        hash -> Binary,
        pruned_seq -> BigInt,
        pruned_hash -> Binary,
    }
}

diesel::table! {
    access_log_anchors (resident_id) {
        resident_id -> Binary,
        number -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    log_checkpoints (seq, mark, at) {
        seq -> BigInt,
        mark -> Text,
        at -> BigInt,
        hash -> Binary,
        verifying_key -> Binary,
        signature -> Binary,
    }
}

diesel::table! {
    log_parties (resident_id, organisation_id) {
        resident_id -> Binary,
        organisation_id -> Binary,
        first_at -> BigInt,
        told -> BigInt,
    }
}

diesel::table! {
    log_processes (id) {
        id -> Binary,
        started_at -> BigInt,
        seen_at -> BigInt,
        unsealed -> BigInt,
        answers -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> Binary,
        resident_id -> Binary,
        kind -> Text,
        destination_sealed -> Nullable<Binary>,
        language -> Text,
        state -> Text,
        attempts -> Integer,
        created_at -> BigInt,
        due_at -> BigInt,
        leased_until -> Nullable<BigInt>,
        sent_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    idempotency_keys (owner_id, operation, idempotency_key) {
        owner_id -> Binary,
        operation -> Text,
        idempotency_key -> Binary,
        request_key -> Binary,
        status -> Integer,
        response_sealed -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    erasures (id) {
        id -> Binary,
        resident_key -> Binary,
        reason -> Text,
        erased_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    organisations,
    sync_feeds,
    sync_points,
    sync_items,
    push_subscriptions,
    staff,
    passkeys,
    enrolments,
    memberships,
    upload_credentials,
    software_clients,
    software_tokens,
    pairings,
    pairing_failures,
    approvals,
    assertions_seen,
    residents,
    devices,
    sessions,
    authorization_codes,
    token_pairs,
    security_events,
    device_links,
    encounters,
    discretions,
    bookmarks,
    corrections,
    questions,
    recommendations,
    recovery_sheets,
    recoveries,
    patients,
    invitations,
    consents,
    consent_publications,
    consent_texts,
    consent_questions,
    consent_rules,
    consent_events,
    share_links,
    link_visits,
    blobs,
    blob_chunks,
    findings,
    finding_holds,
    hold_rules,
    order_numbers,
    finding_keys,
    finding_values,
    areas,
    publishers,
    freshness_mails,
    offer_feedback,
    wishes,
    unmet_searches,
    freshness_mail_offers,
    places,
    offers,
    offer_images,
    offer_texts,
    offer_topics,
    offer_spoken,
    offer_areas,
    offer_schedules,
    schedule_exceptions,
    occurrences,
    offer_words,
    offer_feed,
    registrations,
    value_index,
    access_log,
    outbox,
    idempotency_keys,
);

diesel::joinable!(enrolments -> staff (staff_id));
diesel::joinable!(memberships -> staff (staff_id));
diesel::joinable!(memberships -> organisations (organisation_id));
diesel::joinable!(software_tokens -> software_clients (client_id));
diesel::joinable!(token_pairs -> sessions (session_id));
diesel::joinable!(consent_publications -> organisations (organisation_id));
diesel::joinable!(recoveries -> recovery_sheets (sheet_id));
diesel::joinable!(link_visits -> share_links (link_id));
diesel::joinable!(share_links -> consent_rules (rule_id));
diesel::joinable!(patients -> organisations (practice_id));
diesel::joinable!(invitations -> patients (patient_id));
diesel::joinable!(invitations -> organisations (practice_id));
diesel::joinable!(findings -> organisations (practice_id));
diesel::joinable!(findings -> patients (patient_id));
diesel::joinable!(corrections -> findings (finding_id));
diesel::joinable!(recommendations -> organisations (organisation_id));
diesel::joinable!(corrections -> organisations (practice_id));
diesel::joinable!(finding_holds -> findings (finding_id));
diesel::joinable!(finding_keys -> findings (finding_id));
diesel::joinable!(value_index -> findings (finding_id));
diesel::joinable!(offer_texts -> offers (offer_id));
diesel::joinable!(offer_topics -> offers (offer_id));
diesel::joinable!(offer_spoken -> offers (offer_id));
diesel::joinable!(offer_areas -> offers (offer_id));
diesel::joinable!(offer_schedules -> offers (offer_id));
diesel::joinable!(occurrences -> offers (offer_id));
diesel::joinable!(offer_words -> offers (offer_id));
diesel::joinable!(offer_feed -> offers (offer_id));
diesel::joinable!(registrations -> offers (offer_id));
diesel::joinable!(registrations -> occurrences (occurrence_id));
diesel::joinable!(offers -> organisations (organisation_id));
diesel::joinable!(freshness_mail_offers -> offers (offer_id));
diesel::joinable!(freshness_mails -> organisations (organisation_id));
diesel::joinable!(offers -> places (place_id));
