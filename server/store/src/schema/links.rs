//! The tables about links for people without an account.

diesel::table! {
    share_links (id) {
        id -> Binary,
        resident_id -> Binary,
        rule_id -> Binary,
        secret_hash -> Binary,
        key_sealed -> Binary,
        label_sealed -> Nullable<Binary>,
        passcode_hash -> Nullable<Text>,
        most_wrong -> Integer,
        wrong -> Integer,
        one_time -> Integer,
        used_at -> Nullable<BigInt>,
        opens -> Integer,
        last_opened_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    link_visits (id) {
        id -> Binary,
        resident_id -> Binary,
        link_id -> Binary,
        at -> BigInt,
        says_sealed -> Binary,
        ticket_hash -> Nullable<Binary>,
        key_sealed -> Nullable<Binary>,
        fetches_left -> Integer,
    }
}
