//! The tables about who signs in: organisations and their people, software, residents and their phones, sessions.

diesel::table! {
    organisations (id) {
        id -> Binary,
        kind -> Text,
        name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    staff (id) {
        id -> Binary,
        login -> Text,
        password_hash -> Nullable<Text>,
        created_at -> BigInt,
        locked_at -> Nullable<BigInt>,
        totp_sealed -> Nullable<Binary>,
        totp_last_step -> Nullable<BigInt>,
        factors_changed_at -> Nullable<BigInt>,
        factors_change -> Nullable<Text>,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Binary,
        staff_id -> Binary,
        credential_id -> Binary,
        stored -> Binary,
        label -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    ceremonies (id) {
        id -> Binary,
        kind -> Text,
        whose_key -> Binary,
        state_sealed -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    throttles (login_key) {
        login_key -> Binary,
        failed_count -> Integer,
        failed_at -> BigInt,
    }
}

diesel::table! {
    enrolments (id) {
        id -> Binary,
        staff_id -> Binary,
        secret_hash -> Binary,
        reason -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    discretions (resident_id, practice_id) {
        resident_id -> Binary,
        practice_id -> Binary,
        notice -> Integer,
        put_away -> Integer,
    }
}

diesel::table! {
    memberships (staff_id, organisation_id) {
        staff_id -> Binary,
        organisation_id -> Binary,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        duty -> Nullable<Text>,
    }
}

diesel::table! {
    upload_credentials (id) {
        id -> Binary,
        practice_id -> Binary,
        created_by -> Binary,
        label_sealed -> Binary,
        token_hash -> Binary,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    software_clients (id) {
        id -> Binary,
        practice_id -> Binary,
        created_by -> Binary,
        label_sealed -> Binary,
        public_key -> Binary,
        key_thumbprint -> Binary,
        created_at -> BigInt,
        keyed_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        suspended_at -> Nullable<BigInt>,
        bad_count -> Integer,
        bad_since -> Nullable<BigInt>,
    }
}

diesel::table! {
    software_tokens (access_hash) {
        access_hash -> Binary,
        client_id -> Binary,
        key_thumbprint -> Nullable<Binary>,
        certificate_hash -> Nullable<Binary>,
        issued_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    pairings (id) {
        id -> Binary,
        device_code_hash -> Binary,
        user_code_key -> Binary,
        label_sealed -> Binary,
        public_key -> Binary,
        state -> Text,
        interval_seconds -> Integer,
        polled_at -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
        network_key -> Binary,
    }
}

diesel::table! {
    pairing_failures (staff_id) {
        staff_id -> Binary,
        failed_count -> Integer,
        failed_at -> BigInt,
    }
}

diesel::table! {
    assertions_seen (jti_hash) {
        jti_hash -> Binary,
        replay_until -> BigInt,
    }
}

diesel::table! {
    residents (id) {
        id -> Binary,
        language -> Text,
        notice_address_sealed -> Nullable<Binary>,
        notify_first_access -> BigInt,
        created_at -> BigInt,
        rules_epoch -> BigInt,
        release_wish -> Text,
    }
}

diesel::table! {
    push_subscriptions (device_id) {
        device_id -> Binary,
        resident_id -> Binary,
        endpoint_sealed -> Binary,
        target_sealed -> Binary,
        code_sealed -> Nullable<Binary>,
        created_at -> BigInt,
        due_at -> Nullable<BigInt>,
        urgent -> Integer,
        attempts -> Integer,
        leased_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    devices (id) {
        id -> Binary,
        resident_id -> Binary,
        holder_kind -> Text,
        holder_hash -> Binary,
        pin_hash -> Text,
        name_sealed -> Nullable<Binary>,
        created_at -> BigInt,
        last_used_at -> BigInt,
        unbound_at -> Nullable<BigInt>,
        unbound_reason -> Nullable<Text>,
        failed_count -> Integer,
        failed_at -> Nullable<BigInt>,
        reminder_due_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Binary,
        kind -> Text,
        resident_id -> Nullable<Binary>,
        device_id -> Nullable<Binary>,
        staff_id -> Nullable<Binary>,
        organisation_id -> Nullable<Binary>,
        key_thumbprint -> Nullable<Binary>,
        authenticated_at -> BigInt,
        last_used_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    token_pairs (session_id, number) {
        session_id -> Binary,
        number -> Integer,
        follows -> Nullable<Integer>,
        access_hash -> Binary,
        access_expires_at -> BigInt,
        refresh_hash -> Nullable<Binary>,
        issued_at -> BigInt,
        used_at -> Nullable<BigInt>,
        retries -> Integer,
    }
}

diesel::table! {
    authorization_codes (code_hash) {
        code_hash -> Binary,
        staff_id -> Binary,
        organisation_id -> Binary,
        client_id -> Text,
        redirect_uri -> Text,
        challenge -> Binary,
        key_thumbprint -> Nullable<Binary>,
        authenticated_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        session_id -> Nullable<Binary>,
    }
}

diesel::table! {
    security_events (id) {
        id -> Binary,
        resident_id -> Nullable<Binary>,
        staff_id -> Nullable<Binary>,
        kind -> Text,
        device_id -> Nullable<Binary>,
        by_device -> Nullable<Binary>,
        by_session -> Nullable<Binary>,
        created_at -> BigInt,
        disowned_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    device_links (id) {
        id -> Binary,
        resident_id -> Binary,
        made_by -> Binary,
        secret_hash -> Binary,
        state -> Text,
        created_at -> BigInt,
        tries -> Integer,
        number -> Nullable<Integer>,
        holder_kind -> Nullable<Text>,
        holder_hash -> Nullable<Binary>,
        pin_hash -> Nullable<Text>,
        name_sealed -> Nullable<Binary>,
        device_id -> Nullable<Binary>,
    }
}

diesel::table! {
    encounters (id) {
        id -> Binary,
        resident_id -> Binary,
        aim -> Text,
        stage -> Text,
        code_hash -> Binary,
        consent_id -> Nullable<Binary>,
        minutes -> Nullable<Integer>,
        staff_id -> Nullable<Binary>,
        organisation_id -> Nullable<Binary>,
        other_id -> Nullable<Binary>,
        called_sealed -> Nullable<Binary>,
        number -> Nullable<Integer>,
        tries -> Integer,
        created_at -> BigInt,
        ends_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    recovery_sheets (id) {
        id -> Binary,
        resident_id -> Binary,
        code_hash -> Binary,
        state -> Text,
        created_at -> BigInt,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    recoveries (id) {
        id -> Binary,
        resident_id -> Binary,
        sheet_id -> Binary,
        state -> Text,
        started_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        holder_kind -> Text,
        holder_hash -> Binary,
        pin_hash -> Text,
        name_sealed -> Nullable<Binary>,
        device_id -> Nullable<Binary>,
    }
}

diesel::table! {
    approvals (id) {
        id -> Binary,
        act -> Text,
        why -> Text,
        resident_id -> Binary,
        reason_sealed -> Nullable<Binary>,
        asked_by -> Binary,
        organisation_id -> Binary,
        asked_at -> BigInt,
        state -> Text,
        decided_by -> Nullable<Binary>,
        decided_at -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    questions (id) {
        id -> Binary,
        resident_id -> Binary,
        body_sealed -> Binary,
        written_at -> BigInt,
        answered_at -> Nullable<BigInt>,
    }
}
