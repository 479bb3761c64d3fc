//! The tables about consent texts: what was published, what residents are asked, and what they have agreed to.

diesel::table! {
    consents (id) {
        id -> Binary,
        resident_id -> Binary,
        device_id -> Nullable<Binary>,
        purpose -> Text,
        version -> Integer,
        language -> Text,
        sha256 -> Text,
        granted_at -> BigInt,
        withdrawn_at -> Nullable<BigInt>,
        expired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    consent_publications (purpose, version) {
        purpose -> Text,
        version -> Integer,
        published_at -> BigInt,
        published_by -> Binary,
        organisation_id -> Binary,
        asking -> Text,
        old_counts_until -> Nullable<BigInt>,
        asked_up_to -> Nullable<Binary>,
        all_asked_at -> Nullable<BigInt>,
        settled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    consent_texts (purpose, version, language) {
        purpose -> Text,
        version -> Integer,
        language -> Text,
        title -> Text,
        paragraphs -> Text,
        sha256 -> Text,
        translation_of -> Nullable<Text>,
        change_note -> Nullable<Text>,
        review -> Text,
    }
}

diesel::table! {
    consent_questions (id) {
        id -> Binary,
        resident_id -> Binary,
        purpose -> Text,
        version -> Integer,
        language -> Text,
        sha256 -> Text,
        state -> Text,
        asked_at -> Nullable<BigInt>,
        answered_at -> Nullable<BigInt>,
    }
}
