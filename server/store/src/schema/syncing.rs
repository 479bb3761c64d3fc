//! The tables of what was handed out to whom.

diesel::table! {
    sync_feeds (id) {
        id -> Binary,
        resident_id -> Binary,
        rev -> BigInt,
    }
}

diesel::table! {
    sync_points (id) {
        id -> Binary,
        feed_id -> Binary,
        rev -> BigInt,
        superseded_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sync_items (feed_id, kind, item_id) {
        feed_id -> Binary,
        kind -> Text,
        item_id -> Binary,
        rev -> BigInt,
        mark -> Nullable<Binary>,
        gone -> Nullable<Text>,
        gone_at -> Nullable<BigInt>,
    }
}
