//! The key store's tables as diesel sees them. Built like those of the main database, from plain column types only.

diesel::table! {
    key_encryption_keys (id) {
        id -> Binary,
        state -> Text,
        key_wrapped -> Nullable<Binary>,
        created_at -> BigInt,
        destroyed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    subject_keys (subject_kind, subject_id) {
        subject_kind -> Text,
        subject_id -> Binary,
        version -> Integer,
        kek_id -> Binary,
        key_wrapped -> Binary,
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

diesel::allow_tables_to_appear_in_same_query!(key_encryption_keys, subject_keys);
diesel::joinable!(subject_keys -> key_encryption_keys (kek_id));
