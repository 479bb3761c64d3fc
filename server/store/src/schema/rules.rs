//! The tables about what residents allow others to see and have decided, and about what practices talk about first.

diesel::table! {
    consent_rules (id) {
        id -> Binary,
        resident_id -> Binary,
        effect -> Text,
        purpose -> Text,
        recipient_kind -> Text,
        recipient_id -> Nullable<Binary>,
        may_download -> Integer,
        may_pass_on -> Integer,
        terms_sealed -> Binary,
        starts_at -> BigInt,
        ends_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        created_at -> BigInt,
        ground -> Nullable<Text>,
        may_act -> Integer,
        narrows_at -> Nullable<BigInt>,
        acted_at -> Nullable<BigInt>,
        notice_at -> Nullable<BigInt>,
        invitation_id -> Nullable<Binary>,
    }
}

diesel::table! {
    consent_events (id) {
        id -> Binary,
        resident_id -> Binary,
        consent_id -> Binary,
        kind -> Text,
        at -> BigInt,
        recorded_at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<Binary>,
        organisation_id -> Nullable<Binary>,
        device_id -> Nullable<Binary>,
        detail_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    hold_rules (practice_id) {
        practice_id -> Binary,
        topics -> Text,
        days -> Integer,
        other_days -> Integer,
        changed_by -> Binary,
        changed_at -> BigInt,
    }
}

diesel::table! {
    order_numbers (practice_id, number_key, patient_id) {
        practice_id -> Binary,
        number_key -> Binary,
        patient_id -> Binary,
        seen_at -> BigInt,
    }
}

diesel::table! {
    finding_holds (finding_id) {
        finding_id -> Binary,
        held_until -> Nullable<BigInt>,
        talked_at -> Nullable<BigInt>,
        shows_at -> Nullable<BigInt>,
        critical -> Integer,
    }
}
